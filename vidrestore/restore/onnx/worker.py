"""What runs in the process of a graph: ``python -m vidrestore.restore.onnx.worker``.

It takes a graph, then crops, until nobody sends any more. Limits come with each request, as only
the sender knows how much work is sensible.
"""

from __future__ import annotations

import os
import sys
import threading
from queue import SimpleQueue
from typing import IO, Any

import numpy as np

from vidrestore.errors import VidrestoreError
from vidrestore.restore.onnx.graph import FaceGraph
from vidrestore.restore.onnx.messages import receive, send
from vidrestore.runtime import child_process

Requests = SimpleQueue[tuple[dict[str, Any], bytes]]


def main() -> None:
    """Answer one request after the other; ends with whoever sends them."""
    answers = child_process.answers()
    requests: Requests = SimpleQueue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, requests), daemon=True).start()
    try:
        _serve(requests, answers)
    except VidrestoreError as error:
        send(answers, {"error": type(error).__name__, "text": str(error)})


def _listen(stream: IO[bytes], requests: Requests) -> None:
    """Take requests; end the process, whatever it is at, when there is nobody to send any."""
    while request := receive(stream):
        requests.put(request)
    os._exit(0)


def _serve(requests: Requests, answers: IO[bytes]) -> None:
    message, content = requests.get()
    _limit(message)
    graph = FaceGraph(
        content,
        [tuple(given) if isinstance(given, list) else given for given in message["providers"]],
        threads=message["threads"],
        fidelity=message["fidelity"],
    )
    send(answers, {"size": graph.size, "precision": graph.precision, "fixed": graph.fixed})
    while True:
        message, content = requests.get()
        _limit(message)
        crops = np.frombuffer(content, message["dtype"]).reshape(message["shape"])
        send(answers, {}, graph.restore(crops).tobytes())


def _limit(message: dict[str, Any]) -> None:
    child_process.limit_time(message["seconds"])
    if message["memory"] is not None:
        child_process.limit_memory(message["memory"])


if __name__ == "__main__":
    main()
