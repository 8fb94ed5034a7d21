"""When all pictures of a file are shown, from its packets alone: nothing is decoded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from av.stream import Discard

from vidrestore.config import InputConfig
from vidrestore.errors import Interrupted
from vidrestore.video.demux.choice import choose
from vidrestore.video.demux.files import READ_ERRORS, open_input

# Containers with an index of keyframes whose packets give the times of their own pictures.
_SEEKABLE = frozenset({"mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm"})
# Packets between two looks at whether to go on.
_LOOK = 1000


@dataclass(frozen=True, slots=True)
class Timetable:
    """The pictures of a file in the order in which they are shown.

    Attributes:
        times: of each, seconds of the file's clock, strictly rising.
        keys: of each, whether decoding can begin with it.
        exact: whether a seek can be trusted to land on the keyframe asked for, so that decoding
            from there gives what decoding from the beginning gives.
    """

    times: tuple[Fraction, ...]
    keys: tuple[bool, ...]
    exact: bool


def timetable(
    path: str | Path, config: InputConfig, stop: Callable[[], bool] | None = None
) -> Timetable | None:
    """Read all packets of a file's pictures.

    Args:
        path: the file.
        config: limits, and which stream is restored.
        stop: whether to give up; asked now and then.

    Returns:
        None where they do not say when each picture is shown.

    Raises:
        InputError: the file cannot be opened.
        Interrupted: it was to be given up.
    """
    shown: dict[int, bool] = {}
    whole = True
    with open_input(path, config) as container:
        stream, _ = choose(container, path, config.stream)
        for other in container.streams:
            if other.index != stream.index:
                other.discard = Discard.all
        base = stream.time_base
        try:
            for number, packet in enumerate(container.demux(stream)):
                if stop is not None and number % _LOOK == 0 and stop():
                    raise Interrupted("stopped before the end")
                if not packet.size or packet.is_discard:
                    continue
                if packet.pts is None or packet.pts in shown:
                    return None
                shown[packet.pts] = packet.is_keyframe
                whole = whole and not packet.is_corrupt
        except READ_ERRORS:
            whole = False  # met again, and reported, when the file is decoded
        exact = whole and container.format.name in _SEEKABLE and Path(path).is_file()
    if not base or not shown:
        return None
    times = sorted(shown)
    return Timetable(
        tuple(time * base for time in times), tuple(shown[time] for time in times), exact
    )
