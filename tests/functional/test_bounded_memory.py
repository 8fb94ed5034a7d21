"""Memory does not grow with the length of a video."""

from __future__ import annotations

import gc
import weakref

import pytest

from tests.stand_ins.fakes import FakeDetector, FakeRestorer, FakeSource, LateRestorer
from vidrestore.build import build_finder, build_finding, build_restoring, given_engine
from vidrestore.config import Config
from vidrestore.pipeline import run


class WatchedSource(FakeSource):
    """Knows how many of its frames' samples are still alive."""

    def __init__(self, count):
        super().__init__(count, 96, 80)
        self.alive = 0

    def frame(self, index):
        frame = super().frame(index)
        self.alive += 1
        weakref.finalize(frame.planes[0], self._forget)
        return frame

    def _forget(self):
        self.alive -= 1


def most_alive(frames: int, config: Config, ahead: int) -> int:
    source = WatchedSource(frames)
    restorer = LateRestorer(ahead=ahead) if ahead else FakeRestorer()
    engine = given_engine(restorer, config.restore)
    finder = build_finder(config, FakeDetector())
    workers = build_finding(config, finder) + build_restoring(config, engine)
    seen = []

    def consume(pasted):
        assert pasted.regions
        seen.append(source.alive)

    run(source, workers, consume, capacity=config.pipeline.queue)
    gc.collect()
    assert len(seen) == frames
    return max(seen)


@pytest.mark.parametrize(
    ("options", "ahead"), [({"restore.batch": 16, "pipeline.queue": 2}, 0), ({}, 2)]
)
def test_frames_alive_do_not_grow_with_length(options, ahead):
    """Every queue, look-ahead and batch full: that is the bound, at any length."""
    # Every face is to be written, also what a fake makes of it.
    written = {"align.min_face": 8, "restore.adaptive": False, "paste.occlusion": False}
    config = Config().with_options({**written, **options})
    stages = (
        config.track.lookback
        + config.track.lookahead
        + 2 * config.detect.every * config.track.confirm
    )
    queues = 3 * (config.pipeline.queue + 2)
    batch = max(config.restore.batch, 4)
    averaging = config.temporal.rest + max(config.temporal.reach, 8)
    bound = queues + stages + batch + ahead * (batch + 1) + averaging
    assert most_alive(bound + 16, config, ahead) <= bound
