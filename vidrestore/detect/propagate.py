"""Carrying a face from one picture to the next by optical flow.

Pyramidal Lucas-Kanade (Bouguet 2001) on points spread over the face and around each landmark, with
a forward-backward check (Kalal et al., ICPR 2010). A similarity fitted robustly to all points moves
the whole face; each landmark then follows its own surroundings half of the way, so that mouth and
eyes take part in speech without taking over the noise of single points.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from vidrestore.datatypes import Face, Image, Matrix, Points
from vidrestore.picture.face_size import feature_span
from vidrestore.picture.similarity import robust_similarity

# All lengths are in parts of the face's size (see feature_span) unless they say px.
SPREAD = np.stack(np.meshgrid(np.linspace(0, 1, 7), np.linspace(0, 1, 7)), -1).reshape(-1, 2)
AROUND = np.stack(np.meshgrid((-0.12, 0, 0.12), (-0.12, 0, 0.12)), -1).reshape(-1, 2)
MARGIN = np.array([0.35, 0.3])
SEARCH = 1.0
SEARCH_PX = 16
WINDOW = 0.25
WINDOW_PX = (7, 31)
LEVELS = 3
CRITERIA = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 20, 0.01)

# A point counts if the way there and back ends this close to where it began.
RETURN = 0.02
RETURN_PX = 0.5
# A face counts if this part of its points does, and that part of them moves with it.
POINTS_NEEDED = 0.5
STRAY = 0.1
# Between two frames no face grows by more than this factor, or turns by more (radians).
GROWTH = 1.25
TURN = 0.4
OWN_MOTION = 0.5
OWN_MOTION_LIMIT = 0.15
OWN_POINTS_NEEDED = 3
PATCH = 16
LIKENESS = 0.6


def toned_like(gray: Image, reference: Image) -> Image:
    """A picture with the mean and contrast of another, both (h, w) uint8.

    Lucas-Kanade takes a change of light for motion; old film flickers on every frame. The whole
    picture is compared, not the face alone, so that what moves into the face's place adds no error.
    """
    (mean, spread), (to_mean, to_spread) = (
        (float(value.item()) for value in cv2.meanStdDev(picture)) for picture in (gray, reference)
    )
    gain = to_spread / max(spread, 1.0)
    values = (np.arange(256) - mean) * gain + to_mean
    return np.asarray(cv2.LUT(gray, np.clip(np.rint(values), 0, 255).astype(np.uint8)))


class Propagation:
    """One face on its way from the picture where it was detected.

    Args:
        gray: (h, w) uint8, the picture where it was detected.
        face: in that picture's pixels.
    """

    def __init__(self, gray: Image, face: Face) -> None:
        self.face = face
        self._gray = gray
        size = feature_span(face.landmarks)
        low = face.landmarks.min(axis=0) - MARGIN * size
        high = face.landmarks.max(axis=0) + MARGIN * size
        self._anchor_from_patch = np.column_stack([np.diag((high - low) / PATCH), low])
        self._here_from_anchor: Matrix = np.eye(2, 3)
        self._patch = self._seen(gray)

    def advance(self, gray: Image) -> bool:
        """Follow the face into the next picture.

        Args:
            gray: (h, w) uint8, of the same size as before.

        Returns:
            Whether ``face`` was found there; if not, this propagation is at its end.
        """
        landmarks = self.face.landmarks
        size = feature_span(landmarks)
        low = landmarks.min(axis=0) - MARGIN * size
        high = landmarks.max(axis=0) + MARGIN * size
        spread = low + SPREAD * (high - low)
        around = (landmarks[:, None] + AROUND * size).reshape(-1, 2)
        points = np.concatenate([spread, around])
        moved, good = follow(self._gray, gray, points, size)
        if good.mean() < POINTS_NEEDED:
            return False
        motion = robust_similarity(points[good], moved[good])
        astray = np.linalg.norm(moved - _apply(motion, points), axis=1) > STRAY * size
        if (good & ~astray).mean() < POINTS_NEEDED or not _plausible(motion):
            return False
        self._here_from_anchor = _compose(motion, self._here_from_anchor)
        if _likeness(self._patch, self._seen(gray)) < LIKENESS:
            return False
        carried = _apply(motion, landmarks)
        own = (moved - points)[len(spread) :].reshape(5, -1, 2)
        own_good = good[len(spread) :].reshape(5, -1)
        for index in range(5):
            if own_good[index].sum() < OWN_POINTS_NEEDED:
                continue
            own_way = np.median(own[index][own_good[index]], axis=0) + landmarks[index]
            apart = own_way - carried[index]
            if np.linalg.norm(apart) <= OWN_MOTION_LIMIT * size:
                carried[index] += OWN_MOTION * apart
        self.face = Face(_moved_box(motion, self.face.box), carried, self.face.score)
        self._gray = gray
        return True

    def _seen(self, gray: Image) -> NDArray[np.float32]:
        """The face in a picture, brought to a small square and free of brightness and contrast."""
        matrix = _compose(self._here_from_anchor, self._anchor_from_patch)
        # Four samples per value: linear interpolation alone would pick single noisy pixels.
        matrix[:, :2] /= 4
        large = cv2.warpAffine(
            gray,
            matrix,
            (4 * PATCH, 4 * PATCH),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        patch = cv2.resize(large, (PATCH, PATCH), interpolation=cv2.INTER_AREA).astype(np.float32)
        patch -= patch.mean()
        seen: NDArray[np.float32] = patch / max(float(np.linalg.norm(patch)), 1e-6)
        return seen


def follow(
    here: Image, there: Image, points: Points, size: float
) -> tuple[Points, NDArray[np.bool_]]:
    """Lucas-Kanade there and back.

    Args:
        here: (h, w) uint8.
        there: (h, w) uint8.
        points: (N, 2) xy px in ``here``, of one face.
        size: of the face, px.

    Returns:
        (N, 2) xy px in ``there``, and whether each point came back and lies inside both pictures.
    """
    height, width = here.shape
    reach = SEARCH * size + SEARCH_PX
    limit = np.array([width, height])
    low = np.clip(np.floor(points.min(axis=0) - reach), 0, limit - 1).astype(int)
    high = np.clip(np.ceil(points.max(axis=0) + reach) + 1, low + 1, limit).astype(int)
    part = (slice(low[1], high[1]), slice(low[0], high[0]))
    side = int(np.clip(round(WINDOW * size), *WINDOW_PX)) | 1
    from_image, to_image = here[part], there[part]

    def flow(first: Image, second: Image, at: Image) -> tuple[Image, NDArray[np.bool_]]:
        result, status, _ = cv2.calcOpticalFlowPyrLK(
            first,
            second,
            at,
            np.empty_like(at),
            winSize=(side, side),
            maxLevel=LEVELS,
            criteria=CRITERIA,
        )
        return result, status[:, 0] > 0

    start = (points - low).astype(np.float32)
    moved, found = flow(from_image, to_image, start)
    back, returned = flow(to_image, from_image, moved)
    near = np.linalg.norm(back - start, axis=1) <= max(RETURN_PX, RETURN * size)
    result: Points = moved.astype(np.float64) + low
    inside = ((points >= -0.5) & (points <= limit - 0.5)).all(axis=1)
    inside &= ((result >= -0.5) & (result <= limit - 0.5)).all(axis=1)
    return result, found & returned & near & inside


def _apply(matrix: Matrix, points: Points) -> Points:
    result: Points = points @ matrix[:, :2].T + matrix[:, 2]
    return result


def _compose(second: Matrix, first: Matrix) -> Matrix:
    result: Matrix = np.column_stack([second[:, :2] @ first[:, :2], _apply(second, first[:, 2])])
    return result


def _plausible(motion: Matrix) -> bool:
    growth = float(np.hypot(motion[0, 0], motion[1, 0]))
    turn = abs(float(np.arctan2(motion[1, 0], motion[0, 0])))
    return 1 / GROWTH <= growth <= GROWTH and turn <= TURN


def _moved_box(motion: Matrix, box: Points) -> Points:
    growth = float(np.hypot(motion[0, 0], motion[1, 0]))
    centre = _apply(motion, (box[:2] + box[2:]) / 2)
    half = (box[2:] - box[:2]) / 2 * growth
    return np.concatenate([centre - half, centre + half])


def _likeness(first: NDArray[np.float32], second: NDArray[np.float32]) -> float:
    return float((first * second).sum())
