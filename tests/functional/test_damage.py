"""Report and inspection tell the same damage, as data and in words."""

from __future__ import annotations

import json
from dataclasses import replace

from tests.fuzzing.fuzz import fake_restore
from tests.fuzzing.fuzz_seeds import SEEDS
from tests.made_files import odd_files, synthetic


def test_report_and_inspection_tell_the_damage(tmp_path, capfd):
    whole = synthetic.make(tmp_path, replace(SEEDS["mkv"], count=36, seconds=1.44))
    bad = odd_files.blanked(whole, whole.stat().st_size // 2, 3000)
    out, report = tmp_path / "out.mkv", tmp_path / "report.json"
    words = ["restore", str(bad), str(out), "--report", str(report), "--quiet"]
    assert fake_restore(words) == 0
    done = json.loads(report.read_text())
    lost = 36 - done["frames_out"]
    assert lost > 0
    streams = {stream["index"]: stream["kind"] for stream in done["streams"]}
    missing = {streams[e["stream"]]: e["count"] for e in done["damage"] if e["kind"] == "missing"}
    assert missing["video"] == lost
    assert missing["audio"] > 0
    assert any(f"{lost} frames are missing" in line for line in done["warnings"])

    capfd.readouterr()
    assert fake_restore(["inspect", str(bad), "--json", "--quiet"]) == 0
    assert json.loads(capfd.readouterr().out)["damage"] == done["damage"]
    assert fake_restore(["inspect", str(bad), "--quiet"]) == 0
    assert f"{lost} frames are missing" in capfd.readouterr().out
