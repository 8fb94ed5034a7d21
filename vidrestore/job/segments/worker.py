"""What runs in each process of a divided job: ``python -m vidrestore.job.segments.worker``.

It takes a plan, then numbers of segments, until nobody sends any more. Messages are lines of JSON.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from contextlib import closing
from pathlib import Path
from queue import SimpleQueue
from typing import IO, Any

from vidrestore.build import build_scaler, build_source, use_threads
from vidrestore.config import Config
from vidrestore.errors import NoMemoryError, VidrestoreError
from vidrestore.job.networks import Networks
from vidrestore.job.results import encodings_of
from vidrestore.job.segments.crew import Alone, Step
from vidrestore.job.segments.plan import Plan
from vidrestore.job.segments.running import Work
from vidrestore.job.segments.store import Store
from vidrestore.job.task import Copy
from vidrestore.runtime import child_process
from vidrestore.runtime.memory import lacks_memory

_EVERY = 0.2  # seconds between two words on how far a segment is

Requests = SimpleQueue[dict[str, Any]]


def main() -> None:
    """Restore one segment after the other; ends with whoever names them."""
    answers = child_process.answers()
    requests: Requests = SimpleQueue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, requests), daemon=True).start()
    try:
        _serve(requests, answers)
    except VidrestoreError as error:
        _send(answers, {"error": type(error).__name__, "text": str(error)})
    except Exception as error:
        if not lacks_memory(error):
            raise
        text = "there is too little memory; use fewer jobs, or close other programs"
        _send(answers, {"error": NoMemoryError.__name__, "text": text})


def _listen(stream: IO[bytes], requests: Requests) -> None:
    """Take requests; end the process, whatever it is at, when there is nobody to send any."""
    for line in stream:
        requests.put(json.loads(line))
    os._exit(0)


def _send(answers: IO[bytes], message: dict[str, Any]) -> None:
    answers.write(json.dumps(message).encode() + b"\n")
    answers.flush()


def _serve(requests: Requests, answers: IO[bytes]) -> None:
    message = requests.get()
    plan = Plan.from_dict(message["plan"])
    config = Config.model_validate(plan.settings).with_options(
        {"restore.device": message["device"]}
    )
    use_threads(config.restore.threads)
    with closing(build_source(config, plan.source.path, plan.start, plan.end, None)) as frames:
        scaler = build_scaler(config, frames)
        output = Path(message["output"])
        copies = [Copy.from_plain(output.parent, *copy) for copy in plan.copies]
        encodings = encodings_of(config, frames, scaler, output, copies)
        networks = Networks(config)
        work = Work(config, frames, scaler, networks.engine(), networks.finder(), stop=None)
        crew = Alone(work, encodings, Store(Path(message["folder"])))
        on_step = _StepSender(answers)
        while True:
            number = requests.get()["segment"]
            for done in crew.restore([plan.segments[number]], on_step):
                written = [done.number, done.packets, done.facts, done.size]
                _send(answers, {"written": written})


class _StepSender:
    """Tells how far a segment is, a few times a second."""

    def __init__(self, answers: IO[bytes]) -> None:
        self._answers, self._next = answers, 0.0

    def __call__(self, step: Step) -> None:
        now = time.monotonic()
        if now >= self._next:
            self._next = now + _EVERY
            message = [step.number, step.frames, step.faces, step.taken]
            _send(self._answers, {"step": message})


if __name__ == "__main__":
    main()
