"""vidrestore: restores the faces in videos.

Importing this package imports neither torch nor OpenCV: a public name is loaded when it is used.
What jobs do is logged under "vidrestore", silently unless the program asks for it.
"""

from __future__ import annotations

import logging
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vidrestore.api import (
        Interrupted,
        RestoredImage,
        Session,
        compare_videos,
        estimate,
        frame_from_rgb,
        inspect_video,
        restore_video,
        to_rgb,
    )
    from vidrestore.config import Config
    from vidrestore.config.presets import preset_names
    from vidrestore.datatypes import Face, Frame
    from vidrestore.errors import (
        ConfigError,
        DeviceError,
        InputError,
        ModelError,
        OutputError,
        VidrestoreError,
    )
    from vidrestore.report import (
        Comparison,
        Estimate,
        Inspection,
        ModelUsed,
        Preview,
        Progress,
        Report,
        read_report,
    )
    from vidrestore.stages import Detector, Restorer

__version__ = "0.1.0"

__all__ = [
    "Comparison",
    "Config",
    "ConfigError",
    "Detector",
    "DeviceError",
    "Estimate",
    "Face",
    "Frame",
    "InputError",
    "Inspection",
    "Interrupted",
    "ModelError",
    "ModelUsed",
    "OutputError",
    "Preview",
    "Progress",
    "Report",
    "RestoredImage",
    "Restorer",
    "Session",
    "VidrestoreError",
    "__version__",
    "compare_videos",
    "estimate",
    "frame_from_rgb",
    "inspect_video",
    "preset_names",
    "read_report",
    "restore_video",
    "to_rgb",
]

_HOMES = {
    "vidrestore.api": (
        "Interrupted",
        "RestoredImage",
        "Session",
        "compare_videos",
        "estimate",
        "frame_from_rgb",
        "inspect_video",
        "restore_video",
        "to_rgb",
    ),
    "vidrestore.config": ("Config",),
    "vidrestore.datatypes": ("Face", "Frame"),
    "vidrestore.stages": ("Detector", "Restorer"),
    "vidrestore.errors": (
        "ConfigError",
        "DeviceError",
        "InputError",
        "ModelError",
        "OutputError",
        "VidrestoreError",
    ),
    "vidrestore.config.presets": ("preset_names",),
    "vidrestore.report": (
        "Comparison",
        "Estimate",
        "Inspection",
        "ModelUsed",
        "Preview",
        "Progress",
        "Report",
        "read_report",
    ),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

logging.getLogger(__name__).addHandler(logging.NullHandler())


def __getattr__(name: str) -> Any:
    """Load a public name on first use (PEP 562)."""
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
