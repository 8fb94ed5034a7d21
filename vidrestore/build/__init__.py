"""The one place that turns options into concrete stages, sources and sinks."""

from vidrestore.build.files import (
    RedrawScaler,
    build_copy_scaler,
    build_photo_scaler,
    build_scaler,
    build_sink,
    build_source,
    build_upscaler,
    target_of,
)
from vidrestore.build.finding import (
    Finder,
    build_detector,
    build_finder,
    build_finding,
    build_photo_finding,
    upright_detector,
)
from vidrestore.build.processes import threads_for, use_threads, worker_devices
from vidrestore.build.restoring import build_photo_restoring, build_restoring
from vidrestore.build.task import COLOUR_REACH, paints_damage
from vidrestore.engines import (
    Engine,
    Inpainting,
    build_engine,
    build_inpainting,
    given_engine,
)
from vidrestore.pipeline import Worker

__all__ = [
    "COLOUR_REACH",
    "Engine",
    "Finder",
    "Inpainting",
    "RedrawScaler",
    "Worker",
    "build_copy_scaler",
    "build_detector",
    "build_engine",
    "build_finder",
    "build_finding",
    "build_inpainting",
    "build_photo_finding",
    "build_photo_restoring",
    "build_photo_scaler",
    "build_restoring",
    "build_scaler",
    "build_sink",
    "build_source",
    "build_upscaler",
    "given_engine",
    "paints_damage",
    "target_of",
    "threads_for",
    "upright_detector",
    "use_threads",
    "worker_devices",
]
