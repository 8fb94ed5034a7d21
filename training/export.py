"""Write a run's averaged network as weights that vidrestore reads; print their SHA-256.

    python -m training.export training/runs/first/last.pt vidrestore/weights/NAME.safetensors

With ``--mean CHECKPOINT`` the mean of two runs is written, one of which went on from the other: it
lies between what they learned. With ``--beside WEIGHTS`` the small networks of that file are
written beside it, for a network that gives nearly the same results; they are stale for any other.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

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


def mean_of(one: Gpen, other: Gpen) -> Gpen:
    """The network whose parameters lie in the middle of two (Wortsman et al., ICML 2022).

    Raises:
        ValueError: they are of different shapes.
    """
    if one.shape != other.shape:
        raise ValueError(f"networks of {one.shape} and {other.shape} have no mean")
    network, others = Gpen.empty(one.shape), other.state_dict()
    means = {name: (value + others[name]) / 2 for name, value in one.state_dict().items()}
    network.load_state_dict(means)
    return network.eval().requires_grad_(False)


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
    parser.add_argument("--mean", type=Path, help="last.pt of another run, which counts as much")
    parser.add_argument("--beside", type=Path, help="weight file whose small networks are copied")
    args = parser.parse_args(argv)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    beside = small_networks(args.beside) if args.beside else ()
    network = load_run(args.checkpoint)
    if args.mean:
        try:
            network = mean_of(network, load_run(args.mean))
        except ValueError as error:
            parser.error(f"--mean {args.mean}: {error}")
    write_checkpoint(network, args.out, getattr(torch, args.dtype), beside)
    written = read_checkpoint(args.out)
    megabytes = args.out.stat().st_size / 1e6
    print(f"{args.out}: {megabytes:.2f} MB, {written.shape.size} px, SHA-256 {written.sha256}")


if __name__ == "__main__":
    main()
