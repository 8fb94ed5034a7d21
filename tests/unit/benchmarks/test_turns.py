from __future__ import annotations

import mmap

import pytest

from benchmarks import turns
from benchmarks.turns import Case, ProcessMemory, Row, heading, line, measure


@pytest.fixture
def taking(monkeypatch):
    """Makes calls that take so many seconds by a clock of the test's own."""
    now = [0.0]
    monkeypatch.setattr(turns.time, "perf_counter", lambda: now[0])

    def call(*seconds: float):
        left = list(seconds)

        def work() -> None:
            now[0] += left.pop(0) if len(left) > 1 else left[0]

        return work

    return call


def test_shares_are_of_the_product_in_the_same_precision(taking) -> None:
    rows = measure(
        [
            Case("mm 4096", "float32", 1, 100.0, taking(1.0), "product"),
            Case("a", "float32", 4, 25.0, taking(2.0)),
            Case("b", "bfloat16", 1, 25.0, taking(2.0)),
        ],
        3,
        ProcessMemory(),
    )
    assert [row.share for row in rows] == [1.0, 0.5, 0.0]
    assert rows[1].milliseconds == pytest.approx(500.0)
    assert rows[1].third == pytest.approx(1.0)


def test_warm_up_calls_do_not_count_and_the_third_is_told(taking) -> None:
    (row,) = measure([Case("a", "float32", 1, 1.0, taking(90, 80, 6, 3, 3))], 3, ProcessMemory())
    assert row.milliseconds == 3000.0
    assert row.third == 2.0


def test_a_floor_gets_the_measured_rates_of_its_precision(taking) -> None:
    asked: list[tuple[float, float]] = []

    def floor(operations: float, bytes_: float) -> float:
        asked.append((operations, bytes_))
        return 0.5

    rows = measure(
        [
            Case("mm", "float16", 2, 100.0, taking(4.0), "product"),
            Case("copy", "float16", 1, 8.0, taking(2.0), "copy"),
            Case("a", "float16", 4, 25.0, taking(4.0), floor=floor),
            Case("b", "float32", 4, 25.0, taking(4.0), floor=floor),
        ],
        3,
        ProcessMemory(),
    )
    assert asked == [(50e9, 4e9)]
    assert [row.floor for row in rows] == [0, 0, 500.0, 0]
    assert rows[1].share == 0.0
    assert line(rows[2], gpu=True).split()[-2:] == ["500.000", "2.00"]
    assert line(rows[3], gpu=True).split()[-1] == line(rows[3], gpu=False).split()[-1]


def test_lines_stand_under_their_headings() -> None:
    row = Row("default onnxruntime", "bfloat16", 16, 1234.5, 845.0, 0.94, 1.0, 3638.0, 500.0)
    for gpu in (False, True):
        assert len(line(row, gpu=gpu)) == len(heading(gpu=gpu)) <= 120


def test_the_peak_is_of_the_call_alone() -> None:
    memory = ProcessMemory()
    memory.forget()
    before = memory.peak_mib()
    if not before:
        pytest.skip("this system does not tell")
    # From the system itself: what torch has freed may still be resident, and would not add to it.
    block = mmap.mmap(-1, 64 << 20)
    for page in range(0, len(block), mmap.PAGESIZE):
        block[page] = 1
    assert memory.peak_mib() > before + 50
    block.close()
    memory.forget()
    assert memory.peak_mib() < before + 50
