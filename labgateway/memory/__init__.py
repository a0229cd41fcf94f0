"""Floor 3: what is remembered; mutable state, each behind one lock."""
