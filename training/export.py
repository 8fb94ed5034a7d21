"""Write a run's averaged network as weights that vidrestore reads; print their SHA-256.

    python -m training.export training/runs/first/last.pt vidrestore/weights/NAME.safetensors

With ``--mean CHECKPOINT ...`` the mean of these runs and the first is written, all of which went on
from one another: it lies between what they learned. With ``--beside WEIGHTS`` the small networks of
that file are written beside it, for a network that gives nearly the same results; they are stale
for any other.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from functools import reduce
from pathlib import Path

import torch
from torch import Tensor

from vidrestore.restore.beside import Beside
from vidrestore.restore.gpen.checkpoint import read_checkpoint, write_checkpoint
from vidrestore.restore.gpen.network import Gpen
from vidrestore.restore.gpen.shape import GpenShape


def load_run(path: Path) -> Gpen:
    """The averaged network of a training checkpoint."""
    state = torch.load(path, map_location="cpu", weights_only=True)
    shape = dict(state["shape"])
    network = Gpen.empty(GpenShape(**{**shape, "widths": tuple(shape["widths"])}))
    network.load_state_dict(state["average"])
    return network.eval().requires_grad_(False)


def mean_of(networks: Sequence[Gpen]) -> Gpen:
    """The network whose parameters are the mean of some (Wortsman et al., ICML 2022).

    Raises:
        ValueError: they are of different shapes.
    """
    shapes = [network.shape for network in networks]
    if any(shape != shapes[0] for shape in shapes):
        raise ValueError(f"networks of {' and '.join(map(str, shapes))} have no mean")
    states = [network.state_dict() for network in networks]
    mean = Gpen.empty(shapes[0])
    mean.load_state_dict({name: _mean([state[name] for state in states]) for name in states[0]})
    return mean.eval().requires_grad_(False)


def _mean(values: Sequence[Tensor]) -> Tensor:
    return reduce(torch.add, values) / len(values)


def small_networks(path: Path) -> tuple[Beside | None, ...]:
    """Confidence, detail and refinement of a weight file, those that it has."""
    checkpoint = read_checkpoint(path)
    detail = checkpoint.build_detail()
    fine = (detail.missing_network, detail.refinement_network) if detail else ()
    return (checkpoint.build_confidence(), *fine)


def main(argv: list[str] | None = None) -> None:
    """Export from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("checkpoint", type=Path, help="last.pt of a run")
    parser.add_argument("out", type=Path, help="the .safetensors file to write")
    parser.add_argument("--dtype", choices=["float16", "float32"], default="float16")
    parser.add_argument(
        "--mean", type=Path, nargs="+", default=[], help="last.pt of other runs, all of one weight"
    )
    parser.add_argument("--beside", type=Path, help="weight file whose small networks are copied")
    args = parser.parse_args(argv)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    beside = small_networks(args.beside) if args.beside else ()
    try:
        network = mean_of([load_run(path) for path in (args.checkpoint, *args.mean)])
    except ValueError as error:
        parser.error(f"--mean: {error}")
    write_checkpoint(network, args.out, getattr(torch, args.dtype), beside)
    written = read_checkpoint(args.out)
    megabytes = args.out.stat().st_size / 1e6
    print(f"{args.out}: {megabytes:.2f} MB, {written.shape.size} px, SHA-256 {written.sha256}")


if __name__ == "__main__":
    main()
