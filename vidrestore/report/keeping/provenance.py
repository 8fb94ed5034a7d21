"""What a result says of itself: that faces in it were restored, by what, and what that is called.

The terms are those of the IPTC's NewsCodes, "digital source type".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from vidrestore.config import NO_MODEL
from vidrestore.report.types import ModelUsed

_TYPES: Final = "http://cv.iptc.org/newscodes/digitalsourcetype/"
MADE_BY_A_MODEL: Final = _TYPES + "compositeWithTrainedAlgorithmicMedia"
"""A picture of a camera, parts of which a trained model has made."""
ENHANCED: Final = _TYPES + "algorithmicallyEnhanced"
"""A picture of a camera, enhanced by rules."""


def terms(model: ModelUsed, version: str, inpainting: ModelUsed | None = None) -> Mapping[str, str]:
    """The IPTC's terms for a photo, by name; the arguments are those of ``tags``."""
    known = tags(model, version, inpainting)
    found = {"DigitalSourceType": known["digital_source_type"]}
    used = ([] if model.name == NO_MODEL else [model]) + ([inpainting] if inpainting else [])
    if used:
        found["AISystemUsed"] = ", ".join(["vidrestore", *map(_named, used)])
        found["AISystemVersionUsed"] = version
    return found


def tags(model: ModelUsed, version: str, inpainting: ModelUsed | None = None) -> Mapping[str, str]:
    """Tags of a container, by name.

    They are written before the first frame, so they say what was done and not what was found.

    Args:
        model: what restored the faces, "none" for no network at all.
        version: of vidrestore.
        inpainting: what paints damage of faces; None without a network.
    """
    if model.name == NO_MODEL:
        done = f"processed by vidrestore {version}, which averages faces over time, no model"
    else:
        done = f"processed by vidrestore {version}, which restores faces, {_named(model)}"
    if inpainting is not None:
        done += f", damage painted by {_named(inpainting)}"
    made = model.name != NO_MODEL or inpainting is not None
    return {"vidrestore": done, "digital_source_type": MADE_BY_A_MODEL if made else ENHANCED}


def _named(model: ModelUsed) -> str:
    return f"model {model.name}" + (f", SHA-256 {model.sha256}" if model.sha256 else "")
