from __future__ import annotations

import itertools
import json

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.timeline import Span, busy, hidden, overlap, read_trace, told

UP, DOWN = "Memcpy HtoD (Pinned -> Device)", "Memcpy DtoH (Device -> Pinned)"


def batches(count: int, *, overlapping: bool) -> list[Span]:
    """Each uploads for 1 ms, computes for 10 and downloads for 2, all in turn or side by side."""
    spans = []
    for index in range(count):
        if overlapping:
            start = 1.0 + 10 * index
            up, down = max(start - 9, 0.0), start + 10
        else:
            up = 13.0 * index
            start, down = up + 1, up + 11
        spans += [
            Span("7", UP, up, up + 1),
            Span("8", "convolve", start, start + 6),
            Span("8", "Memcpy DtoD (Device -> Device)", start + 6, start + 10),
            Span("9", DOWN, down, down + 2),
        ]
    return spans


def test_what_a_record_was_for_is_told_by_its_name() -> None:
    assert [span.kind for span in batches(1, overlapping=False)] == [
        "upload",
        "compute",
        "compute",
        "download",
    ]


def test_copies_in_turn_are_not_hidden() -> None:
    spans = batches(3, overlapping=False)
    upload, download = hidden(spans, "upload"), hidden(spans, "download")
    assert (upload.total, upload.hidden, upload.alone, upload.share) == (3.0, 0.0, 1.0, 0.0)
    assert (download.total, download.hidden, download.alone, download.share) == (6.0, 0.0, 2.0, 0.0)


def test_copies_beside_computing_are_hidden_but_for_the_first_and_the_last() -> None:
    spans = batches(3, overlapping=True)
    upload, download = hidden(spans, "upload"), hidden(spans, "download")
    assert (upload.total, upload.hidden, upload.alone, upload.share) == (3.0, 2.0, 1.0, 1.0)
    assert (download.total, download.hidden, download.alone, download.share) == (6.0, 4.0, 2.0, 1.0)


def test_half_hidden_is_half() -> None:
    spans = [Span("1", "k", 0, 4), Span("1", "k", 6, 8), Span("2", DOWN, 3, 5)]
    found = hidden(spans, "download")
    assert (found.hidden, found.alone, found.share) == (1.0, 0.0, 0.5)


def test_without_computing_nothing_is_hidden_and_nothing_could_be() -> None:
    found = hidden([Span("1", UP, 0, 3)], "upload")
    assert (found.total, found.hidden, found.alone, found.share) == (3.0, 0.0, 3.0, 1.0)


def test_memory_that_is_not_pinned_is_told() -> None:
    spans = [Span("1", "k", 0, 9), Span("2", "Memcpy HtoD (Pageable -> Device)", 2, 3)]
    assert hidden(spans, "upload").slow == 1
    assert "1 not from or to pinned memory" in told(spans)


def test_the_picture_shows_what_went_on_when() -> None:
    text = told(batches(2, overlapping=True), width=23).splitlines()
    assert text[0] == "timeline, 23.00 ms, 1.000 ms a column"
    assert text[1] == "upload   |" + "█ █" + " " * 20 + "|"
    assert text[2] == "compute  |" + " " + "█" * 20 + "  |"
    assert text[3] == "download |" + " " * 11 + "██" + " " * 8 + "██|"
    assert text[4] == "compute: 20.00 ms"
    assert text[5].startswith("upload: 2.00 ms, 100% hidden by computing; 1.00 ms before the first")
    assert text[6].startswith("download: 4.00 ms, 100% hidden by computing; 2.00 ms after the last")
    assert text[7] == "idle: 0.00 ms"


def test_a_short_thing_is_seen_and_a_gap_is_idle() -> None:
    text = told([Span("1", "k", 0, 0.01), Span("1", "k", 99, 100)], width=10).splitlines()
    assert text[2] == "compute  |░        ░|"
    assert text[-1] == "idle: 98.99 ms"


def test_nothing_on_a_gpu_is_said() -> None:
    assert "nothing ran on a GPU" in told([])


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 9)), max_size=12))
def test_busy_time_is_counted_once(pairs: list[tuple[int, int]]) -> None:
    spans = [Span("1", "k", start, start + length) for start, length in pairs]
    taken = {moment for start, length in pairs for moment in range(start, start + length)}
    found = busy(spans)
    assert sum(end - start for start, end in found) == len(taken)
    assert all(end < start for (_, end), (start, _) in itertools.pairwise(found))
    assert overlap(found, [(10, 20)]) == len(taken & set(range(10, 20)))


def event(category: str, name: str, stream: int, start: float, length: float) -> dict[str, object]:
    told = {"ph": "X", "cat": category, "name": name, "ts": start, "dur": length}
    return told | {"tid": stream, "args": {"stream": stream}}


def test_traces_are_read_as_the_profiler_writes_them(tmp_path) -> None:
    """A real trace, made on the CPU, with a GPU's events put beside its own."""
    path = tmp_path / "trace.json"
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as profile:
        torch.ones(8, 8) @ torch.ones(8, 8)
    profile.export_chrome_trace(str(path))
    assert read_trace(path) == []
    trace = json.loads(path.read_text())
    trace["traceEvents"] += [
        {
            "ph": "X",
            "cat": "kernel",
            "name": "gemm",
            "pid": 0,
            "tid": 7,
            "ts": 2500.5,
            "dur": 1000.0,
        }
        | {"args": {"stream": 7, "device": 0}},
        {"ph": "X", "cat": "gpu_memcpy", "name": UP, "pid": 0, "tid": 13, "ts": 2000, "dur": 500}
        | {"args": {"stream": 13, "bytes": 4096}},
    ]
    path.write_text(json.dumps(trace))
    first, second = read_trace(path)
    assert first == ("13", UP, 2.0, 2.5)
    assert (second.stream, second.kind) == ("7", "compute")
    assert (second.start, second.end) == pytest.approx((2.5005, 3.5005))
