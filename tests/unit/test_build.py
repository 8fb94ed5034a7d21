from __future__ import annotations

import pytest
import torch

from tests.stand_ins.details import of_detail
from tests.stand_ins.fakes import FakeRestorer
from vidrestore.build import build_restoring, given_engine, worker_devices
from vidrestore.config import Config
from vidrestore.restore.running import device


def stages(**options):
    config = Config().with_options({f"temporal.{name}": value for name, value in options.items()})
    engine = given_engine(FakeRestorer(), config.restore)
    return [stage.name for _, part in build_restoring(config, engine) for stage in part]


@pytest.mark.parametrize("options", [{}, {"denoise": 0}, {"blend": 0}])
def test_faces_are_followed_over_time_where_anything_is_averaged(options):
    names = stages(**options)
    assert names.index("align") < names.index("deflicker") < names.index("denoise")
    assert names.index("denoise") < names.index("restore") < names.index("blend")


def test_nothing_is_held_back_where_nothing_is_averaged():
    assert "denoise" not in stages(denoise=0, blend=0)


@pytest.mark.parametrize(
    ("options", "refined"),
    [({}, True), ({"refine": False}, False), ({"refine": False, "texture": 0.5}, True)],
)
def test_results_are_refined_after_they_were_averaged_where_a_model_tells_how(options, refined):
    config = Config().with_options({f"restore.{name}": value for name, value in options.items()})
    engine = given_engine(FakeRestorer(), config.restore)
    detail = of_detail(engine.restorer.size, 1.0, 1.0)

    def names(engine):
        return [stage.name for _, part in build_restoring(config, engine) for stage in part]

    assert names(engine)[-2:] == ["blend", "paste"]
    last = ["blend", "refine", "paste"] if refined else ["blend", "paste"]
    assert names(engine._replace(detail=detail))[-len(last) :] == last


def test_texture_that_no_model_tells_of_is_warned_of():
    asked = Config().with_options({"restore.texture": 0.5}).restore
    assert given_engine(FakeRestorer(), asked).warnings == (
        "no texture is drawn: the model does not tell how much detail its results lack",
    )
    assert not given_engine(FakeRestorer(), Config().restore).warnings


@pytest.mark.parametrize(
    ("asked", "gpus", "jobs", "expected"),
    [
        ("cpu", 4, 0, ["cpu"] * 8),  # 16 cores
        ("cpu", 4, 3, ["cpu"] * 3),
        ("auto", 0, 0, ["cpu"] * 8),
        ("auto", 3, 0, ["cuda:0", "cuda:1", "cuda:2"]),
        ("auto", 2, 5, ["cuda:0", "cuda:1", "cuda:0", "cuda:1", "cuda:0"]),
        ("cuda:1", 2, 2, ["cuda:1", "cuda:1"]),
        ("cuda:1", 2, 0, ["cuda:1"]),
    ],
)
def test_processes_are_shared_out_among_devices(asked, gpus, jobs, expected, monkeypatch):
    chosen = "cpu" if asked == "cpu" or not gpus else "cuda" if asked == "auto" else asked
    monkeypatch.setattr(device, "pick_device", lambda _: torch.device(chosen))
    monkeypatch.setattr(torch.cuda, "device_count", lambda: gpus)
    config = Config().with_options({"restore.device": asked}).restore
    assert worker_devices(config, jobs, cores=16, memory=None) == expected


@pytest.mark.parametrize(
    ("cores", "gigabytes", "expected"), [(1, 8, 1), (2, 8, 2), (2, 4, 1), (2, 1, 1), (16, 11, 4)]
)
def test_as_many_processes_pay_as_cores_and_memory_bear(cores, gigabytes, expected):
    config = Config().with_options({"restore.device": "cpu"}).restore
    memory = gigabytes * 1_000_000_000
    assert worker_devices(config, 0, cores, memory) == ["cpu"] * expected
    assert worker_devices(config, 3, cores, memory) == ["cpu"] * 3
