"""What every stage that remembers something of a track holds to.

A track that was away for longer than the stage remembers, and every track of a new shot, is treated
as one that was never seen, whoever else is in the picture meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
import pytest
import torch

from tests.made_pictures.faces import (
    as_shown,
    bare,
    frame_format,
    landmarks,
    paint,
    skin,
    tracked,
    with_microphone,
)
from tests.made_pictures.strategies import empty_frame
from tests.stand_ins.stages import aligning, pasting, smoothing
from vidrestore.align.hold import HeldCrops
from vidrestore.align.size_gate import SizeGate
from vidrestore.datatypes import TrackedFrame
from vidrestore.detect.locate import Locate
from vidrestore.detect.networks.landmark_network import Placed
from vidrestore.paste import Regrain
from vidrestore.paste.parsing import CLASSES, SIDE, ParsedFaces
from vidrestore.picture.face_size import eyes_to_chin

Look = Literal["then", "now"]


@dataclass(frozen=True)
class Moment:
    """A frame: how each of its tracks looks."""

    looks: Mapping[int, Look]
    shot_start: bool = False


@dataclass(frozen=True)
class User:
    """A stage that remembers.

    Attributes:
        run: what it says of a track on the last of some frames, from a fresh start.
        frames: after how many frames without it a track is still known, plus 1.
    """

    run: Callable[[Sequence[Moment], int], np.ndarray]
    frames: int = 1


def size_gate(moments: Sequence[Moment], track_id: int) -> np.ndarray:
    """A face that was large enough and is a little too small now."""
    gate = SizeGate(24)
    for moment in moments:
        faces = []
        for key, look in moment.looks.items():
            points = landmarks(0, 0, 100)
            height = 30 if look == "then" else 23
            faces.append(tracked(points * height / eyes_to_chin(points), key))
        passing = gate.passing(faces, shot_start=moment.shot_start)
    return np.array(track_id in {face.track_id for face in passing})


def held_crops(moments: Sequence[Moment], track_id: int) -> np.ndarray:
    """A face that strayed a little."""
    held = HeldCrops(256, 0.01)
    for moment in moments:
        wanted = {}
        for key, look in moment.looks.items():
            wanted[key] = np.eye(2, 3)
            wanted[key][0, 2] = 0.0 if look == "then" else 0.5
        places = held.hold(wanted, shot_start=moment.shot_start)
    return places[track_id]


class Guess:
    """Places all landmarks a little beside the template, elsewhere for each look."""

    def __init__(self) -> None:
        self.looks: list[Look] = []

    def place(self, crops: np.ndarray) -> Placed:
        steps = np.array([2.0 if look == "then" else 0.0 for look in self.looks])
        given = landmarks(31.5, 31.5, 40)
        return Placed(given + steps[:, None, None], np.full((len(crops), 5), 0.5))


def locate(moments: Sequence[Moment], track_id: int) -> np.ndarray:
    guess = Guess()
    stage = Locate(guess)
    frame = paint(skin, frame_format("yuv420p"))
    for moment in moments:
        guess.looks = list(moment.looks.values())
        faces = tuple(tracked(landmarks(160, 120, 90), key) for key in moment.looks)
        (item,) = stage.push(TrackedFrame(frame, moment.shot_start, faces))
    return {face.track_id: face.landmarks for face in item.faces}[track_id]


LOOKAHEAD = 3


def smoother(moments: Sequence[Moment], track_id: int) -> np.ndarray:
    stage = smoothing(LOOKAHEAD)
    for index, moment in enumerate(moments):
        faces = tuple(
            tracked(landmarks(160 if look == "then" else 162, 120, 90), key)
            for key, look in moment.looks.items()
        )
        stage.push(TrackedFrame(empty_frame(index), moment.shot_start, faces))
    *_, item = stage.flush()
    return {face.track_id: face.landmarks for face in item.faces}[track_id]


CROP = 128
POINTS = landmarks(160, 120, 110)


def aligned(scene, faces, index, *, shot_start):
    frame = paint(scene, frame_format("yuv444p"), index)
    (item,) = aligning(CROP).push(TrackedFrame(frame, shot_start, tuple(faces)))
    return item


def agreement(moments: Sequence[Moment], track_id: int) -> np.ndarray:
    """A face that was covered; other faces are beside it, and all is restored a little brighter."""
    paste = pasting(occlusion=True)
    for index, moment in enumerate(moments):
        faces = [tracked(POINTS, key) for key in moment.looks]
        covered = "then" in moment.looks.values()
        scene = with_microphone if covered else bare
        item = aligned(scene, faces, index, shot_start=moment.shot_start)
        y, x = np.mgrid[:CROP, :CROP]
        pattern = (4 * np.sin(x / 3) * np.sin(y / 3)).astype(np.int16)[..., None]
        clear = aligned(bare, faces, index, shot_start=True).crops.pixels
        drawn = [(crop + pattern).clip(0, 255).astype(np.uint8) for crop in clear]
        (result,) = paste.push(as_shown(item, drawn))
    return result.frame.planes[0].astype(int) - item.frame.planes[0]


RIVAL = 9


def nearness(moments: Sequence[Moment], track_id: int) -> np.ndarray:
    """A face that was nearer than the one beside it now: which of them covers the other."""
    paste = pasting()
    for index, moment in enumerate(moments):
        sizes = {key: 130 if look == "then" else 90 for key, look in moment.looks.items()}
        faces = [tracked(landmarks(150, 120, size), key) for key, size in sizes.items()]
        if "now" in moment.looks.values():
            faces.append(tracked(landmarks(170, 120, 95), RIVAL))
        item = aligned(bare, faces, index, shot_start=moment.shot_start)
        drawn = [crop.copy() for crop in item.crops.pixels]
        for crop, face in zip(drawn, faces, strict=True):
            y, x = np.mgrid[:CROP, :CROP]
            crop[(x if face.track_id == RIVAL else y) // 4 % 2 == 0] = 20
        (result,) = paste.push(as_shown(item, drawn))
    return result.frame.planes[0]


class BrightIsSkin(torch.nn.Module):
    """Stands for a parsing network."""

    def forward(self, batch: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        scores = torch.zeros((1, CLASSES, SIDE, SIDE))
        scores[:, 1] = 20 * batch.mean(dim=1)
        return scores, batch


def parsed(moments: Sequence[Moment], track_id: int) -> np.ndarray:
    """Several faces a frame are brought one by one: what counts is whose they are."""
    faces = ParsedFaces(BrightIsSkin(), "cpu")
    for index, moment in enumerate(moments):
        items = [tracked(POINTS, key) for key in moment.looks]
        item = aligned(bare, items, index, shot_start=moment.shot_start)
        for number, look in enumerate(moment.looks.values()):
            item.crops.pixels[number][:] = 200 if look == "then" else 60
        masks = faces.masks(as_shown(item, item.crops.pixels))
    return dict(zip(moment.looks, masks, strict=True))[track_id]


def regrain(moments: Sequence[Moment], track_id: int) -> np.ndarray:
    """A face around which grain was stronger: how strong is what it gets, in steps of 2 levels."""
    paste = pasting(colour=False, regrain=Regrain(1.0))
    for index, moment in enumerate(moments):
        faces = [tracked(POINTS, key) for key in moment.looks]
        coarse = cv2.GaussianBlur(
            np.random.default_rng(index).normal(0, 5, (240, 320)), (0, 0), 1.5
        )
        grain = coarse[..., None] * (16 if "then" in moment.looks.values() else 4)
        item = aligned(
            lambda x, y, grain=grain: bare(x, y) + grain, faces, index, shot_start=moment.shot_start
        )
        clean = aligned(bare, faces, index, shot_start=True)
        (result,) = paste.push(as_shown(item, clean.crops.pixels))
    given = result.frame.planes[0].astype(float) - clean.frame.planes[0]
    return np.array(round(float(given[90:150, 130:190].std()) / 2))


USERS = {
    "size gate": User(size_gate),
    "held crops": User(held_crops),
    "locate": User(locate),
    "smoother": User(smoother, LOOKAHEAD + 1),
    "nearness": User(nearness),
    "agreement": User(agreement),
    "regrain": User(regrain),
    "parsed faces": User(parsed),
}
EACH = pytest.mark.parametrize("user", USERS.values(), ids=USERS.keys())

BEGINS = Moment({1: "then"}, shot_start=True)
NOW = Moment({1: "now"})


def fresh(user: User, track_id: int = 1) -> np.ndarray:
    return user.run([Moment({track_id: "now"}, shot_start=True)], track_id)


@EACH
def test_a_track_is_remembered(user):
    assert not np.array_equal(user.run([BEGINS, NOW], 1), fresh(user))


@EACH
def test_it_is_remembered_up_to_the_last_frame_that_it_may_miss(user):
    away = [Moment({})] * (user.frames - 1)
    assert not np.array_equal(user.run([BEGINS, *away, NOW], 1), fresh(user))


@EACH
@pytest.mark.parametrize("others", [{}, {2: "now"}, {2: "then"}])
def test_a_track_that_was_away_begins_anew_whoever_else_is_there(user, others):
    away = [Moment(others)] * user.frames
    assert np.array_equal(user.run([BEGINS, *away, NOW], 1), fresh(user))


@EACH
def test_a_shot_begins_anew(user):
    assert np.array_equal(
        user.run([BEGINS, Moment({1: "now"}, shot_start=True)], 1),
        fresh(user),
    )


@EACH
def test_tracks_know_nothing_of_each_other(user):
    assert np.array_equal(user.run([BEGINS, Moment({2: "now"})], 2), fresh(user, 2))
