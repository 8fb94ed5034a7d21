from __future__ import annotations

import dataclasses
import json

import pytest

from tests.made_files import captions, cropped
from tests.made_files.synthetic import Clip, make
from vidrestore.cli import main
from vidrestore.cli.inspect import described
from vidrestore.report import Cut


def test_an_inspection_for_a_reader(api, capsys):
    assert main(["inspect", "clip.mkv", "--detect.every", "1", "--input.rate", "18"]) == 0
    assert (api.calls[0].config.detect.every, api.calls[0].config.input.rate) == (1, 18)
    out = capsys.readouterr().out
    assert out.startswith("clip.mkv\n")
    for words in (
        "matroska, 1.2 MB, 0:00:06.000 long, clock starts at 0:00:00.500",
        "video 0       h264, 64x48 yuv420p, 29.97 frames/s, pixels 8/9 wide for their height, "
        "turned by 90 degrees, interlaced, the one to restore\n",
        "audio 1       aac, 48000 Hz stereo, eng, Comment\n",
        "subtitle 2    subrip, forced\n",
        "data 3        unknown codec\n",
        "chapter       0:00:00.000 to 0:00:03.000, First\n",
    ):
        assert words in out
    assert "3 in 0.1 s, one every 40.5 ms" in out
    assert "1: 0:00:00.040 (frame 1)" in out
    assert "3 in 1 track\n" in out
    assert "frames 0 to 2, seen in 3" in out


def test_hidden_borders_and_the_place_of_chroma_are_told(tmp_path, capsys):
    path = cropped.hide(make(tmp_path, Clip("in.mkv", 3, 80, 64)), (2, 0, 6, 0))
    assert main(["inspect", str(path), "--quiet"]) == 0
    out = capsys.readouterr().out
    assert "2 px hidden at the left, 6 px hidden at the right" in out
    assert "chroma left (as tagged)" in out
    assert "the container hides borders; they are left out, 72x64 remain" in out


def test_closed_captions_are_told(tmp_path, capsys):
    lines = [*captions.words("Yes"), captions.PADDING]
    path = captions.make_captioned(tmp_path, Clip("in.ts", len(lines)), lines)
    assert main(["inspect", str(path), "--quiet"]) == 0
    assert "closed captions in 5 frames" in capsys.readouterr().out


def test_an_inspection_for_a_program(api, capsys):
    assert main(["inspect", "clip.mkv", "--json"]) == 0
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert found["tracks"][0]["track_id"] == 1
    assert found["media"]["streams"][0]["width"] == 64
    assert "1 frames" in err


def test_a_list_of_scenes_that_could_not_be_written_is_refused_before_the_work(
    api, tmp_path, capsys
):
    list_ = tmp_path / "no" / "scenes.csv"
    assert main(["inspect", "a", "--scenes", str(list_)]) == 2
    assert f"the folder {list_.parent} does not exist; create it" in capsys.readouterr().err
    assert not api.calls


def test_only_options_that_matter_are_flags(api, capsys):
    assert main(["inspect", "clip.mkv", "--encoder.crf", "3"]) == 2
    assert "no option --encoder.crf" in capsys.readouterr().err


@pytest.fixture
def found(fake_type):
    return fake_type().inspect_video("clip.mkv", None, progress=lambda progress: None)


def joined(inspection):
    return "\n".join(described(inspection)) + "\n"


def test_many_cuts_are_counted_not_listed(found):
    cuts = tuple(Cut(index, index * 1.0) for index in range(1, 26))
    text = joined(dataclasses.replace(found, cuts=cuts))
    assert "cuts          25: 0:00:01.000 (frame 1), " in text
    assert "0:00:20.000 (frame 20), and 5 more\n" in text


def test_nothing_to_tell(found):
    text = joined(
        dataclasses.replace(found, cuts=(), tracks=(), faces=0, frames=1, frame_interval=None)
    )
    assert "cuts          0\n" in text
    assert "faces         0 in 0 tracks\n" in text
    assert "frames        1 in 0.1 s\n" in text


def test_a_variable_rate_is_told(found):
    text = joined(dataclasses.replace(found, frame_interval=(0.02, 0.06), warnings=("odd",)))
    assert "one every 20.0 to 60.0 ms (variable rate)" in text
    assert "warning       odd\n" in text
