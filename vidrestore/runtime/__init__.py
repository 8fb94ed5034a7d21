"""How work is run: processes with limits, threads that may be left behind, imports to cure."""
