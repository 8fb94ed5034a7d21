"""What the program says, word by word: pages that a script writes and a test compares."""
