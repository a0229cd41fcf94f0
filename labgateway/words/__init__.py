"""Floor 0: words that everything else is said with; imports nothing of ours."""
