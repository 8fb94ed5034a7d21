"""How the default model is trained, exported and judged."""
