from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.against_filters.scenes import Scene
from benchmarks.against_filters.selection import chosen
from benchmarks.against_filters.wear import KINDS

SCENES = [Scene(group, name, Path(name), 1) for group in ("rigid", "moving") for name in "ab"]


def names(only: list[str], limit: int | None = None) -> set[str]:
    return {f"{kind}/{s.group}/{s.name}" for kind, s in chosen(SCENES, only, limit)}


def test_all_clips_are_chosen_once_and_a_stopped_run_has_seen_every_kind_and_group():
    found = chosen(SCENES)
    assert len(found) == len(set(found)) == len(KINDS) * len(SCENES)
    first = found[: len(found) // 2]
    assert {kind for kind, _ in first} == set(KINDS)
    assert {scene.group for _, scene in first} == {"rigid", "moving"}


def test_what_is_asked_for_is_chosen():
    assert names(["film/rigid/a"]) == {"film/rigid/a"}
    assert names(["film/rigid", "film/rigid/a"]) == {"film/rigid/a", "film/rigid/b"}
    assert names(["*/moving/b"]) == {f"{kind}/moving/b" for kind in KINDS}
    assert names(["film"], limit=1) == {"film/rigid/a", "film/moving/a"}


@pytest.mark.parametrize("wrong", ["filn", "film/rigid/c", "film/rigid/a/b"])
def test_what_fits_no_clip_is_told(wrong):
    with pytest.raises(ValueError, match=wrong):
        chosen(SCENES, [wrong])
