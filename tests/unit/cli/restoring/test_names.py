from __future__ import annotations

import pytest

from vidrestore.cli.restoring.names import Pair, pairs
from vidrestore.config import Config
from vidrestore.errors import VidrestoreError


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """A folder with two videos, and one folder in it."""
    for name in ("a.mp4", "b.TS"):
        (tmp_path / name).touch()
    (tmp_path / "there").mkdir()
    monkeypatch.chdir(tmp_path)


def named(*names, out=None, template=None, preset="default"):
    return [pair[:2] for pair in pairs(names, out, template, preset, Config.preset(preset))]


@pytest.mark.parametrize(
    ("names", "options", "found"),
    [
        (["a.mp4", "x.mkv"], {}, [("a.mp4", "x.mkv")]),
        (["a.mp4"], {}, [("a.mp4", "a.restored.mp4")]),
        (["there/a.mp4"], {}, [("there/a.mp4", "there/a.restored.mp4")]),
        (["b.TS"], {}, [("b.TS", "b.restored.mkv")]),
        (["a.mp4", "there"], {}, [("a.mp4", "there/a.mp4")]),
        (["a.mp4", "new/"], {}, [("a.mp4", "new/a.mp4")]),
        (["a.mp4", "b.TS", "new/"], {}, [("a.mp4", "new/a.mp4"), ("b.TS", "new/b.mkv")]),
        (["a.mp4", "b.TS"], {"out": "there"}, [("a.mp4", "there/a.mp4"), ("b.TS", "there/b.mkv")]),
        (["a.mp4"], {"out": "x.mkv"}, [("a.mp4", "x.mkv")]),
        (["a.mp4"], {"template": "{stem}-{preset}", "preset": "cctv"}, [("a.mp4", "a-cctv.mp4")]),
        (["a.mp4"], {"preset": "archive"}, [("a.mp4", "a.restored.mkv")]),
        (["b.TS", "new/"], {"preset": "home-video"}, [("b.TS", "new/b.mp4")]),
        (["photo.JPG", "new/"], {"preset": "archive"}, [("photo.JPG", "new/photo.JPG")]),
        (["a.jfif", "b.JPE", "n/"], {}, [("a.jfif", "n/a.jfif"), ("b.JPE", "n/b.JPE")]),
        (["a.mp4", "there"], {"template": "new.mkv"}, [("a.mp4", "there/new.mkv")]),
        (["there", "new/"], {}, [("there", "new/there.mkv")]),
        (["scan/f_%05d.png", "new/"], {}, [("scan/f_%05d.png", "new/f.mkv")]),
        (["scan/%d.png"], {}, [("scan/%d.png", "scan/scan.restored.mkv")]),
        (["-", "-"], {}, [("-", "-")]),
        (["a.mp4", "out/f_%d.png"], {}, [("a.mp4", "out/f_%d.png")]),
    ],
)
def test_names_are_paired_as_cp_does(names, options, found):
    assert named(*names, **options) == found


@pytest.mark.parametrize(
    ("names", "options", "said"),
    [
        ([], {}, "IN is missing"),
        (["a.mp4", "b.TS", "c.mp4"], {}, "'c.mp4' is no folder"),
        (["a.mp4", "b.TS"], {"out": "c.mp4"}, "'c.mp4' is no folder"),
        (["a.mp4", "b.TS"], {"out": ""}, "'' is no folder"),
        (["-"], {}, "OUT is missing"),
        (["a.mp4", "b.TS", "."], {}, "is an input itself"),
        (["a.mp4", "there/a.mp4", "new/"], {}, "would both become new/a.mp4"),
        (["a.mp4", "a.avi", "new/"], {"preset": "home-video"}, "one of them by itself"),
        (["https://host/a.mp4", "b"], {}, "is an address"),
        (["a.mp4", "rtsp://host/b"], {}, "is an address"),
        (["a.mp4", "b.mkv"], {"template": "{stem}"}, "--name is for results in a folder"),
        (["a.mp4", "new/"], {"template": "{sten}"}, "there is no {sten}; use {stem}, {ext}"),
        (["a.mp4", "new/"], {"template": "../{stem}"}, "is not the name of a file in a folder"),
        (["a.mp4", "new/"], {"template": "{stem"}, "a field is written like {stem}"),
    ],
)
def test_what_cannot_be_paired_is_told(names, options, said):
    with pytest.raises(VidrestoreError) as caught:
        named(*names, **options)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_results_of_the_same_name_are_told_apart_by_their_folders():
    found = named("a.mp4", "there/a.mp4", "new/", template="{folder}-{stem}{ext}")
    assert [Pair(*pair).output for pair in found][1] == "new/there-a.mp4"
