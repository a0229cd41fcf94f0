"""Floor 5: what a person holds: start(), the magics, the command line."""
