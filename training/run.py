"""The whole training of the default model, to be left alone.

    python -m training.run --portraits PORTRAITS --start vidrestore/weights/NAME.safetensors \
        --out training/runs/next

Samples are made beside the run; the network learns in windows around eyes and mouths, then on
whole faces; the best of it by validation is written out, what tells how far to trust it, what
refines its results and what tells what they lack is trained, and the result is judged. After any
kill the same command goes on: each part leaves a file when it is done, and the network goes on from
its last checkpoint when it is not.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

from training import confidence, detail, evaluate, export, refinement, states, train
from training.pool import Pool

_FIRST = 600
"""Samples to wait for before the network begins."""
_WINDOWS, _FACES = 4000, 8000
_WAIT = 0.5


def parse(argv: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--portraits", type=Path, required=True, help="folder with manifest.json")
    parser.add_argument("--start", type=Path, required=True, help="weights to go on from")
    parser.add_argument("--out", type=Path, required=True, help="folder of everything")
    parser.add_argument("--grow", type=int, help="channels of an octave to add to --start's")
    parser.add_argument("--samples", type=int, default=12_000, help="of the pool, 2.4 MB each")
    parser.add_argument("--windows", type=int, default=_WINDOWS, help="steps of eight windows")
    parser.add_argument("--faces", type=int, default=_FACES, help="steps of four whole faces")
    parser.add_argument("--softened", type=float, default=0.5, help="part of the truths, 0..1")
    parser.add_argument("--large", type=float, default=0.5, help="part of large faces, 0..1")
    parser.add_argument(
        "--trusted", type=int, default=1500, help="samples of confidence, refinement and detail"
    )
    parser.add_argument("--trusting", type=int, default=1200, help="steps of confidence, of detail")
    parser.add_argument("--refining", type=int, default=4000, help="steps of refinement")
    parser.add_argument("--judged", type=int, help="validation portraits; default: all")
    parser.add_argument("--first", type=int, default=_FIRST, help="samples to begin with")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", default="auto")
    return parser.parse_args(argv)


class SampleMaker:
    """A process that makes samples; it goes on where one before it stopped.

    Args:
        args: of :func:`parse`.
    """

    def __init__(self, args: argparse.Namespace) -> None:
        self.folder = args.out / "pool"
        command = ["--portraits", args.portraits, "--out", self.folder]
        command += ["--count", args.samples, "--seed", args.seed, "--softened", args.softened]
        command += ["--large", args.large]
        command += ["--ends-with-parent"]  # a killed run would leave it working else
        words = [sys.executable, "-m", "training.pool", *map(str, command)]
        self._process = subprocess.Popen(words)

    def await_samples(self, count: int) -> None:
        """Wait until there are so many.

        Raises:
            SystemExit: the process ended with fewer.
        """
        while self._made() < count:
            if self._process.poll() is not None and self._made() < count:
                raise SystemExit(f"no samples in {self.folder}: training.pool has failed")
            time.sleep(_WAIT)

    def _made(self) -> int:
        return len(Pool(self.folder)) if (self.folder / "made.json").exists() else 0

    def stop(self) -> None:
        """End it; what it has made stays."""
        self._process.terminate()
        self._process.wait()


def stints(args: argparse.Namespace, size: int) -> list[str]:
    """What the network looks at: windows first, then whole faces."""
    both = f"side={size},energy=0.4"
    return [
        f"until={args.windows},{both},count=8,windows=1,rate=5e-4,floor=4e-4",
        f"until={args.windows + args.faces},{both},rate=4e-4,floor=4e-4",
    ]


def learn(args: argparse.Namespace, pool: Path) -> Path:
    """Train the network; gives the file of its weights."""
    network = Path(args.out / "network.safetensors")
    if network.exists():
        return network
    run = args.out / "network"
    command = ["--portraits", args.portraits, "--pool", pool, "--run", run]
    command += ["--start", args.start, "--seed", args.seed, "--device", args.device]
    command += ["--threads", args.threads, "--warm-up", 100, "--average", 400]
    command += ["--decay-from", args.windows + args.faces // 2, "--validate", 12]
    command += ["--grow", args.grow] if args.grow else []
    size = train.start_size(args.start, args.grow)
    for stint in stints(args, size):
        command += ["--stint", stint]
    train.main([str(word) for word in command])
    export.main([str(run / "best.pt"), str(args.out / "part.safetensors")])
    (args.out / "part.safetensors").replace(network)
    return network


def trust(args: argparse.Namespace, pool: Path, network: Path) -> Path:
    """Train what lies beside it, one after the other; gives the file of all."""
    part, begun = args.out / "part.safetensors", network
    parts = (
        ("trusted", confidence, args.trusting),
        ("refined", refinement, args.refining),
        ("model", detail, args.trusting),
    )
    for name, learning, steps in parts:
        done = args.out / f"{name}.safetensors"
        if not done.exists():
            command = ["--pool", pool, "--network", begun, "--out", part]
            command += ["--count", args.trusted, "--steps", steps]
            learning.main([str(word) for word in command])
            part.replace(done)
        begun = done
    return begun


def judge(args: argparse.Namespace, model: Path) -> None:
    """Tables, sheets and states of the model and of what it began from."""
    limit = ["--limit", str(args.judged)] if args.judged else []
    for name, weights in (("begun", args.start), ("model", model)):
        folder = args.out / f"judged_{name}"
        if (folder / "states.json").exists():
            continue
        command = ["--portraits", str(args.portraits), "--model", str(weights), *limit]
        evaluate.main([*command, "--out", str(folder), "--device", args.device])
        states.main([*command, "--out", str(folder)])


def main(argv: list[str] | None = None) -> None:
    """Train from the command line."""
    args = parse(argv)
    args.out.mkdir(parents=True, exist_ok=True)
    asked = args.out / "asked.json"
    words = {name: str(value) for name, value in vars(args).items()}
    if asked.exists() and json.loads(asked.read_text()) != words:
        raise SystemExit(f"{args.out} was begun with other words; see {asked}, or name a new one")
    asked.write_text(json.dumps(words, indent=1) + "\n")
    if not (args.out / "model.safetensors").exists():
        maker = SampleMaker(args)
        try:
            maker.await_samples(min(args.first, args.samples))
            network = learn(args, maker.folder)
            maker.await_samples(min(args.trusted, args.samples))
            trust(args, maker.folder, network)
        finally:
            maker.stop()
    judge(args, args.out / "model.safetensors")
    shutil.rmtree(args.out / "pool", ignore_errors=True)
    print(f"done: {args.out / 'model.safetensors'}", flush=True)


if __name__ == "__main__":
    main()
