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


def terms(model: ModelUsed, version: str) -> Mapping[str, str]:
    """The IPTC's terms for a photo, by name; the arguments are those of ``tags``."""
    known = tags(model, version)
    found = {"DigitalSourceType": known["digital_source_type"]}
    if model.name != NO_MODEL:
        sha256 = f", SHA-256 {model.sha256}" if model.sha256 else ""
        found["AISystemUsed"] = f"vidrestore, model {model.name}{sha256}"
        found["AISystemVersionUsed"] = version
    return found


def tags(model: ModelUsed, version: str) -> Mapping[str, str]:
    """Tags of a container, by name.

    Args:
        model: what restored the faces, "none" for no network at all.
        version: of vidrestore.
    """
    if model.name == NO_MODEL:
        return {
            "vidrestore": f"faces averaged over time by vidrestore {version}, no model",
            "digital_source_type": ENHANCED,
        }
    sha256 = f", SHA-256 {model.sha256}" if model.sha256 else ""
    return {
        "vidrestore": f"faces restored by vidrestore {version}, model {model.name}{sha256}",
        "digital_source_type": MADE_BY_A_MODEL,
    }
