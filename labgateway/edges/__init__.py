"""Floor 4: sockets, processes and async; nothing else touches the outside."""
