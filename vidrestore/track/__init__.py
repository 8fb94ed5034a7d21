"""Following faces through time: cuts, identities, and landmarks that are calm without lag."""
