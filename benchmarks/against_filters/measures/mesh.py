"""Whether lids, gaze and mouth are the truth's, as a face mesh sees them.

The mesh (MediaPipe 0.10.14) judges and is no part of the program: it runs under another Python, in
an environment of its own, which ``--mesh-python`` names.
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from typing import Self

import numpy as np

from benchmarks.against_filters.measures.reference import Reference
from benchmarks.against_filters.media import Floats, Pictures
from vidrestore.errors import InputError

STEP = 2  # every so many frames
# Corners (outer, inner), lids (upper, lower) and iris of each eye; MediaPipe's numbers.
_EYES = ((33, 133, 159, 145, 468), (263, 362, 386, 374, 473))
_LIPS = (78, 308, 13, 14)  # corners, and the inner lips between them


class MeshReader:
    """Asks the other Python.

    Args:
        python: its executable.
    """

    def __init__(self, python: Path) -> None:
        script = Path(__file__).with_name("mesh_process.py")
        self._process = subprocess.Popen(
            [str(python), str(script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def points(self, crops: Pictures) -> Floats:
        """(T, 478, 2) px of crops (T, S, S, 3); NaN where no face was found.

        Raises:
            InputError: the other Python has no mediapipe that works.
        """
        with tempfile.TemporaryDirectory() as folder:
            source, target = Path(folder) / "crops.npy", Path(folder) / "points.npy"
            np.save(source, crops)
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            try:
                self._process.stdin.write(f"{source}\t{target}\n")
                self._process.stdin.flush()
            except BrokenPipeError:
                pass
            if self._process.stdout.readline() != "done\n":
                name = self._process.args[0] if isinstance(self._process.args, list) else ""
                raise InputError(
                    f"--mesh-python {name}: no face mesh; that Python needs mediapipe 0.10.14"
                )
            return np.asarray(np.load(target), np.float64)


def expression_errors(
    crops: Pictures, reference: Reference, reader: MeshReader
) -> dict[str, float]:
    """Mean absolute errors of eye aspect, mouth aspect and gaze; shift of landmarks, px at 512.

    Aspects are heights over widths; gaze is the iris' place between the corners of the eye, in eye
    widths. Only frames in which the mesh finds both faces count.
    """
    mine = reader.points(crops[::STEP])
    true = reference.held("mesh", lambda: reader.points(reference.truth[::STEP]))
    both = np.isfinite(mine[:, 0, 0]) & np.isfinite(true[:, 0, 0])
    if not both.any():
        return {}
    mine, true = mine[both], true[both]
    shift = np.linalg.norm(mine - true, axis=-1).mean() * (512 / reference.side)
    pairs = {"eye aspect": eye_aspects, "mouth aspect": mouth_aspects, "gaze": gazes}
    errors = {name: float(np.abs(of(mine) - of(true)).mean()) for name, of in pairs.items()}
    return errors | {"landmark shift": float(shift)}


def eye_aspects(points: Floats) -> Floats:
    """(T, 2) opening of each eye over its width."""
    return np.stack([_aspect(points, *eye[:4]) for eye in _EYES], axis=1)


def mouth_aspects(points: Floats) -> Floats:
    """(T,) opening between the lips over its width."""
    return _aspect(points, *_LIPS)


def gazes(points: Floats) -> Floats:
    """(T, 2, 2) along and across each eye, from its middle to its iris, in eye widths."""
    found = []
    for outer, inner, _, _, iris in _EYES:
        across = points[:, inner] - points[:, outer]
        wide = np.linalg.norm(across, axis=1, keepdims=True)
        along = across / wide
        place = (points[:, iris] - (points[:, inner] + points[:, outer]) / 2) / wide
        normal = np.stack([-along[:, 1], along[:, 0]], axis=1)
        found.append(np.stack([(place * along).sum(1), (place * normal).sum(1)], axis=1))
    return np.stack(found, axis=1)


def _aspect(points: Floats, left: int, right: int, upper: int, lower: int) -> Floats:
    high = np.linalg.norm(points[:, upper] - points[:, lower], axis=1)
    return np.asarray(high / np.linalg.norm(points[:, left] - points[:, right], axis=1))
