"""How an expression changes over time."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.random import Generator

from training.samples.expressions.curves import Floats

_GRINS = 0.12
"""Part of the faces whose teeth meet or nearly do, with both rows to be seen."""


@dataclass(frozen=True, slots=True)
class Motion:
    """Parameters over time, one row a frame.

    Attributes:
        lids: (T, 2) closure of the eye on the picture's left and right, 0 as in the portrait, 1
            shut.
        gaze: (T, 2) right and down, -1 to 1; looking down takes the lids along.
        mouth: (T,) -1 closes what is open in the portrait, 1 opens it by 0.45 of its width.
        smile: (T,) -1 to 1, the corners of the mouth out and up, or in and down.
        brow: (T,) -0.5 to 1, raised brows.
        head: (T, 3, 3) projective matrices: where the portrait's pixels go.
        teeth: 0 to 1, how much of the upper teeth shows where the portrait has the mouth shut.
        lower_teeth: 0 to 1, how far the lower teeth stand out of the lower lip.
    """

    lids: Floats
    gaze: Floats
    mouth: Floats
    smile: Floats
    brow: Floats
    head: Floats = field(repr=False)
    teeth: float = 0.6
    lower_teeth: float = 0.0

    def __len__(self) -> int:
        """Frames."""
        return len(self.mouth)


def moment(rng: Generator, *, shuts: bool, head: Floats) -> Motion:
    """One frame of any expression: lids, gaze, mouth, smile and brows, each on its own.

    A third has shut lids and a third has them partly so, where they can be drawn; half of the open
    mouths show lower teeth.

    Args:
        rng: draws it.
        shuts: whether lids drawn on this portrait look like lids.
        head: (3, 3), where the portrait's pixels go.
    """
    lids, kind = np.zeros((1, 2)), rng.random()
    if shuts and kind < 0.65:
        both = rng.uniform(0.95, 1.0) if kind < 0.32 else rng.uniform(0.1, 0.9)
        lids = both * rng.uniform(0.95, 1.0, (1, 2))
    gaze = rng.normal(0, [[0.4, 0.3]]).clip([-1, -0.4], [1, 0.9]) * (rng.random() < 0.5)
    speaks = rng.random() < 0.8
    closes = np.maximum(rng.uniform(-1.5, 0.0, 1), -1.0)  # a third of them altogether
    opens = 0.75 * rng.random(1) ** 1.3
    mouth = (opens if rng.random() < 0.4 else closes) * speaks
    smile = rng.normal(-0.1, 0.35, 1) * speaks
    brow = rng.uniform(-0.3, 0.8, 1) * (rng.random() < 0.4)
    teeth = float(rng.uniform(0, 1))
    lower_teeth = float(rng.uniform(0.2, 1.0) * (rng.random() < 0.5))
    if rng.random() < _GRINS:
        mouth, smile = rng.uniform(0.03, 0.3, 1), rng.normal(0.1, 0.25, 1)
        lower_teeth = float(rng.uniform(0.4, 1.0))
    return Motion(lids, gaze, mouth, smile, brow, head[None], teeth, lower_teeth)
