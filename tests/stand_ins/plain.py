"""Options under which a test sees what it is about, and nothing else."""

from __future__ import annotations

from typing import Final

from vidrestore import Config

PLAIN: Final = Config().with_options(
    {
        "restore.adaptive": False,
        "paste.occlusion": False,
        "paste.colour": False,
        "paste.grain": 0,
        "track.smoothing": 0,
        "track.lookback": 0,
        "temporal.denoise": 0,
        "temporal.blend": 0,
        "film.deflicker": "off",
        "film.repair": "off",
    }
)
"""Nothing holds fakes back, every frame stands for itself, and no network is loaded."""
