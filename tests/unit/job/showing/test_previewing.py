"""Previews of small clips; a restorer that darkens faces shows what was restored."""

from __future__ import annotations

import threading
from fractions import Fraction

import cv2
import pytest

from tests import witness
from tests.made_files import odd_files
from tests.made_files.synthetic import Clip, make
from tests.stand_ins.fakes import FakeDetector, FakeRestorer
from vidrestore import Config, Interrupted, Session, compare_videos
from vidrestore.errors import ConfigError, InputError, OutputError

CONFIG = Config().with_options(
    {
        "encoder.speed": "ultrafast",
        "track.smoothing": 0,
        "track.confirm": 1,
        "restore.adaptive": False,
        "temporal.denoise": 0,
    }
)
SHORT = Fraction(8, 100)


@pytest.fixture
def clip(tmp_path):
    options = {"preset": "ultrafast", "g": "5"}
    return make(tmp_path, Clip(count=10, width=96, height=96, options=options, audio=("flac",)))


@pytest.fixture
def session():
    darker = FakeRestorer(lambda crops: crops // 4)
    with Session(CONFIG, restorer=darker, detector=FakeDetector()) as session:
        yield session


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_pieces_are_shown_beside_the_original(clip, session, tmp_path):
    told = []
    tries = {"half": CONFIG.with_options({"paste.strength": 0.5})}
    done = session.preview(
        clip, tmp_path / "p.mp4", count=2, seconds=SHORT, tries=tries, progress=told.append
    )
    assert done.columns == ("original", "restored", "half")
    assert [place.time for place in done.places] == [0.0, 0.2]
    assert [(place.frames, place.faces) for place in done.places] == [(2, 2), (2, 2)]
    assert all(place.face > 20 for place in done.places)
    assert names(tmp_path) == ["clip.mkv", "p.mp4", "p.png"]
    shown = witness.frames(tmp_path / "p.mp4")
    assert [frame.pts for frame in shown] == [Fraction(n, 25) for n in range(4)]
    assert shown[0].size == 3 * 96 * (96 + 20) * 3 // 2
    picture = cv2.imread(str(tmp_path / "p.png"))[20:]
    middles = [picture[40:56, 96 * n + 40 : 96 * n + 56].mean() for n in range(3)]
    assert middles[1] < middles[2] < middles[0]
    assert (told[-1].frames_done, told[-1].frames_total) == (8, 8)


def test_named_places_and_a_split_picture(clip, session, tmp_path):
    at = [Fraction(1, 5), Fraction(0)]
    done = session.preview(
        clip, tmp_path / "p.mkv", at=at, seconds=SHORT, layout="split", overwrite=True
    )
    assert [place.time for place in done.places] == [0.0, 0.2]
    assert {frame.size for frame in witness.frames(tmp_path / "p.mkv")} == {96 * 116 * 3 // 2}


@pytest.mark.parametrize("at", [0.2, "0:00.2", Fraction(1, 5)])
def test_one_place_needs_no_list(clip, session, tmp_path, at):
    done = session.preview(clip, tmp_path / "p.mkv", at=at, seconds=SHORT)
    assert [place.time for place in done.places] == [0.2]


@pytest.mark.parametrize(
    "options", [{"interlaced.mode": "keep", "interlaced.order": "top"}, {"output.scale": 2}]
)
def test_whatever_the_pictures_are(clip, tmp_path, options):
    config = CONFIG.with_options(options)
    with Session(config, restorer=FakeRestorer(), detector=FakeDetector()) as session:
        session.preview(clip, tmp_path / "p.mp4", seconds=SHORT)
    assert names(tmp_path) == ["clip.mkv", "p.mp4", "p.png"]


def test_a_video_without_faces_is_previewed_in_the_middle(clip, tmp_path):
    class Blind(FakeDetector):
        def _faces(self, image):
            return ()

    with Session(CONFIG, restorer=FakeRestorer(), detector=Blind()) as session:
        done = session.preview(clip, tmp_path / "p.mp4", seconds=SHORT)
    assert "no face was found on 2 pictures" in done.warnings[0]
    assert done.places[0].faces == 0


def test_pictures_that_begin_after_the_sound_are_shown_to_their_end(session, tmp_path):
    options = {"preset": "ultrafast", "g": "5"}
    shape = {"width": 96, "height": 96, "audio": ("aac",), "seconds": 1.2}
    whole = make(tmp_path, Clip("a.mp4", count=30, options=options, **shape))
    late = odd_files.without_start(whole, "late.mp4", keyframes=3)
    done = session.preview(late, tmp_path / "p.mkv", at=1.0, seconds=SHORT)
    assert [(place.time, place.frames) for place in done.places] == [(1.0, 2)]
    with pytest.raises(InputError, match=r"has nothing at 1\.3 s; it ends at 1\.2"):
        session.preview(late, tmp_path / "q.mkv", at=1.3, seconds=SHORT)


def test_refusals_leave_nothing_behind(clip, session, tmp_path):
    out = tmp_path / "p.mp4"
    with pytest.raises(InputError, match=r"has nothing at 9 s; it ends at 0\.\d+ s"):
        session.preview(clip, out, at=[Fraction(9)])
    with pytest.raises(ConfigError, match="at least one place"):
        session.preview(clip, out, count=0)
    with pytest.raises(ConfigError, match="seconds is 0; a preview shows a place for longer"):
        session.preview(clip, out, seconds=0)
    with pytest.raises(ConfigError, match="layout is 'row', but must be side or split"):
        session.preview(clip, out, layout="row")
    with pytest.raises(ConfigError, match="layout is 'row'"):
        compare_videos(clip, clip, video=out, layout="row")
    with pytest.raises(ConfigError, match="cannot be called restored"):
        session.preview(clip, out, tries={"restored": CONFIG})
    with pytest.raises(OutputError, match=r"into \.mp4, \.mkv, \.mov or \.webm"):
        session.preview(clip, tmp_path / "p.avi")
    with pytest.raises(OutputError, match="is the input itself"):
        session.preview(clip, clip, overwrite=True)
    stop = threading.Event()
    with pytest.raises(Interrupted):
        session.preview(clip, out, seconds=SHORT, progress=lambda _: stop.set(), stop=stop)
    assert names(tmp_path) == ["clip.mkv"]
    (tmp_path / "p.png").touch()
    with pytest.raises(OutputError, match=r"p\.png exists"):
        session.preview(clip, out)
    assert names(tmp_path) == ["clip.mkv", "p.png"]
