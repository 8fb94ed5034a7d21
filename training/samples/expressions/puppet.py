"""A portrait that can be moved.

Skin moves by thin-plate splines through the points of a face mesh: one field for what hangs on
the skull and one for the lower lip and jaw, joined without a seam beside the mouth. Lids and gaze
are drawn by themselves (``eye``), and so is what shows between the lips (``mouth``). A motion of
nothing gives the portrait bit for bit.

Limits: reflections on glasses move or vanish with the lid; deep-set eyes and faces turned by more
than about 20 degrees give smeared lids; lashes are a dark line; laughing faces stay so about the
cheeks when the mouth closes; nothing is blurred by its own motion.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from training.samples.expressions.curves import Floats, curve, edge, smoothstep
from training.samples.expressions.eye import Eye
from training.samples.expressions.motion import Motion
from training.samples.expressions.mouth import Mouth
from training.samples.expressions.skin import CHEEKS, LEFT_CORNER, RIGHT_CORNER, Skin
from training.samples.expressions.spline import at, inverse

View = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """A frame.

    Attributes:
        image: (H, W, 3) uint8.
        mapping: (H, W, 2) float32, the portrait's xy that each pixel shows; gaze is not in it.
        eyes: (H, W) 0 to 1, what lies between the portrait's lids, and lids drawn over it.
        mouth: (H, W) 0 to 1, what lies between the lips, where the mapping says nothing.
    """

    image: NDArray[np.uint8]
    mapping: Floats
    eyes: Floats
    mouth: Floats


class Puppet:
    """A portrait with its mesh.

    Args:
        image: (S, S, 3) uint8; the colours come back in their order.
        points: (478, 2) xy px of MediaPipe's face mesh with irises.
        groups: names of features to indices of points, as "upper_lid_r" or "lips_in_lower".
    """

    def __init__(
        self, image: NDArray[np.uint8], points: Floats, groups: dict[str, list[int]]
    ) -> None:
        p = points.astype(np.float64)
        self._image, self._size = image, image.shape[0]
        self._eyes = [_eye(image, p, groups, side) for side in "rl"]
        self._inner = (p[groups["lips_in_upper"]], p[groups["lips_in_lower"]])
        self._skin = Skin(p, groups, self._size)
        lips = [*groups["lips_out_upper"], *groups["lips_out_lower"]]
        self._width = float(np.linalg.norm(p[LEFT_CORNER] - p[RIGHT_CORNER]))
        self._mouth = Mouth(
            image,
            upper=self._inner[0],
            lower=self._inner[1],
            lips=p[lips],
            cheeks=p[CHEEKS],
            width=self._width,
            gap=self._skin.gap,
        )

    def forward(self, points: Floats, motion: Motion, t: int, *, jaw: bool = False) -> Floats:
        """Where (N, 2) points of the portrait's skin are in frame t; ``jaw``: of the lower lip."""
        moved = points + at(self._skin.field(motion, t, jaw=jaw), points)
        return cv2.perspectiveTransform(moved[None].astype(np.float64), motion.head[t])[0]

    def frame(self, motion: Motion, t: int, view: View | None = None) -> Drawn:
        """Draw a frame.

        Args:
            motion: what moves.
            t: which frame.
            view: x0, y0, x1, y1, the part to draw; all of it if None.
        """
        x0, y0, x1, y1 = view or (0, 0, self._size, self._size)
        image, eyes, rises = self._with_eyes(motion, t)
        axes = np.arange(x0, x1), np.arange(y0, y1)
        grid = np.stack(np.meshgrid(*axes), -1).astype(np.float32)
        base, head = grid, motion.head[t]
        if not np.allclose(head, np.eye(3)):
            base = cv2.perspectiveTransform(grid, np.linalg.inv(head)).astype(np.float32)
        fields = [inverse(self._skin.field(motion, t, jaw=jaw)) for jaw in (False, True)]
        skull, jaw_ = (base + at(field, base) for field in fields)
        upper, lower, beyond = self._lips(motion, t, grid[0, :, 0])
        place = (grid[..., 1] - (upper + lower) / 2) / (1.0 + 0.7 * beyond) / 2 + 0.5
        mapping = skull + smoothstep(place).astype(np.float32)[..., None] * (jaw_ - skull)
        border = cv2.BORDER_REFLECT_101
        out = cv2.remap(image, mapping, None, cv2.INTER_CUBIC, borderMode=border)
        mouth = edge(grid[..., 1] - upper) * edge(lower - grid[..., 1]) * (beyond == 0)
        moved = max(abs(float(motion.mouth[t])) / 0.06, abs(float(motion.smile[t])) / 0.3)
        if moved > 0 and mouth.any():
            rows, columns = np.flatnonzero(mouth.any(1)), np.flatnonzero(mouth.any(0))
            box = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
            below = (lower - y0)[None, box[1]] - np.arange(rows[0], rows[-1] + 1)[:, None]
            inside = self._mouth.draw(base[box], below, motion.teeth, motion.lower_teeth)
            alpha = smoothstep(moved) * cv2.GaussianBlur(mouth, (0, 0), 0.7)[box][..., None]
            out[box] = np.clip(out[box] + alpha * (inside - out[box]) + 0.5, 0, 255)
        shown = mapping.copy()
        shown[..., 1] += _sample(rises, mapping)
        return Drawn(out, shown, _sample(eyes, mapping), mouth)

    def _with_eyes(self, motion: Motion, t: int) -> tuple[NDArray[np.uint8], Floats, Floats]:
        """The portrait with its eyes drawn, what they touch, and how far rows are displaced."""
        image = self._image.copy()
        touched, rises = (np.zeros((self._size, self._size), np.float32) for _ in range(2))
        for number, eye in enumerate(self._eyes):
            drawn = eye.draw(float(motion.lids[t, number]), motion.gaze[t])
            image[eye.box] = np.clip(drawn.pixels + 0.5, 0, 255)
            rises[eye.box], touched[eye.box] = drawn.rows - eye.y, drawn.touched
        return image, touched, rises

    def _lips(self, motion: Motion, t: int, columns: Floats) -> tuple[Floats, Floats, Floats]:
        """The y of both lips' inner rims over columns, and px that a column is beside the mouth."""
        lines = [
            self.forward(rim, motion, t, jaw=jaw)
            for rim, jaw in zip(self._inner, (False, True), strict=True)
        ]
        upper, lower = (curve(line, columns) for line in lines)
        left, right = (end(line[:, 0]) for end, line in zip((np.min, np.max), lines, strict=True))
        beyond = np.maximum(np.maximum(left - columns, columns - right), 0)
        return upper, np.maximum(upper, lower), beyond


def _eye(image: NDArray[np.uint8], p: Floats, groups: dict[str, list[int]], side: str) -> Eye:
    return Eye(
        image,
        p[groups[f"upper_lid_{side}"]],
        p[groups[f"lower_lid_{side}"]],
        p[groups[f"iris_{side}"]],
        p[groups[f"brow_{side}"][5:]],
    )


def _sample(picture: Floats, places: Floats) -> Floats:
    border = cv2.BORDER_REPLICATE
    return cv2.remap(picture, places, None, cv2.INTER_LINEAR, borderMode=border)
