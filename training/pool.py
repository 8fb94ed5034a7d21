"""Samples made ahead of a run and kept in files, so that many steps can share their cost.

    python -m training.pool --portraits PORTRAITS --out training/runs/pool --count 30000 --seed 1

A sample takes longer to wear than a small network takes to learn from it. A run draws from what is
there: it may begin while the pool still grows, and the same command goes on where it stopped.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
from dataclasses import dataclass, fields
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Subset

from training.samples.dataset import Pair, TrainingPairs
from training.samples.degradations import SIZE
from training.samples.portraits import CROP, load_portraits

_CHUNK = 50


@dataclass(frozen=True, slots=True)
class Stint:
    """A part of a run.

    Attributes:
        until: step at which it ends.
        side: of the patches, px; a whole crop's for faces.
        count: patches of a batch.
        lowest: octave under which the network is left out, 0 being 4 px: a patch can be halved only
            so often.
        margin: px at a patch's border that are not judged, as the network misses what lies beyond.
        rate: learning rate of Adam.
        floor: squared error, of [-1, 1], added to a picture's own before its loss is divided by
            it. The larger it is, the less the good pictures count.
        energy: weight of the gap in the local strength of detail; for whole crops only.
        windows: whether whole crops are judged in windows around eyes and mouths alone, where only
            the octaves above 32 px learn: five times as fast.
    """

    until: int
    side: int = SIZE
    count: int = 4
    lowest: int = 0
    margin: int = 0
    rate: float = 1e-3
    floor: float = 1e-3
    energy: float = 0.0
    windows: int = 0

    @classmethod
    def parse(cls, text: str) -> Stint:
        """Read ``until=22500,side=64,...``: the attributes by name, in any order.

        Raises:
            ValueError: it is something else.
        """
        kinds = {field.name: type(field.default) for field in fields(cls)} | {"until": int}
        pairs = [part.partition("=") for part in text.split(",")]
        stint = cls(**{name: kinds[name](value) for name, _, value in pairs if name in kinds})
        unknown = [name for name, _, _ in pairs if name not in kinds]
        if unknown:
            raise ValueError(f"{text}: there is no {unknown[0]!r}; known are {', '.join(kinds)}")
        return stint

    def check(self, size: int) -> None:
        """Refuse what a network for crops of ``size`` cannot learn from.

        Raises:
            ValueError: the side does not fit the octaves, or the strength of patches is asked for.
        """
        finest = size.bit_length() - 3
        fits = 0 < self.side <= size and self.side % 2 ** (finest - self.lowest) == 0
        if not fits or (self.lowest == 0 and self.side < size):
            raise ValueError(f"patches of {self.side} px have no octave {self.lowest}")
        if self.energy and self.side < size:
            raise ValueError("the strength of detail is compared on whole crops alone")

    def inner(self, picture: Tensor) -> Tensor:
        """The part of (..., side, side) that is judged."""
        judged = slice(self.margin, self.side - self.margin)
        return picture[..., judged, judged]


class Pool:
    """Samples in files that grow.

    ``pictures``, (N, 3, 512, 512, 3) uint8 RGB, hold what is averaged over worn frames, its truth,
    and the frame alone; ``pixels``, (N,) float32, how many pixels of a crop one of the frame is.

    Args:
        folder: where the files are.
        count: room for so many samples; sparse until they are made.
    """

    def __init__(self, folder: Path, count: int | None = None) -> None:
        self._made = folder / "made.json"
        if count is not None:
            folder.mkdir(parents=True, exist_ok=True)
        mode = "r" if count is None else "r+" if self._made.exists() else "w+"
        if count is None:
            count = int(json.loads(self._made.read_text())["room"])
        self.count = count
        self.pictures: NDArray[np.uint8] = np.memmap(
            folder / "pictures.u8", np.uint8, mode, shape=(count, 3, CROP, CROP, 3)
        )
        self.pixels: NDArray[np.float32] = np.memmap(
            folder / "pixels.f4", np.float32, mode, shape=(count,)
        )
        if not self._made.exists():
            self.note(0)

    def __len__(self) -> int:
        """Samples that are there by now."""
        return int(json.loads(self._made.read_text())["made"])

    def note(self, made: int) -> None:
        """Tell readers how many there are."""
        part = self._made.with_suffix(".part")
        part.write_text(json.dumps({"made": made, "room": self.count}))
        part.replace(self._made)

    def put(self, index: int, pair: Pair) -> None:
        """Keep a sample under its number."""
        for place, name in enumerate(("source", "truth", "own")):
            self.pictures[index, place] = pair[name].numpy().transpose(1, 2, 0)  # type: ignore[literal-required]
        self.pixels[index] = float(pair["pixel"])

    def draw(
        self, stint: Stint, known: int, rng: np.random.Generator, size: int = SIZE
    ) -> dict[str, Tensor]:
        """Patches, half of them mirrored, of samples among the first ``known``.

        Args:
            stint: what is drawn.
            known: samples to draw from.
            rng: draws.
            size: side that a whole crop is brought to, by area.

        Returns:
            "source" and "truth", (count, 3, side, side) uint8 each.
        """
        side, pixel = stint.side, CROP // size
        drawn = np.empty((stint.count, 2, side, side, 3), np.uint8)
        for place in range(stint.count):
            top, left = rng.integers(0, size - side + 1, 2) * pixel
            sample = self.pictures[rng.integers(known)]
            patch = sample[:2, top : top + side * pixel, left : left + side * pixel]
            if pixel > 1:
                how = cv2.INTER_AREA
                patch = np.stack([cv2.resize(p, (side, side), interpolation=how) for p in patch])
            drawn[place] = patch[:, :, ::-1] if rng.random() < 0.5 else patch
        pictures = torch.from_numpy(drawn).permute(1, 0, 4, 2, 3)
        return {"source": pictures[0], "truth": pictures[1]}


@dataclass(frozen=True, slots=True)
class PoolBatches(Dataset[dict[str, Tensor]]):
    """A run's batches; each is a pure function of the seed and the step, and of what is there.

    Attributes:
        pool: to draw from; where it still grows, what is there when a batch is drawn counts.
        stints: what is drawn.
        seed: of the draws.
        size: side of the network's crops.
    """

    pool: Pool
    stints: tuple[Stint, ...]
    seed: int
    size: int = SIZE

    def __len__(self) -> int:
        return self.stints[-1].until

    def __getitem__(self, step: int) -> dict[str, Tensor]:
        if step >= len(self):
            raise IndexError(step)
        stint = next(s for s in self.stints if step < s.until)
        rng = np.random.default_rng((self.seed, step))
        return self.pool.draw(stint, len(self.pool), rng, self.size)


def main(argv: list[str] | None = None) -> None:
    """Make samples from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--portraits", type=Path, required=True, help="folder with manifest.json")
    parser.add_argument("--out", type=Path, required=True, help="folder of the pool")
    parser.add_argument("--count", type=int, default=30_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--softened", type=float, default=0.0, help="part of the truths, 0..1")
    parser.add_argument("--large", type=float, default=0.0, help="part of large faces, 0..1")
    parser.add_argument("--workers", type=int, default=0, help="processes besides this one")
    parser.add_argument(
        "--ends-with-parent", action="store_true", help="end when the process that began it has"
    )
    args = parser.parse_args(argv)
    parent = os.getppid()
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    pool = Pool(args.out, args.count)
    made = len(pool)
    # The files are sparse: a write for which there is no room would end the process with no word.
    lacking = (args.count - made) * pool.pictures[0].nbytes
    free = shutil.disk_usage(args.out).free
    if lacking > free:
        raise SystemExit(
            f"{args.out}: {args.count - made} samples take {lacking / 1e9:.1f} GB, and "
            f"{free / 1e9:.1f} GB are free there; make room, or ask for fewer (--count)"
        )
    portraits = load_portraits(args.portraits, "train")
    pairs = TrainingPairs(portraits, args.count, args.seed, CROP, args.softened, args.large)
    rest = Subset(pairs, range(made, args.count))  # type: ignore[arg-type]
    for pair in DataLoader(rest, batch_size=None, num_workers=args.workers):
        pool.put(made, pair)
        made += 1
        if made % _CHUNK == 0 or made == args.count:
            pool.note(made)
        if args.ends_with_parent and os.getppid() != parent:
            return
    print(f"{made} samples in {args.out}", flush=True)


if __name__ == "__main__":
    main()
