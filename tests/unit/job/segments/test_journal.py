"""What a journal knows is whole, and of this job."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction

import pytest

from vidrestore import Config, OutputError
from vidrestore.errors import OtherPartsError
from vidrestore.job.segments.journal import (
    Journal,
    Written,
    facts_of,
    folder_of,
    packets_of,
    write_part,
)
from vidrestore.job.segments.part import Joined, Part, Placed
from vidrestore.job.segments.plan import INDIFFERENT, Plan, SourceIdentity
from vidrestore.job.segments.store import Store
from vidrestore.report import Facts
from vidrestore.video import Encoded, Segment, Span

SEGMENTS = tuple(
    Segment(n, result=Span(Fraction(n) if n else None, Fraction(n + 1) if n < 2 else None))
    for n in range(3)
)
PLAN = Plan(
    SourceIdentity("/in.mkv", 10, 20, "ab"),
    None,
    Fraction(5, 2),
    {"encoder": {"crf": 16.0}, "restore": {"model": "default"}},
    ("cd",),
    "1",
    Fraction(1, 25),
    SEGMENTS,
)
FACE = ((10.0, 10.0), (20.0, 10.0), (15.0, 16.0), (11.0, 20.0), (19.0, 20.0))


def part(number, head=(), tail=()):
    return Part(
        number, Facts(), 3, {}, (Encoded("p", 0),), ("a warning",), {"decode": 0.5}, head, tail
    )


def finish(store, journal, number):
    with store.create(packets_of(number)) as packets:
        packets.write(b"packets %d" % number)
        journal.add(write_part(store, packets, part(number)))


def opened(store, plan=PLAN, *, restart=False):
    journal = Journal(store, plan)
    journal.open(restart=restart)
    return journal


def test_a_plan_and_a_part_go_through_json():
    assert Plan.from_dict(PLAN.as_dict()) == PLAN
    told = part(2, (Placed(3, FACE),), (Placed(4, FACE),))
    back = Part.from_dict(told.as_dict())
    assert (back.head, back.tail, back.warnings) == (told.head, told.tail, told.warnings)


def test_a_journal_goes_on_where_it_was(tmp_path):
    store = Store(tmp_path / "out.mkv.part")
    journal = opened(store)
    assert journal.finished == {}
    finish(store, journal, 0)
    finish(store, journal, 2)
    again = opened(store)
    assert again.finished == journal.finished
    assert again.part(2).timing == {"decode": 0.5}
    assert set(opened(store, restart=True).finished) == set()


@pytest.mark.parametrize("name", [packets_of(0), facts_of(0)])
@pytest.mark.parametrize("content", [None, b"", b"something else"])
def test_what_is_no_longer_whole_is_done_again(name, content, tmp_path):
    store = Store(tmp_path / "p")
    journal = opened(store)
    finish(store, journal, 0)
    finish(store, journal, 1)
    if content is None:
        (store.folder / name).unlink()
    else:
        (store.folder / name).write_bytes(content)
    assert set(opened(store).finished) == {1}


def test_what_another_build_wrote_is_done_again(tmp_path):
    """Whole by its hashes, but not what this one understands."""
    store = Store(tmp_path / "p")
    journal = opened(store)
    finish(store, journal, 1)
    with store.create(packets_of(0)) as packets, store.create(facts_of(0)) as facts:
        packets.write(b"packets")
        facts.write(b'{"number": 0}')
        packets.keep()
        facts.keep()
        journal.add(Written(0, packets.sha256, facts.sha256, packets.size))
    assert set(opened(store).finished) == {1}


@pytest.mark.parametrize("number", ["0", [0], None, 3, -1, 0.5, True])
def test_a_line_about_no_segment_is_none(number, tmp_path):
    store = Store(tmp_path / "p")
    finish(store, opened(store), 1)
    store.append("journal.jsonl", json.dumps([number, "a", "b", 1]).encode() + b"\n")
    assert set(opened(store).finished) == {1}


@pytest.mark.parametrize("cut", [1, 5, 30])
def test_a_line_that_was_cut_off_is_none(cut, tmp_path):
    store = Store(tmp_path / "p")
    journal = opened(store)
    finish(store, journal, 0)
    finish(store, journal, 1)
    lines = store.folder / "journal.jsonl"
    lines.write_bytes(lines.read_bytes()[:-cut])
    again = opened(store)
    assert set(again.finished) == ({0} if cut > 1 else {0, 1})
    # What follows is no part of the line that was cut off.
    finish(store, again, 2)
    assert 2 in opened(store).finished


CHANGES = {
    "the source has changed": replace(PLAN, source=replace(PLAN.source, size=11)),
    "the source is another": replace(PLAN, source=replace(PLAN.source, path="/other.mkv")),
    "the range is another": replace(PLAN, end=None),
    "the model is another": replace(PLAN, models=("ef",)),
    "vidrestore was 1, is 2": replace(PLAN, version="2"),
    "encoder.crf was 16.0, is 18.0": replace(
        PLAN, settings={**PLAN.settings, "encoder": {"crf": 18.0}}
    ),
    "the source is divided otherwise": replace(PLAN, segments=SEGMENTS[:2]),
}


@pytest.mark.parametrize("told", CHANGES)
def test_another_plan_is_told_and_refused(told, tmp_path):
    store = Store(tmp_path / "p")
    finish(store, opened(store), 1)
    with pytest.raises(
        OutputError, match=r"holds 1 finished of 3 segments, but .*restart=True"
    ) as no:
        opened(store, CHANGES[told])
    assert told in str(no.value)
    assert set(opened(store).finished) == {1}  # nothing was lost


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"\xff", b'{"source": 1}'])
def test_a_folder_of_somebody_elses_is_not_replaced(content, tmp_path):
    store = Store(tmp_path / "p")
    opened(store)
    (store.folder / "plan.json").write_bytes(content)
    with pytest.raises(OutputError, match="another version"):
        opened(store)


@pytest.mark.parametrize("restart", [False, True])
@pytest.mark.parametrize("name", ["holiday.jpg", "plan.json.bak", "00000.packets.old", "0.json"])
def test_a_folder_that_holds_anything_else_is_left_as_it_is(name, restart, tmp_path):
    store = Store(tmp_path / "out.mkv.part")
    if restart:
        finish(store, opened(store), 0)
    else:
        store.folder.mkdir()
        (store.folder / "00000.packets").write_bytes(b"somebody's")
    (store.folder / name).write_bytes(b"precious")
    before = sorted(store.folder.iterdir())
    with pytest.raises(OutputError, match=r"choose another name .* or move that folder away") as no:
        opened(store, restart=restart)
    assert str(store.folder) in str(no.value)
    assert name in str(no.value)
    assert sorted(store.folder.iterdir()) == before


def test_a_folder_within_is_nobody_s_part_whatever_its_name(tmp_path):
    store = Store(tmp_path / "p")
    (store.folder / "00000.packets").mkdir(parents=True)
    (store.folder / "00000.packets" / "precious").touch()
    with pytest.raises(OutputError, match="is no part of a job"):
        opened(store)
    assert (store.folder / "00000.packets" / "precious").exists()


def test_what_a_job_left_without_its_plan_is_cleared(tmp_path):
    store = Store(tmp_path / "p")
    store.folder.mkdir()
    for name in ("journal.jsonl", "00001.json.new", "plan.json.new", "123456.packets"):
        (store.folder / name).write_bytes(b"half")
    opened(store)
    assert sorted(path.name for path in store.folder.iterdir()) == ["journal.jsonl", "plan.json"]


def settings(**options):
    """All options of a plan, with some changed, by section and name."""
    return Config().with_options(options).model_dump(mode="json")


def with_options(copy=None, **options):
    copies = (("a.mp4", settings(**(copy or {}))),)
    return replace(PLAN, settings=settings(**options), copies=copies)


@pytest.mark.parametrize(
    "options",
    [
        {"output.checksum": "md5"},
        {"pipeline.queue": 3, "encoder.ffmpeg": "/usr/bin/ffmpeg"},
        {"input.budget": "strict", "input.max_pixels": 1 << 20, "input.spool": 1.0},
        {"restore.device": "cuda:1"},
        {"copy": {"output.checksum": "none", "restore.device": "cuda"}},
    ],
)
def test_a_job_goes_on_with_other_options_that_make_no_other_part(options, tmp_path):
    store = Store(tmp_path / "p")
    device = {"restore.device": "cuda:0"}
    finish(store, opened(store, with_options(copy=device, **device)), 1)
    now = with_options(**{"copy": device, **device, **options})
    assert set(opened(store, now).finished) == {1}


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"restore.device": "cpu"}, "restore.device was cuda, is cpu"),
        ({"restore.threads": 2}, "restore.threads was 0, is 2"),
        ({"encoder.threads": 2}, "encoder.threads was 0, is 2"),
        ({"restore.precision": "float32"}, "restore.precision was auto, is float32"),
        ({"job.segment": 5}, "job.segment was 20.0, is 5.0"),
        ({"copy": {"encoder.crf": 30}}, "the copies are others"),
    ],
)
def test_a_job_does_not_go_on_with_options_that_make_other_parts(options, told, tmp_path):
    store = Store(tmp_path / "p")
    finish(store, opened(store, with_options(**{"restore.device": "cuda:0"})), 1)
    with pytest.raises(OtherPartsError) as no:
        opened(store, with_options(**{"restore.device": "cuda:0", **options}))
    assert told in str(no.value)


def test_options_that_make_no_other_part_are_options():
    for section, names in INDIFFERENT.items():
        assert names <= Config().model_dump()[section].keys()


def test_a_file_that_is_not_kept_is_gone(tmp_path):
    store = Store(tmp_path / "p")
    with store.create("name") as file:
        file.write(b"half")
    assert list(store.folder.iterdir()) == []


def test_the_folder_lies_beside_what_a_link_leads_to(tmp_path):
    there = tmp_path / "disk"
    there.mkdir()
    (tmp_path / "out.mkv").symlink_to(there / "real.mkv")
    assert folder_of(tmp_path / "out.mkv") == there / "real.mkv.part"
    assert len(folder_of(tmp_path / ("x" * 251 + ".mkv")).name) == 255


def moved(number, dx):
    return Placed(number, tuple((x + dx, y) for x, y in FACE))


def test_tracks_keep_their_numbers_across_a_seam():
    joined = Joined()
    first, second, third = part(0, tail=(moved(1, 0), moved(2, 50))), part(1), part(2)
    for each, ids in ((first, (1, 2)), (second, (1, 2, 3)), (third, (1,))):
        each.facts._tracks.update(dict.fromkeys(ids))
    second = replace(second, head=(moved(2, 1), moved(1, 49), moved(3, 25)), tail=(moved(3, 0),))
    ids = []
    extend = Facts.extend
    try:
        Facts.extend = lambda self, later, names: ids.append(dict(names))
        for each in (first, second, replace(third, head=(moved(1, 90),))):
            joined.add(each)
    finally:
        Facts.extend = extend
    assert ids == [{1: 1, 2: 2}, {2: 1, 1: 2, 3: 3}, {1: 4}]
