"""``vidrestore batch``: the run itself, and what looks at its table."""
