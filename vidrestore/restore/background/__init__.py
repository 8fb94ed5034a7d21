"""What is not face, enlarged or cleaned by a network of its own."""
