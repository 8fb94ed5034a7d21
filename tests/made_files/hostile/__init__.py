"""Files made to do harm, of every kind that is read."""
