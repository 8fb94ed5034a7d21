"""Weight files: what ships, what installed packages bring, what is fetched; and reading them."""
