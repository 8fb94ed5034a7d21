"""A web server on this machine that serves one file, well or badly."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Server(ThreadingHTTPServer):
    """Answers by its ``answer``; notes the Range header of every request."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.ranges: list[str | None] = []
        self.released = threading.Event()
        self.answer: Callable[[_Handler], None] = missing

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"

    def handle_error(self, request: object, client_address: object) -> None:
        """The client hanging up is part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.ranges.append(self.headers.get("Range"))
        self.server.answer(self)

    def begin(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def missing(request: _Handler) -> None:
    request.begin(404, {"Content-Length": "0"})


def sends(
    content: bytes, *, ranges: bool = True, step: int = 1 << 30
) -> Callable[[_Handler], None]:
    """The whole content, or from where it was asked for."""

    def answer(request: _Handler) -> None:
        wanted = request.headers.get("Range") if ranges else None
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
        if start >= len(content) and wanted:
            return request.begin(416, {"Content-Length": "0"})
        length = {"Content-Length": str(len(content) - start)}
        if wanted:
            length["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        request.begin(206 if wanted else 200, length)
        for place in range(start, len(content), step):
            request.wfile.write(content[place : place + step])
            request.wfile.flush()
        return None

    return answer


def cut(content: bytes, after: int) -> Callable[[_Handler], None]:
    """Promises everything, and hangs up."""

    def answer(request: _Handler) -> None:
        request.begin(200, {"Content-Length": str(len(content))})
        request.wfile.write(content[:after])

    return answer


def stalled(content: bytes, after: int) -> Callable[[_Handler], None]:
    """Begins, and then says nothing until the test is over."""

    def answer(request: _Handler) -> None:
        request.begin(200, {"Content-Length": str(len(content))})
        request.wfile.write(content[:after])
        request.wfile.flush()
        request.server.released.wait(60)

    return answer


def held(content: bytes, after: int, begun: threading.Event) -> Callable[[_Handler], None]:
    """Begins, says so, and goes on when the test releases it."""

    def answer(request: _Handler) -> None:
        request.begin(200, {"Content-Length": str(len(content))})
        request.wfile.write(content[:after])
        request.wfile.flush()
        begun.set()
        request.server.released.wait(60)
        request.wfile.write(content[after:])

    return answer


def redirects(address: str) -> Callable[[_Handler], None]:
    def answer(request: _Handler) -> None:
        request.begin(302, {"Location": address, "Content-Length": "0"})

    return answer


def endless(request: _Handler) -> None:
    """No length, and no end."""
    request.begin(200, {})
    while True:
        request.wfile.write(b"x" * 65536)


@contextmanager
def web_server() -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
