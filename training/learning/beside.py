"""The command line of what trains a small network that lies beside a GPEN in its file."""

from __future__ import annotations

import argparse
from pathlib import Path

from training.samples.dataset import CUTS

_LEARNED = 7, 8
"""Part of the truths that are learned from; the rest is held back."""


def parser_beside(doc: str | None, *, count: int, steps: int, what: str) -> argparse.ArgumentParser:
    """With ``pool``, ``network``, ``out``, ``count``, ``steps`` and ``seed``.

    Args:
        doc: of the module; its first line tells what the command does.
        count: samples of the pool, by default.
        steps: by default.
        what: is told of the network's file.
    """
    parser = argparse.ArgumentParser(description=(doc or "").splitlines()[0])
    parser.add_argument("--pool", type=Path, required=True, help="folder of training.pool")
    parser.add_argument("--network", type=Path, required=True, help=what)
    parser.add_argument("--out", type=Path, required=True, help="weight file to write")
    parser.add_argument("--count", type=int, default=count, help="samples of the pool")
    parser.add_argument("--steps", type=int, default=steps)
    parser.add_argument("--seed", type=int, default=1)
    return parser


def learned_from(count: int) -> int:
    """How many of the first of so many samples to learn from; of none of the others is the truth.

    Raises:
        SystemExit: they are too few to hold any back.
    """
    learned, of = _LEARNED
    known = count * learned // of // CUTS * CUTS
    if not known:
        raise SystemExit(f"{count} samples are too few to learn from and hold some back")
    return known
