"""Every frame of a file from source to sink, and nothing restored."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from vidrestore.config import EncoderConfig, InputConfig, OutputConfig
from vidrestore.video import VideoSource, open_sink

# Every stream bit for bit, or no result.
COPY = {"audio": "copy", "subtitles": "copy", "video": "copy", "attachments": "copy"}


def passed_through(source: Path, out: Path, **options: Any) -> list[str]:
    """Restore nothing: every frame from source to sink; gives the sink's warnings."""
    window = {key: options.pop(key) for key in ("start", "end") if key in options}
    overwrite = options.pop("overwrite", False)
    result = OutputConfig(**options.pop("output", {}))
    config = InputConfig(**options.pop("input", {}))
    options.setdefault("speed", "ultrafast")
    frames = VideoSource(source, config=config, **window)
    sink = open_sink(frames, out, EncoderConfig(**options), result, overwrite=overwrite)
    for frame in frames:
        sink.push(frame)
    sink.finish()
    frames.close()
    return sink.warnings
