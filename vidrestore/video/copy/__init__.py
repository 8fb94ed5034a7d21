"""Every stream that is not restored: copied, converted, or left out and reported."""
