"""What reading a part of a video found, beside the pictures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from vidrestore.video.facts.damage import Damage


@dataclass(slots=True)
class Decoded:
    """Facts of the pictures read so far; those of parts read one by one are put together.

    Attributes:
        damage: what was wrong with them.
        captioned: pictures that carry closed captions.
        deinterlaced: stored pictures that were deinterlaced.
        end: when the file's last picture ends, seconds of its clock; None until that is known.
    """

    damage: Damage
    captioned: int = 0
    deinterlaced: int = 0
    end: Fraction | None = None

    def as_dict(self) -> dict[str, object]:
        """What JSON can hold."""
        return {
            "damage": self.damage.as_dict(),
            "captioned": self.captioned,
            "deinterlaced": self.deinterlaced,
            "end": None if self.end is None else str(self.end),
        }

    def extend(self, data: Mapping[str, Any]) -> None:
        """Add what ``as_dict`` gave of the part that follows."""
        self.damage.extend(data["damage"])
        self.captioned += data["captioned"]
        self.deinterlaced += data["deinterlaced"]
        if data["end"] is not None:
            self.end = Fraction(data["end"])
