"""What an archivist keeps: hashes, manifests, bags, and what a result says of itself."""
