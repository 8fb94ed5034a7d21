"""The container that is written, and what FFmpeg's muxers cannot be told of it."""
