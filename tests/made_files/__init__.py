"""Media files made by code: a maker for each property that a test needs."""
