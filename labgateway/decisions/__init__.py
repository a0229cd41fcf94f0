"""Floor 2: pure functions that decide; no I/O, no clock, no async."""
