"""Sound that is copied: its configuration, its times, one rate and layout for all of it."""
