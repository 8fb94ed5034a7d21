"""What the command line says: lines, progress, summaries, in the words of a terminal."""
