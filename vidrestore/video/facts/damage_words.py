"""The kinds of damage, and how each is reported."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

Kind = Literal[
    "unread",
    "undecodable",
    "flagged",
    "missing",
    "concealed",
    "repeated",
    "leading",
    "untimed",
    "resized",
    "reshaped",
    "moved",
    "unwritable",
    "resampled",
]


class Told(NamedTuple):
    """How a kind is reported.

    Attributes:
        one: of a single one.
        many: of several.
        done: what was done about it, for programs.
    """

    one: str
    many: str
    done: str


WORDS: Final[dict[Kind, Told]] = {
    "unread": Told(
        "stretch of the file could not be read and was passed over",
        "stretches of the file could not be read and were passed over",
        "passed over",
    ),
    "undecodable": Told(
        "damaged packet could not be decoded",
        "damaged packets could not be decoded",
        "left out",
    ),
    "flagged": Told(
        "packet arrived damaged or after a gap",
        "packets arrived damaged or after a gap",
        "used as it is",
    ),
    "missing": Told(
        "frame is missing from the file",
        "frames are missing from the file",
        "nothing stands in; what is around it keeps its time",
    ),
    "concealed": Told(
        "damaged frame is shown as the decoder could conceal it",
        "damaged frames are shown as the decoder could conceal them",
        "shown as the decoder conceals it",
    ),
    "repeated": Told(
        "lost frame is replaced by the one before it",
        "lost frames are replaced by the one before them",
        "replaced by the frame before, at its own time",
    ),
    "leading": Told(
        "frame before the first that can be decoded is missing",
        "frames before the first that can be decoded are missing",
        "left out",
    ),
    "untimed": Told(
        "frame without a usable time stamp, estimated",
        "frames without a usable time stamp, estimated",
        "time estimated",
    ),
    "resized": Told(
        "frame of another size, aspect or format is fitted into the first one's",
        "frames of another size, aspect or format are fitted into the first one's",
        "scaled to the first frame's shape, with bars",
    ),
    "reshaped": Told(
        "frame whose pixels have another aspect is shown with the first one's, out of shape",
        "frames whose pixels have another aspect are shown with the first one's, out of shape",
        "written as it is",
    ),
    "moved": Told(
        "packet ran backwards in time and was moved",
        "packets ran backwards in time and were moved",
        "moved on in time",
    ),
    "unwritable": Told(
        "damaged packet could not be copied",
        "damaged packets could not be copied",
        "left out",
    ),
    "resampled": Told(
        "packet of sound had another rate or other channels and was converted to the first's",
        "packets of sound had another rate or other channels and were converted to the first's",
        "written anew at the first one's rate",
    ),
}
