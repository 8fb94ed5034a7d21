"""The gray crop of a face that the landmark network looks at."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from vidrestore.datatypes import Frame, Image, Matrix, Points
from vidrestore.detect.networks.landmark_network import SIDE, TEMPLATE
from vidrestore.picture.colour import LUMA_WEIGHTS, rgb_from_samples
from vidrestore.picture.similarity import robust_similarity


def crop_from_picture(landmarks: Points) -> Matrix:
    """(2, 3) similarity that brings (5, 2) landmarks closest to the network's template."""
    return robust_similarity(landmarks, TEMPLATE, rounds=1)


def frame_crop(frame: Frame, crop_from_frame: Matrix) -> NDArray[np.uint8]:
    """(SIDE, SIDE) uint8 gray, straight from the frame's planes at their full resolution."""
    fmt = frame.format
    gain, _ = rgb_from_samples(fmt)
    red, blue = LUMA_WEIGHTS["bt601"]
    # Planes of RGB are green, blue, red.
    weights = [1 - red - blue, blue, red] if fmt.layout == "rgb" else [1.0]
    black = 0 if fmt.full_range else 16 << (fmt.bits - 8)
    gray = np.zeros((SIDE, SIDE), np.float32)
    for plane, weight in zip(frame.planes, weights, strict=False):
        samples = gray_crop(plane, crop_from_frame, SIDE).astype(np.float32)
        gray += np.float32(weight * gain[0, 0]) * (samples - black)
    return np.clip(np.rint(gray), 0, 255).astype(np.uint8)


def gray_crop(picture: Image, crop_from_picture: Matrix, side: int) -> Image:
    """(side, side) of a picture; averaged where it shrinks, the edge repeated outside.

    Args:
        picture: (h, w) of any type that OpenCV resamples; the result has the same.
        crop_from_picture: (2, 3).
        side: of the crop, px.
    """
    finer = max(1, int(np.ceil(0.5 / np.hypot(crop_from_picture[0, 0], crop_from_picture[1, 0]))))
    fine = finer * crop_from_picture
    fine[:, 2] += (finer - 1) / 2
    crop = cv2.warpAffine(
        picture, fine, (side * finer,) * 2, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    if finer > 1:
        crop = cv2.resize(crop, (side, side), interpolation=cv2.INTER_AREA)
    return np.asarray(crop)
