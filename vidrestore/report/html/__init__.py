"""Pages that show what was done: of a file, and of many; each in one file, without a network."""
