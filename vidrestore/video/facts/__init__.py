"""What is known of a file: its streams, colours, tags and times, and what was wrong with it."""
