from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from benchmarks import throughput
from benchmarks.throughput import Case, cases, measure
from vidrestore import Config


def report(speed: float, decode: float, frames: int = 10) -> SimpleNamespace:
    return SimpleNamespace(
        frames=frames,
        faces=frames,
        frames_per_second=speed,
        timing={"decode": decode},
        device="cpu",
        precision="float32",
    )


class Prepared:
    """A case whose runs are known."""

    def __init__(self, name: str, reports: list[SimpleNamespace]) -> None:
        self.name = name
        self._reports = iter(reports)

    def run(self, source, output) -> SimpleNamespace:
        return next(self._reports)


def test_medians_and_ratios(tmp_path):
    first = [report(1.0, 9.0), report(20.0, 0.1), report(10.0, 0.3), report(30.0, 0.2)]
    second = [report(5.0, 1.0), report(2.0, 1.0), report(8.0, 1.0)]
    rows = measure(tmp_path / "in.mkv", [Prepared("a", first), Prepared("b", second)], 3)
    assert [row.name for row in rows] == ["a", "b"]
    assert rows[0].frames_per_second == 20.0  # the first run is not counted
    assert rows[0].milliseconds == {"decode": pytest.approx(20.0)}
    assert rows[0].ratio == 1.0
    assert rows[1].frames_per_second == 5.0
    assert rows[1].slowest == 2.0
    assert rows[1].ratio == 0.25


def test_the_cases_differ_in_what_their_names_say():
    listed = cases("some.safetensors")
    assert listed[0].identity
    assert not any(case.identity for case in listed[1:])
    assert {case.config.restore.model for case in listed} == {"some.safetensors"}
    by_name = {case.name: case.config for case in listed}
    assert by_name["detect every frame"].detect.every == 1
    assert by_name["no temporal blending"].temporal.blend == 0
    assert by_name["default"].detect.every > 1


def test_the_command_prints_a_table_and_writes_json(monkeypatch, tmp_path, capsys):
    def restore(source, output, config, *, overwrite, restorer):
        assert overwrite
        return report(4.0 if restorer is None else 16.0, 0.5)

    monkeypatch.setattr(throughput, "restore_video", restore)
    path = tmp_path / "bench" / "t.json"
    monkeypatch.setattr("sys.argv", ["throughput", "--repeats", "2", "--json", str(path)])
    throughput.main()
    shown = capsys.readouterr().out
    assert "no network" in shown
    assert "decode" in shown
    content = json.loads(path.read_text())
    assert [row["ratio"] for row in content["rows"]] == [1.0, 0.25, 0.25, 0.25]


def test_a_case_uses_the_network_unless_it_is_the_identity(monkeypatch, tmp_path):
    seen = []
    monkeypatch.setattr(
        throughput, "restore_video", lambda *_, restorer, **__: seen.append(restorer)
    )
    Case("one", Config(), identity=True).run(tmp_path, tmp_path)
    Case("two", Config()).run(tmp_path, tmp_path)
    assert isinstance(seen[0], throughput.Unchanged)
    assert seen[1] is None
