"""Floor 1: types that are valid once they exist."""
