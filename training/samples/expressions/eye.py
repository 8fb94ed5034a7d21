"""One eye of a portrait, drawn with lids and gaze as asked.

A lid is the skin above the eye drawn down and stretched under its fold, over an eye that is not
squeezed; what a turned eye uncovers is filled from its own white.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from training.samples.expressions.curves import Floats, curve, edge, filled, smoothstep

_REACH = 48  # px above the lid that are looked at for skin


class DrawnEye(NamedTuple):
    """What an eye's patch shows.

    Attributes:
        pixels: (h, w, 3) float32 levels.
        rows: (h, w) the y of the portrait that each pixel shows.
        touched: (h, w) 0 to 1, what is eye or lid drawn over it.
    """

    pixels: Floats
    rows: Floats
    touched: Floats


class Eye:
    """An eye of a portrait.

    Args:
        image: (S, S, 3) uint8 levels.
        upper: (N, 2) xy px along the upper lid.
        lower: the same of the lower lid.
        iris: (5, 2), its middle and four points of its rim.
        brow: (N, 2) along the brow.
    """

    def __init__(
        self, image: Floats, upper: Floats, lower: Floats, iris: Floats, brow: Floats
    ) -> None:
        self.width = float(np.ptp(upper[:, 0]))
        x0, x1 = int(upper[:, 0].min()) - 8, int(upper[:, 0].max()) + 9
        columns = np.arange(x0, x1)
        self.up = curve(upper, columns)
        self.low = np.maximum(curve(lower, columns), self.up)
        self.height = float((self.low - self.up).max())
        brows = np.interp(columns, *brow[np.argsort(brow[:, 0])].T)
        room = np.clip(self.up - brows, 4, None)
        self.zone = self._skin_above(image, columns, np.minimum(0.8 * room, 0.8 * self.width))
        y0 = int((self.up - self.zone).min()) - 4
        y1 = int(self.low.max() + 0.4 * self.width) + 3
        self.box = (slice(y0, y1), slice(x0, x1))
        self.source = image[self.box].astype(np.float32)
        rows = np.arange(y0, y1, dtype=np.float32)
        self.x, self.y = np.meshgrid(columns.astype(np.float32), rows)
        self.open = edge(self.y - self.up) * edge(self.low - self.y)
        self.centre = iris[0].astype(np.float32)
        self.radius = float(np.linalg.norm(iris[1:] - iris[0], axis=1).mean())
        self.tone = self._tone(image, columns)
        self.white, self.iris = self._white(), self._iris()
        self.lash = self._lash()

    def _skin_above(self, image: Floats, columns: Floats, zone: Floats) -> Floats:
        """How far up there is skin: brows and rims of glasses are darker than the cheek."""
        green = image[..., 1].astype(np.float32)
        last = len(green) - 1
        steps = np.arange(_REACH)[:, None]
        rows = (self.up[None] - steps).clip(0, last).astype(np.float32)
        at = np.repeat(columns[None].astype(np.float32), _REACH, 0)
        above = cv2.remap(green, at, rows, cv2.INTER_LINEAR)
        below = [green[(self.low + d).astype(int).clip(0, last), columns] for d in range(6, 16)]
        dark = (above < 0.42 * np.median(below)) & (steps > 0.2 * self.width)
        found = np.where(dark.any(0), dark.argmax(0), _REACH).astype(np.float32) - 2
        least = cv2.erode(np.minimum(found, zone).astype(np.float32)[None], np.ones((1, 7)))
        smooth = cv2.GaussianBlur(least, (0, 0), 4, borderType=cv2.BORDER_REPLICATE)[0]
        return np.clip(smooth, 0.25 * self.width, None)

    def _tone(self, image: Floats, columns: Floats) -> Floats:
        """(1, w, 3) colour of a shut lid: between the light skin above the eye and that below."""
        last = len(image) - 1

        def pick(rows: list[Floats]) -> Floats:
            found = [image[r.astype(int).clip(0, last), columns] for r in rows]
            return np.stack(found).astype(np.float32)

        above = pick([self.up - 3 - k * (self.zone - 3) for k in np.linspace(0, 1, 12)])
        order = np.argsort(above.sum(2), 0)[..., None]
        light = np.take_along_axis(above, order, 0)[6:10].mean(0)
        below = np.median(pick([self.low + d for d in range(5, 14)]), 0)
        tone = (0.55 * light + 0.45 * below)[None]
        return cv2.GaussianBlur(tone, (0, 0), 5, borderType=cv2.BORDER_REPLICATE)

    def _inside(self) -> tuple[Floats, Floats]:
        """What surely lies between the lids, and the distance from the iris' middle in radii."""
        radii = np.hypot(self.x - self.centre[0], self.y - self.centre[1]) / self.radius
        return edge(self.y - self.up - 1.5) * edge(self.low - self.y - 1.0), radii

    def _white(self) -> Floats:
        """The eye without its iris."""
        inside, radii = self._inside()
        known = inside * (radii > 1.15)
        luma, seen = self.source.mean(2), known > 0.5
        if seen.any():  # more of the light part: lashes and the lid's shadow darken the rest
            low, high = np.percentile(luma[seen], [25, 60])
            light = 0.25 + smoothstep((luma - low) / (high - low + 1))
            white = filled(self.source, (known * light).astype(np.float32))
        else:
            white = filled(self.source, known)
        rim = np.minimum(self.y - self.up, 1.5 * (self.low - self.y)).clip(0, None)
        white = white * (1 - 0.3 * np.exp(-rim / (0.15 * self.height + 0.5)))[..., None]
        return np.where(seen[..., None], self.source, white)

    def _iris(self) -> Floats:
        """The iris; what the lid hides of it is the mean of its visible part at that radius."""
        inside, radii = self._inside()
        inner = (inside * (radii < 1.25)).ravel()
        bins = np.clip((radii * 8).astype(int), 0, 15)
        flat, count = bins.ravel(), np.bincount(bins.ravel(), inner, 16)
        rings = np.full((16, 3), 40.0)
        good = np.flatnonzero(count > 0.5)
        if len(good):
            for colour in range(3):
                sums = np.bincount(flat, inner * self.source[..., colour].ravel(), 16)
                rings[:, colour] = np.interp(np.arange(16), good, sums[good] / count[good])
        seen = cv2.GaussianBlur(inside, (0, 0), 0.7)[..., None]
        return (self.source * seen + rings[bins] * (1 - seen)).astype(np.float32)

    def _lash(self) -> Floats:
        """(3,) colour of the lashes: the darkest of the upper lid's edge."""
        near = (np.abs(self.y - self.up) < 2.5) & (self.low - self.up > 3)
        strip = self.source[near]
        if not len(strip):
            return np.zeros(3)
        dark = strip.sum(1) <= np.percentile(strip.sum(1), 15)
        return np.asarray(strip[dark].mean(0) * 0.85)

    def draw(self, closure: float, gaze: Floats) -> DrawnEye:
        """The eye's patch.

        Args:
            closure: 0 as in the portrait, 1 shut.
            gaze: right and down, -1 to 1; down takes the lid along.
        """
        x, y = gaze[0] * 0.25 * self.width, np.clip(gaze[1], -0.5, 1) * 0.45 * self.height
        lowered = closure + (1 - closure) * 0.5 * max(float(gaze[1]), 0.0)
        closure = float(np.clip(max(closure, lowered), 0, 1))
        ball = self._turned(float(x), float(y))
        full = self.low - self.up
        rise = 0.15 * closure * full  # the lower lid comes up a little
        lid = self.up + closure * (full + 1.4 * smoothstep(full / 4)) - closure * rise
        low = self.low - rise
        along = 1 - np.clip((self.y - low) / (0.4 * self.width), 0, 1)
        beneath = np.where(self.y > low, self.y + rise * along**2, self.y).astype(np.float32)
        above = self._drawn_down(lid)
        over, under = edge(lid - self.y) * (lid > self.up), edge(low - self.y)
        touched = np.maximum(self.open, over * (self.y > self.up - 1))
        rows = np.where(over > 0.5, above, beneath)
        skin, cheek = self._from_rows(above), self.source
        if closure > 0:
            ball = self._shaded(ball, closure, lid)
            cheek = self._from_rows(beneath)
            skin = self._toned(skin, lid, full)
        eye = ball * under[..., None] + cheek * (1 - under[..., None])
        out = skin * over[..., None] + (1 - over[..., None]) * eye
        if closure > 0:
            line = np.exp(-0.5 * ((self.y - lid) / (0.034 * self.width)) ** 2)
            line = line * smoothstep(full / (0.5 * self.height)) * 0.9 * smoothstep(closure / 0.3)
            out = out + line[..., None] * (self.lash - out)
        return DrawnEye(out, rows, touched)

    def _turned(self, x: float, y: float) -> Floats:
        """What is seen between the lids when the eye is turned by that many px."""
        turned = smoothstep(np.hypot(x, y))
        if turned <= 0:
            return self.source
        radius = np.hypot(self.x - self.centre[0] - x, self.y - self.centre[1] - y)
        disc = edge((self.radius * 1.06 - radius) / 1.6)[..., None]
        move, size = np.array([[1, 0, x], [0, 1, y]], np.float64), self.iris.shape[1::-1]
        how, border = cv2.INTER_CUBIC, cv2.BORDER_REPLICATE
        moved = cv2.warpAffine(self.iris, move, size, flags=how, borderMode=border)
        seen = self.white * (1 - disc) + moved * disc
        return self.source + turned * self.open[..., None] * (seen - self.source)

    def _from_rows(self, rows: Floats) -> Floats:
        """The patch, each pixel taken from another row of its column."""
        x, y = self.x - self.x[0, 0], (rows - self.y[0, 0]).astype(np.float32)
        how, border = cv2.INTER_CUBIC, cv2.BORDER_REPLICATE
        return cv2.remap(self.source, x, y, how, borderMode=border)

    def _shaded(self, ball: Floats, closure: float, lid: Floats) -> Floats:
        """The lid's shadow on the eye."""
        below = np.maximum(self.y - lid, 0)
        shadow = np.exp(-below / (0.18 * self.height + 0.5)) * self.open
        return np.asarray(ball * (1 - 0.4 * smoothstep(closure / 0.2) * shadow)[..., None])

    def _toned(self, skin: Floats, lid: Floats, full: Floats) -> Floats:
        """Of stretched skin the detail; where a fold was drawn out, the tone of skin around."""
        reach = lid - self.up + 0.6 * self.zone + 1e-3
        along = np.clip((self.y - self.up + 0.6 * self.zone) / reach, 0, 1)
        weight = smoothstep(along / 0.5) * 0.75 * smoothstep(full / (0.4 * self.height))
        weight = weight * smoothstep((lid - self.up) / 5) * smoothstep((lid - self.y) / 3)
        slowly = cv2.GaussianBlur(skin, (0, 0), 0.09 * self.width, borderType=cv2.BORDER_REPLICATE)
        rounded = (1.02 - 0.16 * np.abs(along - 0.6) ** 1.5)[..., None]
        lacking = np.maximum(self.tone * rounded - slowly, 0)
        return np.asarray(skin + weight[..., None] * (0.85 * lacking - 0.7 * (skin - slowly)))

    def _drawn_down(self, lid: Floats) -> Floats:
        """Rows of the skin above the eye, drawn down to the lid.

        The lashes' strip moves as it is. The fold stays about where it is; what lies beneath it is
        stretched, to a fifth of its density at most.
        """
        top, strip = self.up - self.zone, np.minimum(0.06 * self.width, 0.3 * self.zone)
        new, drop = np.maximum(lid - top - strip, 1.0), lid - self.up
        part = np.clip((self.y - top) / new, 0, 1)
        power = np.clip(0.8 * new / np.maximum(drop, 1e-3), 1.2, 3.0)
        drawn = np.where(lid > self.up + 1e-3, self.y - drop * part**power, self.y)
        return np.where(self.y > top, drawn, self.y).astype(np.float32)
