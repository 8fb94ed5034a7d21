"""When a GPU uploaded, computed and downloaded, and which part of the copies computing hid.

It reads records of a stream, a name, a start and an end, from a trace that ``torch.profiler`` has
written (Chrome's format, https://docs.pytorch.org/docs/stable/profiler.html) or from anywhere else.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

Kind = Literal["upload", "compute", "download"]
KINDS: tuple[Kind, ...] = ("upload", "compute", "download")
_ON_A_GPU = ("kernel", "gpu_memcpy", "gpu_memset")
_COPIES: dict[str, Kind] = {"Memcpy HtoD": "upload", "Memcpy DtoH": "download"}
_SHADES = " ░▒▓█"


class Span(NamedTuple):
    """Something that a GPU did, times in milliseconds.

    Attributes:
        stream: that it was queued on.
        name: of the kernel, or "Memcpy HtoD (Pinned -> Device)" and the like.
        start: when it began.
        end: when it ended.
    """

    stream: str
    name: str
    start: float
    end: float

    @property
    def kind(self) -> Kind:
        """What it was for; a copy within the device is part of computing."""
        return next(
            (kind for head, kind in _COPIES.items() if self.name.startswith(head)), "compute"
        )


class Hidden(NamedTuple):
    """How much of the copies of one kind passed unnoticed; times in milliseconds.

    Attributes:
        kind: "upload" or "download".
        total: time that they took.
        hidden: of it, while something was computed.
        alone: of it, before the first and after the last computing, where nothing could hide it.
        slow: how many were from or to memory that is not pinned, which cannot overlap.
    """

    kind: Kind
    total: float
    hidden: float
    alone: float
    slow: int

    @property
    def share(self) -> float:
        """Of the time that could have been hidden, what was; 1 if there was none."""
        could = self.total - self.alone
        return self.hidden / could if could > 0 else 1.0


def read_trace(path: Path) -> list[Span]:
    """What happened on the GPU, by start.

    Args:
        path: what ``torch.profiler.profile.export_chrome_trace`` wrote.
    """
    events = json.loads(path.read_text(encoding="utf-8"))["traceEvents"]
    spans = [
        Span(
            stream=str(event.get("args", {}).get("stream", event["tid"])),
            name=str(event["name"]),
            start=float(event["ts"]) / 1000,
            end=(float(event["ts"]) + float(event["dur"])) / 1000,
        )
        for event in events
        if event.get("ph") == "X" and event.get("cat") in _ON_A_GPU
    ]
    return sorted(spans, key=lambda span: span.start)


def busy(spans: Iterable[Span]) -> list[tuple[float, float]]:
    """When at least one of them was going on: intervals that do not touch, in order."""
    merged: list[tuple[float, float]] = []
    for start, end in sorted((span.start, span.end) for span in spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def overlap(some: Sequence[tuple[float, float]], others: Sequence[tuple[float, float]]) -> float:
    """The time that is in both."""
    return sum(
        max(0.0, min(end, until) - max(start, since))
        for start, end in some
        for since, until in others
    )


def hidden(spans: Sequence[Span], kind: Kind) -> Hidden:
    """How much of the copies of a kind computing hid."""
    copies = [span for span in spans if span.kind == kind]
    computing = busy(span for span in spans if span.kind == "compute")
    copying = busy(copies)
    total = sum(end - start for start, end in copying)
    window = [(computing[0][0], computing[-1][1])] if computing else []
    alone = total - overlap(copying, window)
    slow = sum("Pageable" in span.name for span in copies)
    return Hidden(kind, total, overlap(copying, computing), alone, slow)


def told(spans: Sequence[Span], width: int = 96) -> str:
    """The timeline as text: a row of shades for each kind, then what was hidden.

    The darker a place, the larger the part of its time in which that kind went on.
    """
    if not spans:
        return "timeline: nothing ran on a GPU"
    begin, end = min(span.start for span in spans), max(span.end for span in spans)
    step = max(end - begin, 1e-9) / width
    lines = [f"timeline, {end - begin:.2f} ms, {step:.3f} ms a column"]
    for kind in KINDS:
        when = busy(span for span in spans if span.kind == kind)
        row = ""
        for column in range(width):
            place = (begin + column * step, begin + (column + 1) * step)
            part = overlap(when, [place]) / step
            # The lightest shade is for anything at all; none is nothing.
            row += _SHADES[min(len(_SHADES) - 1, round(part * (len(_SHADES) - 1)) or part > 0)]
        lines.append(f"{kind:<9}|{row}|")
    computing = sum(end - start for start, end in busy(x for x in spans if x.kind == "compute"))
    lines.append(f"compute: {computing:.2f} ms")
    for kind in ("upload", "download"):
        found = hidden(spans, kind)
        text = f"{kind}: {found.total:.2f} ms, {found.share:.0%} hidden by computing"
        if found.alone > 0:
            where = "before the first" if kind == "upload" else "after the last"
            text += f"; {found.alone:.2f} ms {where} computing, where nothing can hide it"
        if found.slow:
            text += f"; {found.slow} not from or to pinned memory, so they cannot overlap"
        lines.append(text)
    window = busy(spans)
    idle = end - begin - sum(until - since for since, until in window)
    lines.append(f"idle: {idle:.2f} ms")
    return "\n".join(lines)
