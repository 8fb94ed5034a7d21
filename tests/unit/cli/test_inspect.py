from __future__ import annotations

import json

from vidrestore.cli import main


def test_an_inspection_for_a_reader(api, capsys):
    assert main(["inspect", "clip.mkv", "--detect.every", "1"]) == 0
    assert api.calls[0].config.detect.every == 1
    out = capsys.readouterr().out
    assert out.startswith("clip.mkv\n")
    assert "matroska" in out
    assert "3 in 0.1 s, one every 40.5 ms" in out
    assert "1: 0:00:00.040 (frame 1)" in out
    assert "3 in 1 track\n" in out
    assert "frames 0 to 2, seen in 3" in out


def test_an_inspection_for_a_program(api, capsys):
    assert main(["inspect", "clip.mkv", "--json"]) == 0
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert found["tracks"][0]["track_id"] == 1
    assert found["media"]["streams"][0]["width"] == 64
    assert "1 frames" in err


def test_only_options_that_matter_are_flags(api, capsys):
    assert main(["inspect", "clip.mkv", "--encoder.crf", "3"]) == 2
    assert "no option --encoder.crf" in capsys.readouterr().err
