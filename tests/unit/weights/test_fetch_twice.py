"""Two that fetch one model at the same time, and addresses that lead from https to http."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter

from tests.stand_ins import web
from vidrestore.errors import ModelError
from vidrestore.weights import fetch as fetching
from vidrestore.weights.catalogue import Model
from vidrestore.weights.fetch import accept, fetch

CONTENT = bytes(range(256)) * 1000
HASH = hashlib.sha256(CONTENT).hexdigest()
MODEL = Model("small", "small.onnx", HASH, 64, "gpen", "non-commercial", megabytes=1)
PART = "small.onnx.part"

OTHER_PROCESS = """
import sys
from pathlib import Path
from vidrestore.weights.catalogue import Model
from vidrestore.weights.fetch import fetch
model = Model("small", "small.onnx", sys.argv[1], 64, "gpen", "free", megabytes=1)
fetch(model, Path(sys.argv[2]), release=sys.argv[3])
"""


@pytest.fixture
def server() -> Iterator[web.Server]:
    with web.web_server() as running:
        yield running


def test_the_second_of_two_waits_and_takes_what_the_first_fetched(
    server: web.Server, tmp_path: Path
) -> None:
    begun = threading.Event()
    server.answer = web.held(CONTENT, 100_000, begun)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(fetch, MODEL, tmp_path, release=server.address)
        assert begun.wait(120)
        second = fetch(MODEL, tmp_path, release=server.address, waiting=server.released.set)
        assert first.result(120) == second
    assert second.read_bytes() == CONTENT
    assert server.ranges == [None]
    assert not (tmp_path / PART).exists()


def test_a_process_that_was_killed_holds_nobody_up(server: web.Server, tmp_path: Path) -> None:
    begun, kept = threading.Event(), []
    server.answer = web.held(CONTENT, 200_000, begun)
    arguments = [sys.executable, "-c", OTHER_PROCESS, HASH, str(tmp_path), server.address]
    with subprocess.Popen(arguments) as other:
        assert begun.wait(120)

        def waiting() -> None:
            other.kill()
            other.wait()
            server.answer = web.sends(CONTENT)
            kept.append((tmp_path / PART).stat().st_size if (tmp_path / PART).exists() else 0)

        path = fetch(MODEL, tmp_path, release=server.address, waiting=waiting)
    assert path.read_bytes() == CONTENT
    assert len(kept) == 1
    assert server.ranges == [None, f"bytes={kept[0]}-" if kept[0] else None]


def test_licences_accepted_at_the_same_time_are_all_kept(tmp_path: Path) -> None:
    models = [Model(str(i), "x", HASH, 64, "gpen", f"non-commercial {i}") for i in range(16)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda model: accept(model, tmp_path), models))
    assert all(fetching.accepted(model, tmp_path) for model in models)


class Unwrapped(HTTPAdapter):
    """Takes the place of TLS: what is asked of https goes to the same server without it."""

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]
        plain = request.copy()
        assert request.url is not None
        plain.url = request.url.replace("https://", "http://", 1)
        answer = super().send(plain, **options)
        answer.url = request.url
        return answer


class Session(requests.Session):
    def __init__(self) -> None:
        super().__init__()
        self.mount("https://", Unwrapped())


@pytest.fixture
def secure(server: web.Server, monkeypatch: pytest.MonkeyPatch) -> str:
    """The server's address as if it spoke TLS."""
    monkeypatch.setattr(fetching.requests, "Session", Session)
    return server.address.replace("http://", "https://", 1)


def test_what_begins_with_https_never_goes_on_without(
    server: web.Server, secure: str, tmp_path: Path
) -> None:
    """The very file lies at the open address; not even its first byte is asked for."""
    asked: list[str] = []

    def answer(request: Any) -> None:
        asked.append(request.path)
        if request.path == "/open":
            web.sends(CONTENT)(request)
        else:
            web.redirects(f"{server.address}open")(request)

    server.answer = answer
    with pytest.raises(ModelError, match="leads to an address that is not https") as caught:
        fetch(MODEL, tmp_path, release=secure)
    assert len(str(caught.value).splitlines()) == 1
    assert asked == ["/small.onnx"]
    assert not (tmp_path / PART).exists()


def test_from_https_to_https_it_follows(server: web.Server, secure: str, tmp_path: Path) -> None:
    def answer(request: Any) -> None:
        moved = request.path != "/moved"
        (web.redirects(f"{secure}moved") if moved else web.sends(CONTENT))(request)

    server.answer = answer
    assert fetch(MODEL, tmp_path, release=secure).read_bytes() == CONTENT
