from __future__ import annotations

import os
import signal
import sys
from io import BytesIO

import numpy as np
import pytest

from tests.made_files.hostile.onnx_graphs import greedy_graph, onnx_graph
from vidrestore.errors import DeviceError, ModelError, NoMemoryError
from vidrestore.restore.onnx import process
from vidrestore.restore.onnx.messages import receive, send
from vidrestore.restore.onnx.process import GraphProcess

CROPS = np.full((1, 32, 32, 3), 128, np.uint8)
ON_CPU = ["CPUExecutionProvider"]
posix = pytest.mark.skipif(os.name != "posix", reason="signals and limits of POSIX")


def opened(graph: bytes | None = None) -> GraphProcess:
    return GraphProcess(graph or onnx_graph(), ON_CPU, threads=1, fidelity=0.5)


@posix
@pytest.mark.parametrize(
    ("number", "kind", "told"),
    [
        ("SIGSEGV", ModelError, "crashed on it"),
        ("SIGKILL", NoMemoryError, "lower restore.batch"),
    ],
)
def test_a_process_that_ends_is_one_line(number: str, kind: type[Exception], told: str) -> None:
    graph = opened()
    os.kill(graph._process.pid, getattr(signal, number))
    with pytest.raises(kind, match=told) as caught:
        graph.restore(CROPS)
    assert len(str(caught.value).splitlines()) == 1


@posix
def test_endless_work_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "CROP_SECONDS", 1)
    graph = opened(greedy_graph(8000, multiplied=True))
    with pytest.raises(ModelError, match="more than 1 s of processor time"):
        graph.restore(CROPS)


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited on Linux")
def test_endless_memory_is_refused() -> None:
    graph = opened(greedy_graph(200_000, multiplied=False))
    with pytest.raises(DeviceError, match="onnxruntime failed") as caught:
        graph.restore(CROPS)
    assert len(str(caught.value).splitlines()) == 1


def test_the_process_ends_with_its_graph() -> None:
    graph = opened()
    child = graph._process
    del graph
    assert child.returncode is not None


def test_the_process_ends_when_its_program_is_gone() -> None:
    graph = opened()
    child = graph._process
    assert child.stdin is not None
    child.stdin.close()
    assert child.wait(120) == 0


def test_a_message_is_told_whole_or_not_at_all() -> None:
    stream = BytesIO()
    send(stream, {"size": 32}, b"abc")
    whole = stream.getvalue()
    assert receive(BytesIO(whole), 3) == ({"size": 32}, b"abc")
    assert receive(BytesIO(whole[:-1])) is None
    assert receive(BytesIO()) is None
    with pytest.raises(ValueError, match="2 at most"):
        receive(BytesIO(whole), 2)
