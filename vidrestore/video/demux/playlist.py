"""Playlists: files that name other files, which makes them a risk (HLS, RFC 8216; FFmpeg's concat).

They are refused unless asked for; then everything that they name, at any depth, must be a plain
file below the playlist's own folder, be there, and have an end. All of it is checked before FFmpeg
opens the playlist.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from vidrestore.errors import InputError
from vidrestore.text.escaping import quoted

_HEAD = 64
_MOST_BYTES = 4 << 20
_MOST_FILES = 20_000
_DEEPEST = 4
_KINDS = {
    b"#EXTM3U": "HLS",
    b"ffconcat version": "ffconcat",
    b"<MPD": "DASH",
    b"<?xml": "XML",
    b"[playlist]": "PLS",
    b"v=0": "SDP",
}
_READ = frozenset({"HLS", "ffconcat"})
_ATTRIBUTE = re.compile(r'URI="([^"]*)"')
_CONCAT_FILE = re.compile(r"file\s+(?:'([^'\\]*)'|([^\s'\"\\]+))\s*")
_CONCAT_TIME = re.compile(r"(?:duration|inpoint|outpoint)\s+[0-9:.]+\s*", re.ASCII)
# A scheme, a query, an escape or a turn upwards is no plain path.
_PLAIN = re.compile(r"(?![/~])(?!.*(?:^|/)\.\.(?:/|$))[^:?#%*\\\x00-\x1f\x7f]+")


def playlist_kind(head: bytes) -> str | None:
    """What kind of playlist a file that begins like this is; None if it is none."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return next((kind for mark, kind in _KINDS.items() if text.startswith(mark)), None)


def check_playlist(path: str | Path, *, allowed: bool) -> bool:
    """Look whether a file is a playlist, and whether it may be opened.

    Args:
        path: of a file that can be read.
        allowed: whether playlists of files below their folder are wanted.

    Returns:
        Whether it is one.

    Raises:
        InputError: it is a playlist and not allowed, or names what it may not.
    """
    name = os.fspath(path)
    with Path(name).open("rb") as file:
        kind = playlist_kind(file.read(_HEAD))
    if kind is None:
        return False
    if not allowed or kind not in _READ:
        help_ = "name the video itself"
        if kind in _READ:
            help_ += ", or allow files below its folder with input.playlist below"
        raise InputError(
            f"{name} is no video but names others ({kind}), which are not opened: {help_}"
        )
    _Below(Path(name)).check(Path(name), kind, 0)
    return True


class _Below:
    """Walks over a playlist and all that it names."""

    def __init__(self, playlist: Path) -> None:
        self._folder = Path(os.path.realpath(playlist)).parent
        self._name = os.fspath(playlist)
        self._count = 0

    def check(self, file: Path, kind: str, depth: int) -> None:
        if depth > _DEEPEST:
            raise InputError(f"{self._name} names playlists that name playlists, and so on")
        with file.open("rb") as opened:
            content = opened.read(_MOST_BYTES + 1)
        if len(content) > _MOST_BYTES:
            raise InputError(
                f"{self._name}: a playlist of more than {_MOST_BYTES} bytes is refused"
            )
        text = content.decode("utf-8", "replace").removeprefix("\ufeff")
        named = _hls(text) if kind == "HLS" else self._concat(text)
        for entry in dict.fromkeys(named):
            self._count += 1
            if self._count > _MOST_FILES:
                raise InputError(f"{self._name} names more than {_MOST_FILES} files")
            found, inner = self._file(file.parent, entry)
            if inner is not None:
                self.check(found, inner, depth + 1)
        if kind == "HLS" and "#EXTINF" in text and "#EXT-X-ENDLIST" not in text:
            raise InputError(
                f"{self._name} is of a broadcast without an end (no #EXT-X-ENDLIST); save it first"
            )

    def _file(self, folder: Path, entry: str) -> tuple[Path, str | None]:
        """A file that is named, and what kind of playlist it is; refused if it is not below."""
        if not _PLAIN.fullmatch(entry):
            raise self._refused(entry, "which is no plain path below its folder")
        path = folder / entry
        try:
            if not Path(os.path.realpath(path)).is_relative_to(self._folder):
                raise self._refused(entry, "which lies outside of its folder")
            if not stat.S_ISREG(path.stat().st_mode):
                raise self._refused(entry, "which is no regular file")
            with path.open("rb") as file:
                return path, playlist_kind(file.read(_HEAD))
        except FileNotFoundError:
            raise self._refused(entry, "which does not exist") from None
        except OSError as error:
            raise self._refused(entry, f"which cannot be read ({error.strerror})") from error

    def _concat(self, text: str) -> Iterator[str]:
        for line in text.splitlines()[1:]:
            words = line.strip()
            if not words or words.startswith("#") or _CONCAT_TIME.fullmatch(words):
                continue
            found = _CONCAT_FILE.fullmatch(words)
            if found is None:
                raise InputError(
                    f"{self._name} has the line {quoted(words, 60)}, which is not read"
                )
            yield found[1] or found[2] or ""

    def _refused(self, entry: str, why: str) -> InputError:
        return InputError(f"{self._name} names {quoted(entry, 100)}, {why}; it is not opened")


def _hls(text: str) -> Iterator[str]:
    for line in text.splitlines():
        words = line.strip()
        if words.startswith("#"):
            yield from _ATTRIBUTE.findall(words)
        elif words:
            yield words
