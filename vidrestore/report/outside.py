"""What was done to pictures outside the faces, because the options asked for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def beyond_faces(settings: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """What a job changes outside the faces before encoding, as far as its options tell.

    Args:
        settings: of the job, by section and name; what is missing was not asked for.

    Returns:
        For each cause, by the option that asks for it, a clause that says what was done.
    """

    def given(section: str, option: str) -> Any:
        return settings.get(section, {}).get(option)

    causes = {
        "film.deflicker": (
            given("film", "deflicker") == "frame",
            "flicker was taken out of whole frames",
        ),
        "film.repair": (
            given("film", "repair") == "frame",
            "specks and scratches were taken out of whole frames",
        ),
        "input.mask": (
            given("input", "mask") is not None,
            "what a mask covers was filled in",
        ),
        "output.background": (
            given("output", "background") is not None,
            "what is not face was redrawn",
        ),
        "output.scale": (
            given("output", "scale") not in (None, 1) or given("output", "height") is not None,
            "the picture was enlarged",
        ),
        "output.compatible": (
            bool(given("output", "compatible")),
            "the picture was converted, as far as it had to be, to what plays everywhere",
        ),
    }
    return {option: told for option, (applies, told) in causes.items() if applies}
