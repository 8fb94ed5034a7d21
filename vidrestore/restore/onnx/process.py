"""The process of a graph, as the program sees it."""

from __future__ import annotations

import os
import signal
import subprocess
import weakref
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import IO, Any

import numpy as np

from vidrestore.datatypes import Image
from vidrestore.errors import DeviceError, ModelError, NoMemoryError, VidrestoreError
from vidrestore.restore.onnx.messages import receive, send
from vidrestore.runtime import child_process

LOAD_SECONDS = 60
"""Processor time for loading a graph; the largest of the catalogue takes a tenth of it."""
CROP_SECONDS = 300
"""Processor time for a face; the slowest networks take a few seconds."""
LOAD_BYTES = 2 << 30
"""Memory for loading, beside some copies of the file."""
CROP_BYTES = 2 << 30
"""Memory for a face, where a CPU computes."""
# What the system lays by for each thread.
_THREAD_BYTES = 128 << 20
# The file, its weights, and those laid out anew.
_COPIES = 4
_ENDING_SECONDS = 2.0
_ERRORS = {kind.__name__: kind for kind in (DeviceError, ModelError)}


class GraphProcess:
    """A graph in a process of its own; it ends with this object, or with this program.

    Args:
        graph: the bytes of the file, looked through by ``weights.onnx_file`` before.
        providers: what computes, as onnxruntime takes them.
        threads: CPU threads; 0 leaves the choice to onnxruntime.
        fidelity: CodeFormer's weight, from 0, the most restoration, to 1, the most likeness.

    Attributes:
        size: side S of the crops, px.
        precision: "float32", "float16" or "float64".
        fixed: crops that the graph takes at a time; None where it leaves that open.

    Raises:
        ModelError: the graph cannot be used: refused, too much work, or onnxruntime crashes on it.
        NoMemoryError: the system ended the process.
    """

    def __init__(
        self,
        graph: bytes,
        providers: Sequence[Any],
        *,
        threads: int,
        fidelity: float,
    ) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - this program
            child_process.command("vidrestore.restore.onnx.worker"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=child_process.environment(),
            # Ctrl-C in a terminal is for the program, which ends this process.
            start_new_session=True,
        )
        weakref.finalize(self, _end, self._process)
        # A GPU's driver maps more than there is.
        self._limits_memory = len(providers) == 1
        answer, _ = self._ask(
            {
                "seconds": LOAD_SECONDS,
                "memory": self._memory(_COPIES * len(graph) + LOAD_BYTES),
                "providers": list(providers),
                "threads": threads,
                "fidelity": fidelity,
            },
            graph,
        )
        self.size, self.precision = int(answer["size"]), str(answer["precision"])
        self.fixed: int | None = answer["fixed"]

    def restore(self, crops: Image) -> Image:
        """Restore (N, S, S, 3) RGB, uint8 or uint16; N at most ``fixed``.

        Raises:
            DeviceError: onnxruntime fails.
            ModelError: the graph gives something else than pictures, takes too long, or crashes.
            NoMemoryError: the system ended the process.
        """
        count = max(len(crops), self.fixed or 0)
        request = {
            "seconds": count * CROP_SECONDS,
            "memory": self._memory(count * CROP_BYTES),
            "shape": crops.shape,
            "dtype": str(crops.dtype),
        }
        _, content = self._ask(request, crops.tobytes(), crops.nbytes)
        restored: Image = np.frombuffer(content, crops.dtype).reshape(crops.shape)
        return restored

    def _memory(self, size: int) -> int | None:
        """A limit of bytes, with what the system lays by for threads."""
        return size + _THREAD_BYTES * (os.cpu_count() or 1) if self._limits_memory else None

    def _ask(
        self, request: Mapping[str, Any], content: bytes, most: int = 0
    ) -> tuple[dict[str, Any], bytes]:
        """Send a request and wait for its answer."""
        requests, answers = self._process.stdin, self._process.stdout
        assert requests is not None
        assert answers is not None
        answer = _exchanged(requests, answers, request, content, most)
        if answer is None:
            raise self._ended(request["seconds"])
        if "error" in answer[0]:
            raise _ERRORS.get(answer[0]["error"], ModelError)(str(answer[0]["text"]))
        return answer

    def _ended(self, seconds: int) -> VidrestoreError:
        """Why the process ended."""
        try:
            code = self._process.wait(_ENDING_SECONDS)
        except subprocess.TimeoutExpired:
            _end(self._process)
            return ModelError("onnxruntime's process answered with something else than pictures")
        if code == -getattr(signal, "SIGKILL", 0):
            return NoMemoryError(
                "onnxruntime's process was killed, as systems do that lack memory; lower "
                "restore.batch, or close other programs"
            )
        if code == -getattr(signal, "SIGXCPU", 0):
            why = f"took more than {seconds} s of processor time with it"
        elif code < 0:
            why = f"crashed on it ({signal.Signals(-code).name})"
        else:
            why = f"ended with code {code}"
        return ModelError(f"onnxruntime cannot use the ONNX graph: it {why}; use another file")


def _exchanged(
    requests: IO[bytes],
    answers: IO[bytes],
    request: Mapping[str, Any],
    content: bytes,
    most: int,
) -> tuple[dict[str, Any], bytes] | None:
    """The answer to a request; None if there is none, or nothing that is one."""
    # If the process has ended, its last answer may tell why.
    with suppress(OSError):
        send(requests, request, content)
    try:
        return receive(answers, most)
    except (OSError, ValueError, KeyError):
        return None


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process and what leads to it; safe to call twice."""
    process.kill()
    process.wait()
    for stream in (process.stdout, process.stdin):
        if stream is not None:
            # What was held for it goes nowhere.
            with suppress(OSError):
                stream.close()
