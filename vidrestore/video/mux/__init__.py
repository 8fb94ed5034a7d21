"""The container that is written, and what FFmpeg's muxers cannot write of it."""
