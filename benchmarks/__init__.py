"""Speed, memory and quality: scripts that print a table and write JSON."""
