"""The model of many cores: what it says where that is known."""

from __future__ import annotations

import pytest

from benchmarks.scaling import Stages

TIMING = {"load": 9.0, "decode": 1.0, "detect": 2.0, "restore": 4.0, "paste": 2.0, "encode": 1.0}


@pytest.fixture
def stages():
    return Stages.of(TIMING, cpu=20.0, frames=100)


def test_stages_share_the_processor_seconds(stages):
    assert stages.cpu == pytest.approx(0.2)
    parts = (stages.decode, stages.find, stages.prepare, stages.network, stages.encode)
    assert parts == pytest.approx((0.02, 0.04, 0.04, 0.08, 0.02))
    assert sum(parts) == pytest.approx(stages.cpu)


def test_one_core_does_everything_one_after_the_other(stages):
    assert stages.alone(1) == pytest.approx(0.2)
    assert stages.shared(1, 1) == stages.alone(1)


def test_one_process_is_as_fast_as_its_slowest_thread(stages):
    assert stages.alone(2) == pytest.approx(0.1)
    assert stages.alone(32) == pytest.approx(0.04 + 0.08 / 4)


def test_several_processes_use_what_one_leaves_idle(stages):
    assert stages.shared(8, 32) == pytest.approx(max(0.2 / 32, 0.06 / 8))
    for cores in (1, 2, 4, 8, 16, 32):
        best = min(stages.shared(jobs, cores) for jobs in (1, 2, 4, 8))
        assert stages.cpu / cores <= best <= stages.alone(cores)
