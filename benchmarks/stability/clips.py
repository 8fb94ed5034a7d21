"""The twelve clips: what moves, what speaks, what changes all at once, and how each is worn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from benchmarks.degraded import RATE, Degradation, Path2d, Picture, degrade, moved
from benchmarks.stability.expression import NEUTRAL, Actor, Expression, speech
from vidrestore.picture.similarity import similarity
from vidrestore.picture.template import template

Floats = NDArray[np.float64]
Event = Literal["blink", "light", "smile"]

FRAMES = 40
# Side of the crops in which pixels are judged: a clip's frames were a quarter of their size, so a
# crop of 512 would hold nothing finer, and the truth would differ from itself by interpolation.
SIDE = 256
# First frames of a sudden change and of its end.
EVENTS = (12, 26)
DIMMED = 0.6
# Between the seeds of one take and the next.
TAKE_SEEDS = 5000
SUDDEN = Expression(opening=0.35, widening=0.2, drop=-0.1)


@dataclass(frozen=True)
class Scene:
    """What happens in a clip.

    Attributes:
        name: of the clip.
        reach: factors on the reach of shift along x, along y, turn, growth and perspective.
        haste: factor on the motion's frequencies.
        speaks: whether the mouth does.
        event: what changes from one frame to the next, and back.
        seed: of the motion, the speech and the wear.
    """

    name: str
    reach: tuple[float, float, float, float, float] = (0, 0, 0, 0, 0)
    haste: float = 1.0
    speaks: bool = False
    event: Event | None = None
    seed: int = 0

    @property
    def stands(self) -> bool:
        """Whether the truth is the same picture all the time."""
        return not any(self.reach) and not self.speaks and self.event is None


SCENES = (
    Scene("still-1", seed=601),
    Scene("still-2", seed=602),
    Scene("still-3", seed=603),
    Scene("blink", event="blink", seed=604),
    Scene("light", event="light", seed=605),
    Scene("smile", event="smile", seed=606),
    Scene("sway", (1.2, 1.0, 0, 0, 0), seed=607),
    Scene("turn", (0.4, 0.2, 1.2, 0.2, 1.5), seed=608),
    Scene("zoom", (0.3, 0.3, 0.2, 1.6, 0), seed=609),
    Scene("nod", (0.1, 0.8, 0.1, 0.1, 1.0), haste=2.2, seed=610),
    Scene("talk", (0.5, 0.4, 0.4, 0.3, 0.3), speaks=True, seed=611),
    Scene("talk-still", speaks=True, seed=612),
)


def takes(number: int) -> tuple[Scene, ...]:
    """The scenes once more, with other seeds; number 0 gives them as they are."""
    if number == 0:
        return SCENES
    return tuple(
        replace(scene, name=f"{scene.name}/{number}", seed=scene.seed + TAKE_SEEDS * number)
        for scene in SCENES
    )


@dataclass(frozen=True, eq=False)
class TrueClip:
    """A clip with all that is known of it.

    Attributes:
        scene: what happens.
        degraded: (T, H, W, 3) uint8 RGB: what the pipeline gets.
        truth: (T, H, W, 3) uint8 RGB.
        landmarks: (T, 5, 2) xy px in the frames, the mouth's with its speech.
        crop_from_frame: (T, 2, 3): the true pose, onto GPEN's crop of ``SIDE``.
        before_from_now: (T - 1, 3, 3): in these crops, the motion back from frame t + 1 to t.
    """

    scene: Scene
    degraded: NDArray[np.uint8]
    truth: NDArray[np.uint8]
    landmarks: Floats
    crop_from_frame: Floats
    before_from_now: Floats


def expressions(scene: Scene, random: np.random.Generator, frames: int) -> list[Expression]:
    """The face's expression in each frame."""
    if scene.speaks:
        return speech(random, frames, RATE)
    changed = {"blink": Expression(shut=1.0), "smile": SUDDEN}.get(scene.event or "", NEUTRAL)
    return [changed if EVENTS[0] <= t < EVENTS[1] else NEUTRAL for t in range(frames)]


def make_clip(scene: Scene, portrait: Picture, landmarks: Floats, frames: int = FRAMES) -> TrueClip:
    """Act the scene, then wear it as ``benchmarks.degraded`` does.

    Args:
        scene: what happens.
        portrait: (H, W, 3) uint8 RGB.
        landmarks: (5, 2) xy px in it.
        frames: how many.
    """
    random = np.random.default_rng(scene.seed)
    drawn = Path2d.drawn(random)
    path = Path2d(
        drawn.amplitudes * np.array(scene.reach)[:, None],
        drawn.frequencies * scene.haste,
        drawn.phases,
    )
    degradation = Degradation.drawn(random)
    actor = Actor(portrait, landmarks)
    centre = landmarks.mean(axis=0)
    matrices = np.stack([path.frame_from_portrait(t, centre) for t in range(frames)])
    faces = expressions(scene, random, frames)
    truth = _shown(scene, actor, faces, matrices)
    pose = _placed(landmarks, matrices)
    crops = similarity(pose, template("gpen", SIDE))
    return TrueClip(
        scene=scene,
        degraded=np.stack(degrade(list(truth), degradation, random)),
        truth=truth,
        landmarks=np.concatenate(
            [
                _placed(actor.landmarks(face), matrix[None])
                for face, matrix in zip(faces, matrices, strict=True)
            ]
        ),
        crop_from_frame=crops,
        before_from_now=_steps(crops, matrices),
    )


def _shown(
    scene: Scene, actor: Actor, faces: Sequence[Expression], matrices: Floats
) -> NDArray[np.uint8]:
    """(T, H, W, 3) the truth; what did not change since the frame before is not made anew."""
    shown: list[Picture] = []
    before: tuple[Expression, Floats] | None = None
    for face, matrix in zip(faces, matrices, strict=True):
        if before is not None and before[0] == face and np.array_equal(before[1], matrix):
            shown.append(shown[-1])
        else:
            shown.append(moved(actor.picture(face), matrix))
        before = face, matrix
    truth = np.stack(shown)
    if scene.event == "light":
        dark = truth[EVENTS[0] : EVENTS[1]] * DIMMED
        truth[EVENTS[0] : EVENTS[1]] = dark.round().astype(np.uint8)
    return truth


def _placed(landmarks: Floats, matrices: Floats) -> Floats:
    """(T, 5, 2) landmarks of the portrait in the frames."""
    places = np.concatenate([landmarks, np.ones((5, 1))], axis=1) @ matrices.transpose(0, 2, 1)
    placed: Floats = places[..., :2] / places[..., 2:]
    return placed


def _steps(crops: Floats, matrices: Floats) -> Floats:
    """(T - 1, 3, 3) motion of the crops' pixels back by one frame."""
    square = np.concatenate([crops, np.tile([[[0.0, 0.0, 1.0]]], (len(crops), 1, 1))], axis=1)
    crop_from_portrait = square @ matrices
    steps: Floats = crop_from_portrait[:-1] @ np.linalg.inv(crop_from_portrait[1:])
    return steps
