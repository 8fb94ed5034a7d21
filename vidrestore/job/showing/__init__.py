"""Jobs that show: what settings do to a video, and how two videos differ."""
