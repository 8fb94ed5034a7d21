"""The clip that `make demo` restores, and the scripts around it."""
