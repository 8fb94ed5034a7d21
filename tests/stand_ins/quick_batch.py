"""``vidrestore batch`` with workers that restore nothing: python -m tests.stand_ins.quick_batch.

Words are MARKS, and then those of the command.
"""

from __future__ import annotations

import sys
from functools import partial

from vidrestore import batch
from vidrestore.cli.app import main
from vidrestore.runtime import child_process


def run(marks: str, *words: str) -> int:
    worker = child_process.command("tests.stand_ins.quick_worker", marks)
    whole = batch.run_batch
    batch.run_batch = partial(whole, worker=worker)
    try:
        return main(["batch", *words])
    finally:
        batch.run_batch = whole


if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)
    sys.exit(run(*sys.argv[1:]))
