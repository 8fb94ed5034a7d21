"""The default detector: CenterFace finds the faces, O-Net places their landmarks.

Against CenterFace alone O-Net's landmarks are two to six times closer to the truth (from 20 px
between the eyes on, in clean and in badly worn pictures), and its opinion whether there is a face
at all removes what CenterFace takes for one in flags and machines.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vidrestore.datatypes import Face, Image
from vidrestore.detect.centerface import CenterFace
from vidrestore.detect.onet import LandmarkRefiner, Refined, Square
from vidrestore.stages import Detector

# O-Net's probability of a face: measured at most 0.2 on most of CenterFace's false finds, at least
# 0.55 on true faces down to 12 px between blurred, noisy eyes.
DOUBTED, BELIEVED = 0.2, 0.6
# Mean distance between the landmarks of the two passes, in parts of the distance of the eyes: at
# most 0.22 on the same faces, often more on what is none.
STEADY, ADRIFT = 0.2, 0.4
# What O-Net doubts keeps this part of its score: enough to continue a track, not to begin one.
DOUBTED_SCORE = 0.5


class HybridDetector:
    """CenterFace's boxes with O-Net's landmarks; a ``Detector``.

    Where O-Net doubts that it sees a face (a profile, mostly, or no face at all) the landmarks go
    over to CenterFace's and the score goes down to half, both gradually, so that a face near the
    limit does not jump.

    Args:
        score_threshold: faces with at least this score, 0..1, are given.
        boxes: finds the faces; its threshold must not be above ``score_threshold``.
        refiner: places the landmarks.
    """

    def __init__(self, score_threshold: float, boxes: Detector, refiner: LandmarkRefiner) -> None:
        self._threshold = score_threshold
        self._boxes = boxes
        self._refiner = refiner

    def detect(self, images: Sequence[Image], /) -> list[tuple[Face, ...]]:
        """Faces of each (h, w, 3) uint8 RGB image, best first, in that image's pixels."""
        found = self._boxes.detect(images)
        windows = [_window(i, face) for i, faces in enumerate(found) for face in faces]
        looks = iter(self._refiner.refine(images, windows))
        results = []
        for faces in found:
            judged = [_judged(face, *look) for face, look in zip(faces, looks, strict=False)]
            kept = [face for face in judged if face.score >= self._threshold]
            results.append(tuple(sorted(kept, key=lambda face: -face.score)))
        return results


def default_detector(score_threshold: float = 0.3, threads: int = 0) -> HybridDetector:
    """CenterFace with O-Net, from the weights that installed packages carry.

    Args:
        score_threshold: faces with at least this score, 0..1, are given.
        threads: CPU threads of OpenCV, for this whole process; 0 leaves OpenCV's choice.

    Raises:
        ModelError: a weight file is missing or not the expected one.
    """
    if threads:
        import cv2  # noqa: PLC0415 - only to set the threads

        cv2.setNumThreads(threads)
    return HybridDetector(score_threshold, CenterFace(score_threshold), LandmarkRefiner())


def _window(image: int, face: Face) -> Square:
    centre = (face.box[:2] + face.box[2:]) / 2
    dx, dy = face.landmarks[1] - face.landmarks[0]
    side = float((face.box[2:] - face.box[:2]).max())
    return Square(image, centre, side, float(np.arctan2(dy, dx)))


def _judged(face: Face, first: Refined, second: Refined) -> Face:
    trust = _trust(first, second)
    landmarks = trust * second.landmarks + (1 - trust) * face.landmarks
    score = face.score * (DOUBTED_SCORE + (1 - DOUBTED_SCORE) * trust)
    return Face(face.box, landmarks, score)


def _trust(first: Refined, second: Refined) -> float:
    """How far O-Net stands by its answer, 0..1."""
    eyes = float(np.linalg.norm(second.landmarks[1] - second.landmarks[0]))
    drift = float(np.linalg.norm(first.landmarks - second.landmarks, axis=1).mean())
    believed = (second.score - DOUBTED) / (BELIEVED - DOUBTED)
    steady = (ADRIFT - drift / max(eyes, 1e-6)) / (ADRIFT - STEADY)
    return float(np.clip(believed, 0, 1) * np.clip(steady, 0, 1))
