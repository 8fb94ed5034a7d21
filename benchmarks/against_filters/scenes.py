"""The clips before wear: who plays, how they move, and where their landmarks are.

"rigid": portraits of people that training never saw, moved along smooth paths. "moving": real
people who talk, blink and turn; the clips of FOLDER/moving, and those of FOLDER that show a face,
cut to a window around it. "expressions": portraits of such people who blink, look about, speak and
smile (training.samples.expressions draws them).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from benchmarks.against_filters import media
from benchmarks.against_filters.media import Floats, Pictures
from benchmarks.degraded import RATE, Path2d, moved
from benchmarks.stability.real import main_face
from benchmarks.stability.stages import as_frames, find
from benchmarks.stability.variants import Portrait, read_picture
from training.samples.expressions import Puppet, schedule
from training.samples.portraits import Mesh
from vidrestore.build import build_detector
from vidrestore.config import Config

SEED = 13_000  # of scene 0 of a group; the next have the next
FRAMES = 40
PEOPLE = 30  # of the rigid group
ACTORS = 10  # of the expressions
# Half side of the window cut around a face, in distances from the eyes' middle to the mouth's.
_WINDOW = 3.2
_ACTORS_PATH = 0.4  # of a rigid portrait's reach: heads of actors move by themselves too


@dataclass(frozen=True, eq=False)
class Truth:
    """What a perfect camera saw.

    Attributes:
        pictures: (T, H, W, 3) uint8 RGB.
        landmarks: (T, 5, 2) xy px.
        rate: frames a second.
    """

    pictures: Pictures
    landmarks: Floats
    rate: Fraction


@dataclass(frozen=True)
class Scene:
    """A clip to be made.

    Attributes:
        group: "rigid", "moving" or "expressions".
        name: of the clip, without its ending.
        file: the portrait or the clip.
        seed: of motion; wear takes it too.
        landmarks: of a portrait, five xy pairs.
    """

    group: str
    name: str
    file: Path
    seed: int
    landmarks: tuple[tuple[float, float], ...] = ()


def rigid_scenes(portraits: Sequence[Portrait]) -> list[Scene]:
    """One for each of the first people."""
    return portrait_scenes("rigid", list(portraits)[:PEOPLE])


def portrait_scenes(group: str, portraits: Sequence[Portrait]) -> list[Scene]:
    """One for each portrait."""
    return [
        Scene(group, file.stem, file, SEED + number, tuple((float(x), float(y)) for x, y in points))
        for number, (file, points) in enumerate(portraits)
    ]


def expression_scenes(portraits: Sequence[Portrait], meshes: Mapping[str, Mesh]) -> list[Scene]:
    """One for each of the first people whose lids can be drawn shut; every second one speaks."""
    known = [entry for entry in portraits if _shuts(meshes.get(entry[0].stem))]
    return portrait_scenes("expressions", known[:ACTORS])


def _shuts(mesh: Mesh | None) -> bool:
    return mesh is not None and mesh.shuts


def moving_scenes(clips: Path) -> list[Scene]:
    """One for each file of FOLDER/moving and of FOLDER."""
    files = [*sorted((clips / "moving").glob("*.mp4")), *sorted(clips.glob("*.mp4"))]
    return [Scene("moving", file.stem, file, SEED + n) for n, file in enumerate(files)]


def rigid(scene: Scene, frames: int = FRAMES) -> Truth:
    """A portrait on a smooth path."""
    random = np.random.default_rng((scene.seed, 1))
    path, points = Path2d.drawn(random), np.array(scene.landmarks)
    matrices = np.stack([path.frame_from_portrait(t, points.mean(axis=0)) for t in range(frames)])
    picture = read_picture(scene.file)
    shown = np.stack([moved(picture, matrix) for matrix in matrices])
    return Truth(shown, carried(points, matrices), Fraction(RATE))


def carried(points: Floats, matrices: Floats) -> Floats:
    """(T, K, 2) points under perspective maps (T, 3, 3)."""
    places = np.concatenate([points, np.ones((len(points), 1))], axis=1)
    mapped = places @ matrices.transpose(0, 2, 1)
    result: Floats = mapped[..., :2] / mapped[..., 2:]
    return result


def moving(scene: Scene, frames: int = FRAMES) -> Truth | None:
    """A real clip; None without a face that is seen in every frame.

    Landmarks are those that the default detector and smoothing find in the truth.
    """
    pictures, config = media.read(scene.file)[:frames], Config()
    detector = build_detector(config.detect, config.track.continue_score)
    seen = main_face(find(config, as_frames(pictures), detector))
    if len(seen) < len(pictures):
        return None
    landmarks = np.stack([seen[t] for t in range(len(pictures))])
    return around_face(Truth(pictures, landmarks, media.rate_of(scene.file)))


def around_face(truth: Truth) -> Truth:
    """Cut to a square around the face's mean place, of even sides and places."""
    points = truth.landmarks.mean(axis=0)
    unit = float(np.linalg.norm(points[:2].mean(axis=0) - points[3:].mean(axis=0)))
    height, width = truth.pictures.shape[1:3]
    half = int(_WINDOW * unit) // 2 * 2
    x0, y0 = (max(int(c) // 2 * 2 - half, 0) for c in points.mean(axis=0))
    x1, y1 = min(x0 + 2 * half, width // 2 * 2), min(y0 + 2 * half, height // 2 * 2)
    cut = np.ascontiguousarray(truth.pictures[:, y0:y1, x0:x1])
    return Truth(cut, truth.landmarks - (x0, y0), truth.rate)


def expressions(scene: Scene, mesh: Mesh, frames: int = FRAMES) -> Truth:
    """A portrait whose face and head move, framed as in "rigid" with less motion of the whole.

    Landmarks are the portrait's, as the head carries them: what they frame does not follow the jaw.
    """
    random = np.random.default_rng((scene.seed, 3))
    picture, points = read_picture(scene.file), np.array(scene.landmarks)
    speech = float(scene.seed % 2 == 0)
    motion = schedule(frames, scene.seed, rate=RATE, size=len(picture), speech=speech)
    drawn, puppet = Path2d.drawn(random), Puppet(picture, mesh.points, mesh.groups)
    path = Path2d(drawn.amplitudes * _ACTORS_PATH, drawn.frequencies, drawn.phases)
    centre = points.mean(axis=0)
    matrices = np.stack([path.frame_from_portrait(t, centre) for t in range(frames)])
    shown = [moved(puppet.frame(motion, t).image, matrix) for t, matrix in enumerate(matrices)]
    return Truth(np.stack(shown), carried(points, matrices @ motion.head), Fraction(RATE))


class Maker:
    """Makes scenes' truths.

    Args:
        meshes: of portraits, by name.
    """

    def __init__(self, meshes: Mapping[str, Mesh]) -> None:
        self._meshes = meshes

    def __call__(self, scene: Scene, frames: int = FRAMES) -> Truth | None:
        """What a scene shows before wear; None without a face to judge."""
        if scene.group == "rigid":
            return rigid(scene, frames)
        if scene.group == "expressions":
            return expressions(scene, self._meshes[scene.file.stem], frames)
        return moving(scene, frames)
