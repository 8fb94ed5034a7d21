"""The page of a file: what it tells, and that it needs nothing else and runs nothing of others."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from tests.stand_ins.browser import looked_at, needs_browser
from vidrestore.config import Config
from vidrestore.datatypes import Reason
from vidrestore.report import (
    CopyMade,
    Cut,
    Facts,
    Fixity,
    Hashed,
    ModelUsed,
    TrackReport,
    Untouched,
)
from vidrestore.report.html.excerpts import Excerpts, Pair
from vidrestore.report.html.page import (
    how_again,
    outside,
    page,
    settings_of,
    templates,
    training,
)
from vidrestore.report.html.quality import qualities
from vidrestore.report.html.timeline import timeline

EVIL = '"><script>alert(1)</script>'


def track(number: int, first: int, last: int) -> TrackReport:
    frames = np.arange(first, last - 9)
    boxes = np.tile([10, 20, 60, 90], (len(frames), 1))
    return TrackReport(
        number,
        *(first, last, first / 25, last / 25, len(frames)),
        regions=np.column_stack([frames, boxes]).astype(np.int32),
        shares=np.linspace(0, 1, len(frames)),
        left_alone=(Untouched(last - 9, last, Reason.SHARP),),
    )


@pytest.fixture(scope="module")
def report():
    base = Facts().finish(
        source=f"films/{EVIL}.avi",
        output="restored/a film with a rather long name that a phone has to break somewhere.mkv",
        frames_in=250,
        model=ModelUsed("default", "x", "ab" * 32, "Apache-2.0"),
        settings=Config().with_options({"encoder.crf": 20, "encoder.options": {"tune": "film"}}),
        timing={},
        version="1.0",
        device="cpu",
        precision="float32",
        started=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        seconds=60.0,
    )
    return replace(
        base,
        settings=Config()
        .with_options({"encoder.crf": 20, "encoder.options": {"tune": "film"}})
        .model_dump(),
        frames_out=250,
        duration=10.0,
        faces=300,
        left_alone={Reason.SHARP: 20},
        tracks=(track(1, 0, 100), track(2, 50, 249)),
        cuts=(Cut(120, 4.8),),
        warnings=(f"the sound breaks off {EVIL}",),
        damage=(
            {
                "kind": "lost",
                "stream": None,
                "count": 2,
                "from": 5.0,
                "to": None,
                "done": "passed over",
            },
        ),
        fixity=Fixity("sha256", Hashed(1000, "01" * 32), Hashed(2000, "02" * 32)),
        copies=(CopyMade(f"a copy {EVIL}.mp4", {}, ("no chapters",), Hashed(500, "03" * 32)),),
        start=Fraction(1, 3),
    )


@pytest.fixture(scope="module")
def excerpts():
    picture = np.full((540, 960, 3), 90, np.uint8)
    face = np.full((132, 132, 3), 120, np.uint8)

    def pair(pixels, time, *face):
        data = cv2.imencode(".jpg", pixels)[1].tobytes()
        return Pair(time, data, data, pixels.shape[1], pixels.shape[0], *face)

    faces = tuple(pair(face, time / 2, 0.8, (2.0, 2.5 + time)) for time in range(6))
    return Excerpts((pair(picture, 1.0),), ((1, faces), (2, faces)))


def test_a_page_needs_nothing_else_and_runs_nothing_of_others(report, excerpts):
    text = page(report, excerpts)
    assert EVIL not in text
    assert len(re.findall(r"<script", text)) == 1
    assert "default-src 'none'" in text
    assert {ref.partition(":")[0] for ref in re.findall(r'(?:src|href)="([^"]+)"', text)} == {
        "data"
    }


def test_all_that_was_done_is_there(report, excerpts):
    text = page(report, excerpts)
    for told in (
        *(
            "ab" * 32,
            "01" * 32,
            "02" * 32,
            "03" * 32,
            "no chapters",
            "Apache-2.0",
            "person 2",
            "0:00:01.000",
        ),
        *("sharp", "20", "lost", "passed over", "the sound breaks off", "encoder.crf"),
    ):
        assert told in text, told


def test_how_to_make_it_again_names_what_is_not_the_default(report):
    again = how_again(report)
    assert again.endswith("--from 0.333333 --encoder.crf 20.0 --encoder.options tune=film")
    changed = {
        f"{section}.{name}"
        for section, rows in settings_of(report.settings)
        for name, _, is_changed in rows
        if is_changed
    }
    assert changed == {"encoder.crf", "encoder.options"}


UNCHANGED = "Outside the faces nothing was changed before encoding."
ELSE = "Outside the faces nothing else was changed before encoding."


@pytest.mark.parametrize(
    ("options", "pictures", "told"),
    [
        ({}, {}, UNCHANGED),
        ({"film.deflicker": "frame"}, {}, UNCHANGED),
        (
            {"film.deflicker": "frame"},
            {"deflickered_frames": 1},
            f"Flicker of light was taken out of 1 whole frame. {ELSE}",
        ),
        ({"output.background": "x.pth"}, {}, "What is not face was redrawn."),
        ({"input.mask": "mask.png"}, {}, f"What a mask covers was filled in. {ELSE}"),
        (
            {"output.scale": 2, "output.compatible": True},
            {"repaired_frames": 3},
            "Specks and scratches were taken out of 3 whole frames. The picture was enlarged. "
            "The picture was converted, as far as it had to be, to what plays everywhere. " + ELSE,
        ),
    ],
)
def test_what_was_changed_outside_the_faces_is_told(report, options, pictures, told):
    settings = Config().with_options(options).model_dump()
    job = replace(report, settings=settings, picture={**report.picture, **pictures})
    assert outside(job) == told
    assert told in page(job, Excerpts())


def test_what_a_model_was_trained_on_is_told_for_that_very_file(report):
    assert "none of the catalogue" in training(report)
    assert "no model" in training(replace(report, model=ModelUsed("none", "no file", "")))


def test_the_timeline_covers_all_that_happened(report):
    told = timeline(report)
    assert (told.begin, told.lines[0].track, told.more) == (1 / 3, 1, 0)
    (seen, alone), (cut,), (harm,) = told.lines[0].bars, told.cuts, told.damage
    assert (seen.kind, alone.kind, harm.kind) == ("seen", "alone", "harm")
    assert alone.left > seen.left
    assert 0 < cut.left < 100
    xs = [float(point.split(",")[0]) for point in told.lines[1].curve.split()]
    assert xs == sorted(xs)
    assert max(xs) <= 100


def test_each_person_has_figures(report, excerpts):
    one, two = qualities(report, excerpts, 9)
    assert (one.track, one.faces, two.faces) == (1, 91, 190)
    assert (one.least, one.most, round(one.share, 6)) == (0.0, 1.0, 0.5)
    assert (one.detail, one.gain, one.left) == ((2.0, 5.0), 2.5, ((Reason.SHARP, 10),))
    assert qualities(report, Excerpts(), 1)[0].gain is None
    text = page(report, excerpts)
    for told in ("2.0 to 5.0 ", "&times; 2.50", "sharp: 10", "50 %"):
        assert told in text, told


def test_the_quality_of_all_faces_counts_what_is_left_alone_as_nothing(report):
    points = [tuple(map(float, p.split(","))) for p in timeline(report).quality.split()]
    assert [x for x, _ in points] == sorted({x for x, _ in points})
    assert points[-1][1] == 20
    assert min(y for _, y in points) < 5


def test_a_job_without_faces_has_a_page_too(report):
    empty = replace(report, tracks=(), cuts=(), left_alone={}, warnings=(), damage=(), fixity=None)
    assert "Before and after" not in page(empty, Excerpts())


LOOK = """(() => {
  const slider = document.querySelector(".slider"), input = slider.querySelector("input");
  input.value = 20;
  input.dispatchEvent(new Event("input"));
  const beyond = (e) => e.getBoundingClientRect().right > innerWidth + 1;
  const moving = ".scroll, .strip, .slider, .time";
  const wide = [...document.querySelectorAll("body *")].filter(
    (e) => beyond(e) && !e.closest(moving));
  return {
    after: getComputedStyle(slider.querySelector(".after")).clipPath,
    scrolls: document.documentElement.scrollWidth - innerWidth,
    wide: wide.map((e) => e.outerHTML.slice(0, 80)),
    broken: [...document.images].filter((i) => !i.naturalWidth).length,
    small: parseFloat(getComputedStyle(document.body).fontSize),
  };
})()"""


@needs_browser
@pytest.mark.parametrize("size", [(390, 2400), (1280, 2400)])
def test_a_browser_shows_it_within_the_window(report, excerpts, tmp_path, size):
    (tmp_path / "a.html").write_text(page(report, excerpts), encoding="utf-8")
    found = looked_at(tmp_path / "a.html", *size, LOOK, tmp_path)
    assert found == {
        "after": "inset(0px 0px 0px 20%)",
        "scrolls": 0,
        "wide": [],
        "broken": 0,
        "small": 16,
    }


@needs_browser
def test_the_index_is_shown_within_the_window(tmp_path):
    names = ("source", "output", "state", "reason", "error", "duration", "frames", "faces")
    row = dict.fromkeys((*names, "warnings", "seconds", "page"), None) | {
        "source": f"/films/{EVIL}",
        "output": "a b.mkv",
        "state": "failed",
        "reason": "crash",
        "error": "it crashed",
        "page": "a b.mkv.html",
        "frames": 3,
        "faces": 2,
        "warnings": 0,
    }
    given = SimpleNamespace(done=1, failed=1)
    text = (
        templates()
        .get_template("index.html")
        .render(
            rows=[row, {**row, "state": "done", "duration": 3.0, "seconds": 2.0}],
            counts=vars(given),
            folder="/restored",
            now=datetime(2026, 1, 2, tzinfo=UTC),
            hours=1.5,
            frames=3,
            faces=2,
            wrong=[row],
            failures=[("crash", 1)],
            waiting=0,
        )
    )
    assert EVIL not in text
    assert 'href="a%20b.mkv.html"' in text
    (tmp_path / "i.html").write_text(text, encoding="utf-8")
    script = "document.documentElement.scrollWidth - innerWidth"
    assert looked_at(tmp_path / "i.html", 390, 900, script, tmp_path) == 0
