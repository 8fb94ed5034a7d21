"""Results that appear under their names only when whole."""
