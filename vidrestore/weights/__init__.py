"""Every weight file: what ships, what installed packages bring, what is fetched; and reading them."""
