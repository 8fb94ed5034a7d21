"""Wears pictures as a film that was shot softly, stored badly and captured to tape would be.

Pictures are (H, W, 3) float32 RGB, 0..255. Everything is a function of the seed and the frame's
number, in order.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.float32]


@dataclass(frozen=True)
class Wear:
    """How worn a shot is.

    Attributes:
        softness: sigma of the lens's and the copies' blur, px.
        grain: standard deviation of the grain in mid-gray, levels.
        flicker: relative standard deviation of the exposure from frame to frame.
        fade: 0 for the original colours, 1 for a strongly faded, reddish print.
        scratches: how many vertical scratches are in the gate at a time, on average.
        dust: specks and hairs per frame, on average.
    """

    softness: float
    grain: float
    flicker: float
    fade: float
    scratches: float
    dust: float


@dataclass
class _Scratch:
    x: float
    drift: float
    depth: float
    width: float
    frames_left: int


class WornFilm:
    """Wears the frames of one shot, in order.

    Args:
        wear: how much.
        shape: (H, W).
        seed: of everything random.
    """

    def __init__(self, wear: Wear, shape: tuple[int, int], seed: int) -> None:
        self._wear, self._shape = wear, shape
        self._random = np.random.default_rng(seed)
        self._scratches: list[_Scratch] = []
        self._exposure = 0.0
        height, width = shape
        y, x = np.mgrid[:height, :width].astype(np.float32)
        away = np.hypot((x - width / 2) / width, (y - height / 2) / height)
        self._vignette = (1.0 - 0.55 * away**2.2)[..., None].astype(np.float32)

    def frame(self, picture: Picture) -> Picture:
        """The next frame, worn."""
        return self.damaged(self.aged(picture))

    def aged(self, picture: Picture) -> Picture:
        """The next frame but for scratches and dust; ``damaged`` is to be called for it next."""
        worn = self._soft(picture)
        worn = self._faded(worn)
        worn *= self._flicker() * self._vignette
        worn += self._grain(worn)
        return worn

    def damaged(self, aged: Picture) -> Picture:
        """The frame that was aged last, with scratches and dust."""
        worn = aged.copy()
        self._scratch(worn)
        self._dust(worn)
        return np.clip(worn, 0.0, 255.0)

    def _soft(self, picture: Picture) -> Picture:
        sigma = self._wear.softness * (1.0 + 0.08 * float(self._random.standard_normal()))
        soft = cv2.GaussianBlur(picture, (0, 0), sigma)
        # Colour is the first to go: tape holds it at a fraction of the luma's bandwidth.
        luma = soft @ np.array([0.299, 0.587, 0.114], np.float32)
        smeared = cv2.GaussianBlur(soft - luma[..., None], (0, 0), 2.2 * sigma, sigmaY=sigma)
        return np.asarray(smeared + luma[..., None], np.float32)

    def _faded(self, picture: Picture) -> Picture:
        fade = self._wear.fade
        gray = picture.mean(axis=-1, keepdims=True)
        pale = picture + 0.35 * fade * (gray - picture)
        gains = 1.0 - fade * np.array([0.04, 0.16, 0.22], np.float32)
        lift = fade * np.array([34.0, 24.0, 22.0], np.float32)
        return np.asarray(lift + pale * gains, np.float32)

    def _flicker(self) -> float:
        self._exposure = 0.6 * self._exposure + 0.8 * float(self._random.standard_normal())
        return 1.0 + self._wear.flicker * self._exposure

    def _grain(self, picture: Picture) -> Picture:
        """Clumps of silver and dye: a little larger than a pixel, strongest in the middle tones."""
        shape = self._shape
        silver = cv2.GaussianBlur(
            self._random.standard_normal(shape).astype(np.float32), (0, 0), 0.6
        )
        dye = cv2.GaussianBlur(
            self._random.standard_normal((*shape, 3)).astype(np.float32), (0, 0), 0.9
        )
        grain = silver[..., None] / silver.std() + 0.45 * dye / dye.std()
        tone = picture.mean(axis=-1, keepdims=True) / 255.0
        strength = 0.45 + 2.2 * tone * (1.0 - tone)
        return np.asarray(self._wear.grain * strength * grain, np.float32)

    def _scratch(self, picture: Picture) -> None:
        """Lines that the projector drew along the film: they stay for a while and wander."""
        height, width = self._shape
        for _ in range(self._random.poisson(self._wear.scratches / 12.0)):
            self._scratches.append(
                _Scratch(
                    x=float(self._random.uniform(0, width)),
                    drift=float(self._random.normal(0, 0.5)),
                    depth=float(self._random.choice([-38.0, 46.0, 70.0])),
                    width=float(self._random.uniform(0.45, 0.8)),
                    frames_left=int(self._random.integers(5, 22)),
                )
            )
        rows = np.arange(height, dtype=np.float32)
        columns = np.arange(width, dtype=np.float32)[None, :]
        for scratch in self._scratches:
            phase = float(self._random.uniform(0, 6.28))
            x = scratch.x + 0.6 * np.sin(rows / 41.0 + phase)
            line = np.exp(-0.5 * ((columns - x[:, None]) / scratch.width) ** 2)
            worn_through = 0.55 + 0.45 * np.sin(rows / 23.0 + 1.7 * phase)
            picture += (scratch.depth * line * worn_through[:, None])[..., None]
            scratch.x += scratch.drift
            scratch.frames_left -= 1
        self._scratches = [s for s in self._scratches if s.frames_left > 0]

    def _dust(self, picture: Picture) -> None:
        """Specks and hairs, each on one frame only."""
        for _ in range(self._random.poisson(self._wear.dust)):
            is_hair = self._random.random() < 0.2
            shade = 235.0 if self._random.random() < 0.7 else 25.0
            opacity = float(self._random.uniform(0.45, 0.95))
            cover = self._hair() if is_hair else self._speck()
            picture += (opacity * cover)[..., None] * (shade - picture)

    def _speck(self) -> Picture:
        height, width = self._shape
        cover = np.zeros(self._shape, np.uint8)
        centre = self._random.uniform((4, 4), (width - 4, height - 4))
        radius = float(self._random.uniform(0.7, 2.6))
        angles = np.linspace(0, 2 * np.pi, 9, endpoint=False)
        radii = radius * self._random.uniform(0.5, 1.4, 9)
        corners = centre + radii[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=-1)
        cv2.fillPoly(cover, [np.round(corners * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
        return self._softened(cover)

    def _hair(self) -> Picture:
        height, width = self._shape
        cover = np.zeros(self._shape, np.uint8)
        place = self._random.uniform((20, 20), (width - 20, height - 20))
        heading = float(self._random.uniform(0, 6.28))
        bend = float(self._random.normal(0, 0.22))
        places = [place]
        for _ in range(int(self._random.integers(5, 12))):
            heading += bend + float(self._random.normal(0, 0.1))
            place = place + 2.5 * np.array([np.cos(heading), np.sin(heading)])
            places.append(place)
        line = np.round(np.array(places) * 16).astype(np.int32)
        cv2.polylines(cover, [line], False, 255, 1, cv2.LINE_AA, 4)
        return self._softened(cover)

    def _softened(self, cover: NDArray[np.uint8]) -> Picture:
        return cv2.GaussianBlur(cover.astype(np.float32) / 255.0, (0, 0), 0.6)
