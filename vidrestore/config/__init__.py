"""Every option of vidrestore, each standing once: name, meaning, unit, range and default.

The command line's flags (``--section.option``), the presets' keys and the documentation derive from
these models. They are frozen and strict: an unknown key or a value out of range is refused. A file
has the sections of a neighbourhood; ``configuration.py`` puts them together.
"""

from vidrestore.config.align import AlignConfig
from vidrestore.config.batch import BatchConfig
from vidrestore.config.configuration import Config
from vidrestore.config.detect import DetectConfig, TrackConfig
from vidrestore.config.endings import CONTAINERS, PHOTOS, PICTURES, VIDEOS, video_ending
from vidrestore.config.input import InputConfig, InterlacedConfig
from vidrestore.config.job import JobConfig, PipelineConfig
from vidrestore.config.output import PYAV_CODECS, EncoderConfig, OutputConfig
from vidrestore.config.restore import NO_MODEL, PasteConfig, RestoreConfig
from vidrestore.config.temporal import FilmConfig, TemporalConfig

__all__ = [
    "CONTAINERS",
    "NO_MODEL",
    "PHOTOS",
    "PICTURES",
    "PYAV_CODECS",
    "VIDEOS",
    "AlignConfig",
    "BatchConfig",
    "Config",
    "DetectConfig",
    "EncoderConfig",
    "FilmConfig",
    "InputConfig",
    "InterlacedConfig",
    "JobConfig",
    "OutputConfig",
    "PasteConfig",
    "PipelineConfig",
    "RestoreConfig",
    "TemporalConfig",
    "TrackConfig",
    "video_ending",
]
