"""GPEN: the network, its files, and the forms in which it computes fast."""
