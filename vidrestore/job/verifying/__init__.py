"""A finished job looked at again: files by their hashes, pictures outside the faces, all anew."""
