"""What there is to restore, what results are called, and how each file is to be restored."""
