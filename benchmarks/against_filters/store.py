"""What is kept in the output folder, so that a run goes on where one was stopped.

Clips are filed under the hash of the code that makes them; a method's figures hold the hash of all
that they depend on, and are made anew when it differs.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path

import numpy as np

import training.samples.expressions as acting
from benchmarks.against_filters import media
from benchmarks.against_filters.crops import crops_of
from benchmarks.against_filters.media import Floats, Pictures
from benchmarks.against_filters.scenes import Scene, Truth
from benchmarks.against_filters.wear import KINDS

Figures = dict[str, float]

FACTS = "facts.json"

_HERE = Path(__file__).parent
_ACTING = Path(acting.__file__).parent
_COUNTS = {".py", ".safetensors", ".toml"}
_MAKES_CLIPS = ("media.py", "scenes.py", "crops.py", "wear")


def fingerprint(parts: Sequence[Path], *further: object) -> str:
    """Hash of files (folders: all Python and weights in them) and of values' representations."""
    digest = hashlib.sha256()
    for part in parts:
        within = (file for file in sorted(part.rglob("*")) if file.suffix in _COUNTS)
        for file in within if part.is_dir() else (part,):
            digest.update(file.name.encode() + file.read_bytes())
    digest.update(repr(further).encode())
    return digest.hexdigest()[:16]


@dataclass(frozen=True, eq=False)
class WornClip:
    """A clip of one kind, as everything that is judged needs it.

    Attributes:
        kind: of wear.
        scene: what it shows.
        file: what a restorer gets.
        shown: the file with the truth's crops.
        folder: where facts and figures of it are kept.
    """

    kind: str
    scene: Scene
    file: Path
    shown: Path
    folder: Path

    @cached_property
    def truth(self) -> Pictures:
        """(T, S, S, 3) crops of the truth."""
        return media.read(self.shown)

    @cached_property
    def landmarks(self) -> Floats:
        """(T, 5, 2) xy px in the file's frames."""
        return np.array(json.loads((self.folder / FACTS).read_text())["landmarks"])

    @property
    def name(self) -> str:
        """KIND/GROUP/CLIP."""
        return f"{self.kind}/{self.scene.group}/{self.scene.name}"

    def figures(self, method: str, made_by: str, make: Callable[[], Figures]) -> Figures:
        """What was measured before with the same code and options, or is measured now."""
        file = self.folder / f"{method}.json"
        if file.is_file():
            content = json.loads(file.read_text())
            if content["made_by"] == made_by:
                return dict(content["figures"])
        figures = {name: round(value, 5) for name, value in make().items()}
        _write_text(file, json.dumps({"made_by": made_by, "figures": figures}, indent=1))
        return figures


class Store:
    """The output folder.

    Args:
        folder: where everything lies.
        make: gives a scene's truth, None if it has no face to judge.
        frames: of each clip, at most.
    """

    def __init__(
        self, folder: Path, make: Callable[[Scene, int], Truth | None], frames: int
    ) -> None:
        made_by = fingerprint([*(_HERE / part for part in _MAKES_CLIPS), _ACTING], frames)
        self._folder = folder / made_by[:8]
        self._make, self._frames = make, frames
        self._held: tuple[Scene, Truth | None] | None = None

    def clip(self, kind: str, scene: Scene) -> WornClip | None:
        """The worn clip, made if it is not there; None if it has no face to judge."""
        home = self._folder / scene.group / scene.name
        folder = home / kind
        worn, facts = folder / "worn.mkv", folder / FACTS
        shown = home / f"truth-{KINDS[kind].seen_as}.mkv"
        if (home / "no-face").is_file():
            return None
        if not (_of_seed(facts, scene.seed) and worn.is_file() and shown.is_file()):
            truth = self._truth(scene)
            folder.mkdir(parents=True, exist_ok=True)
            if truth is None:
                (home / "no-face").touch()
                return None
            self._wear(kind, scene, truth, folder, shown)
        return WornClip(kind, scene, worn, shown, folder)

    def _wear(self, kind: str, scene: Scene, whole: Truth, folder: Path, shown: Path) -> None:
        for figures in folder.glob("*.json"):
            figures.unlink()  # of another clip of that name
        number = list(KINDS).index(kind)
        truth = KINDS[kind].seen(whole)
        worn, how = KINDS[kind].worn(truth, np.random.default_rng((scene.seed, 2, number)))
        media.write(worn, folder / "worn.mkv", truth.rate, how)
        media.write(crops_of(truth.pictures, truth.landmarks), shown, truth.rate)
        facts = {
            "seed": scene.seed,
            "wear": repr(KINDS[kind]),
            "rate": str(Fraction(truth.rate)),
            "landmarks": truth.landmarks.round(4).tolist(),
        }
        _write_text(folder / FACTS, json.dumps(facts))

    def _truth(self, scene: Scene) -> Truth | None:
        """The scene's truth; that of the last one is held."""
        if self._held is None or self._held[0] != scene:
            self._held = scene, self._make(scene, self._frames)
        return self._held[1]


def _of_seed(facts: Path, seed: int) -> bool:
    """Whether a clip is there and of this seed: two scenes may have one name."""
    return facts.is_file() and json.loads(facts.read_text())["seed"] == seed


def _write_text(path: Path, text: str) -> None:
    unfinished = path.with_name(f".part-{path.name}")
    unfinished.write_text(text + "\n")
    unfinished.replace(path)
