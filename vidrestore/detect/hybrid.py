"""The default detector: CenterFace finds the faces, O-Net places their landmarks.

Against CenterFace alone O-Net's landmarks are two to six times closer to the truth (from 20 px
between the eyes on, in clean and in badly worn pictures), and its opinion whether there is a face
at all removes what CenterFace takes for one in flags and machines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from vidrestore.datatypes import Face, Image
from vidrestore.detect.networks.centerface import CenterFace
from vidrestore.detect.networks.onet import LandmarkRefiner, Refined, Square
from vidrestore.detect.second_look import SecondLook, Seen
from vidrestore.picture.face_size import feature_span
from vidrestore.stages import Detector

# O-Net's probability of a face: measured at most 0.2 on most of CenterFace's false finds, at least
# 0.55 on true faces down to 12 px between blurred, noisy eyes.
DOUBTED, BELIEVED = 0.2, 0.6
# Mean distance between the landmarks of the two passes, in parts of the distance of the eyes: at
# most 0.22 on the same faces, often more on what is none.
STEADY, ADRIFT = 0.2, 0.4
# What O-Net doubts keeps this part of its score: enough to continue a track, not to begin one.
DOUBTED_SCORE = 0.5
# If a second look is sure, this much more: a clear profile may begin one.
SURE_SCORE = 0.25

# CenterFace's score from which a second look is worth its time, and how many faces of a picture may
# have one: it costs a sixth of a search of 640 x 360 px.
CANDIDATE = 0.12
LOOKED_AT = 2
# A face is looked at again if O-Net is believed by less than this, or it is rolled by more than
# this, radians; its second score must be this high.
HALF, ROLLED, NEEDED = 0.5, 0.8, 0.5
# Finds are of one face if their landmarks are this close on average, in parts of its size.
SAME = 0.6


class _Judged(NamedTuple):
    """A face with both networks' say.

    Attributes:
        face: its landmarks and score as far as O-Net is believed.
        trust: how far it is, 0..1.
    """

    face: Face
    trust: float


class _Suspect(NamedTuple):
    """What deserves a second look: of which picture, CenterFace's word, and O-Net's if asked."""

    image: int
    found: Face
    judged: _Judged | None


class HybridDetector:
    """CenterFace's boxes with O-Net's landmarks; a ``Detector``.

    Where O-Net doubts that it sees a face (a profile, mostly, or no face at all) the landmarks go
    over to CenterFace's and the score goes down to half, both gradually, so that a face near the
    limit does not jump. Faces that are doubted, far from upright, or found with a low score alone
    get a second look, the most likely ones of each picture.

    Args:
        score_threshold: faces with at least this score, 0..1, are given.
        boxes: finds the faces; its threshold must not be above ``score_threshold``. What it gives
            below that counts if the second look is sure of it.
        refiner: places the landmarks.
        second: looks again at single faces.
    """

    def __init__(
        self, score_threshold: float, boxes: Detector, refiner: LandmarkRefiner, second: SecondLook
    ) -> None:
        self._threshold = score_threshold
        self._boxes = boxes
        self._refiner = refiner
        self._second = second

    def detect(self, images: Sequence[Image], /) -> list[tuple[Face, ...]]:
        """Faces of each (h, w, 3) uint8 RGB image, best first, in that image's pixels."""
        found = self._boxes.detect(images)
        sure = [(i, f) for i, faces in enumerate(found) for f in faces if self._passes(f)]
        judged = self._refined(images, sure)
        kept = dict(enumerate(judged))
        suspects: list[list[_Suspect]] = [[] for _ in images]
        for number, (image, face) in enumerate(sure):
            if judged[number].trust < HALF or abs(_roll(face)) > ROLLED:
                suspects[image].append(_Suspect(image, face, kept.pop(number)))
        for image, faces in enumerate(found):
            suspects[image] += [_Suspect(image, f, None) for f in faces if not self._passes(f)]
        results = [
            [kept[n].face for n, (i, _) in enumerate(sure) if i == j and n in kept]
            for j in range(len(images))
        ]
        for suspect, verdict in self._looked_again(images, suspects):
            others = results[suspect.image]
            if verdict is not None and not any(_same(verdict, other) for other in others):
                others.append(verdict)
        return [
            tuple(sorted(filter(self._passes, faces), key=lambda face: -face.score))
            for faces in results
        ]

    def _passes(self, face: Face) -> bool:
        return face.score >= self._threshold

    def _refined(self, images: Sequence[Image], faces: Sequence[tuple[int, Face]]) -> list[_Judged]:
        windows = [_window(image, face) for image, face in faces]
        looks = self._refiner.refine(images, windows)
        return [_judged(face, *look) for (_, face), look in zip(faces, looks, strict=True)]

    def _looked_again(
        self, images: Sequence[Image], suspects: Sequence[Sequence[_Suspect]]
    ) -> list[tuple[_Suspect, Face | None]]:
        """Each suspect with what is left of it, the best first within each picture."""
        results: list[tuple[_Suspect, Face | None]] = []
        chosen: list[tuple[_Suspect, Face, Seen]] = []
        for each in suspects:
            ordered = sorted(each, key=lambda suspect: -suspect.found.score)
            for suspect in ordered[:LOOKED_AT]:
                seen = self._second.look(images[suspect.image], suspect.found)
                if seen.score >= NEEDED:
                    chosen.append((suspect, _turned(suspect.found, seen), seen))
                else:
                    results.append((suspect, _first_word(suspect)))
            results += [(suspect, _first_word(suspect)) for suspect in ordered[LOOKED_AT:]]
        again = self._refined(images, [(suspect.image, face) for suspect, face, _ in chosen])
        for (suspect, _, seen), second in zip(chosen, again, strict=True):
            results.append((suspect, _last_word(suspect, seen, second)))
        return results


def default_detector(score_threshold: float) -> HybridDetector:
    """CenterFace with O-Net, from the weights that installed packages carry.

    Args:
        score_threshold: faces with at least this score, 0..1, are given.

    Raises:
        ModelError: a weight file is missing or not the expected one.
    """
    boxes = CenterFace(min(score_threshold, CANDIDATE))
    return HybridDetector(score_threshold, boxes, LandmarkRefiner(), SecondLook())


def _window(image: int, face: Face) -> Square:
    centre = (face.box[:2] + face.box[2:]) / 2
    side = float((face.box[2:] - face.box[:2]).max())
    return Square(image, centre, side, _roll(face))


def _judged(face: Face, first: Refined, second: Refined) -> _Judged:
    trust = _trust(first, second)
    landmarks = trust * second.landmarks + (1 - trust) * face.landmarks
    score = face.score * (DOUBTED_SCORE + (1 - DOUBTED_SCORE) * trust)
    return _Judged(Face(face.box, landmarks, score), trust)


def _first_word(suspect: _Suspect) -> Face | None:
    return None if suspect.judged is None else suspect.judged.face


def _last_word(suspect: _Suspect, seen: Seen, again: _Judged) -> Face | None:
    """What is left of a suspect of which the second look is sure.

    O-Net takes an upside-down face for a face, too: which way up it is, the second look tells. A
    profile, which O-Net never believes, may begin a track if both looks are sure of it.
    """
    first, trust = suspect.judged, again.trust
    if trust < HALF and (first is None or seen.turns):
        return _first_word(suspect)
    found = suspect.found.score
    doubted = found * (DOUBTED_SCORE + SURE_SCORE * seen.score)
    score = trust * max(found, seen.score) + (1 - trust) * doubted
    return replace(again.face, score=score)


def _turned(face: Face, seen: Seen) -> Face:
    """The face the way up that a second look sees it: its landmarks turned about its box."""
    centre = (face.box[:2] + face.box[2:]) / 2
    x, y = (face.landmarks - centre).T
    turned = [(x, y), (-y, x), (-x, -y), (y, -x)][seen.turns]
    return replace(face, landmarks=np.stack(turned, axis=1) + centre)


def _roll(face: Face) -> float:
    """Direction from the left eye to the right one, radians."""
    dx, dy = face.landmarks[1] - face.landmarks[0]
    return float(np.arctan2(dy, dx))


def _same(first: Face, second: Face) -> bool:
    """Whether two finds are of one face."""
    apart = float(np.linalg.norm(first.landmarks - second.landmarks, axis=1).mean())
    return apart < SAME * max(feature_span(first.landmarks), feature_span(second.landmarks))


def _trust(first: Refined, second: Refined) -> float:
    """How far O-Net stands by its answer, 0..1."""
    eyes = float(np.linalg.norm(second.landmarks[1] - second.landmarks[0]))
    drift = float(np.linalg.norm(first.landmarks - second.landmarks, axis=1).mean())
    believed = (second.score - DOUBTED) / (BELIEVED - DOUBTED)
    steady = (ADRIFT - drift / max(eyes, 1e-6)) / (ADRIFT - STEADY)
    return float(np.clip(believed, 0, 1) * np.clip(steady, 0, 1))
