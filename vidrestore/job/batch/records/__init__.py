"""What is known of every file, in a table that processes share."""
