"""Stages that find faces, and follow them over time."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from vidrestore.build.task import for_task
from vidrestore.config import Config, DetectConfig, TrackConfig
from vidrestore.detect.cadence import Cadence
from vidrestore.detect.lookback import Lookback
from vidrestore.detect.preview import Preview
from vidrestore.detect.search import Search
from vidrestore.detect.turned import TurnedDetector
from vidrestore.engines import check_detector
from vidrestore.film import Colourless, DeflickerFrames, Observe
from vidrestore.pipeline import NamedStage, Worker
from vidrestore.runtime.loading import uncollected
from vidrestore.stages import Detector
from vidrestore.track.cuts import CutDetector

if TYPE_CHECKING:
    from vidrestore.detect.networks.landmark_network import LandmarkPlacer
    from vidrestore.track.tracker import Tracker

# Networks and filters are imported where they are built: torch and scipy take seconds.


class Finder(NamedTuple):
    """What finds faces; ``placer`` places their landmarks on every frame, None where none do."""

    detector: Detector
    placer: LandmarkPlacer | None


def build_detector(config: DetectConfig, score_threshold: float) -> Detector:
    """The detector that the options name.

    Raises:
        ModelError: its weights are missing or refused.
    """
    if config.detector == "centerface":
        from vidrestore.detect.hybrid import default_detector  # noqa: PLC0415

        return default_detector(score_threshold)
    from vidrestore.detect.networks.retinaface import retinaface  # noqa: PLC0415

    return retinaface(config.detector, config.weights, score_threshold, "cpu")


def build_finder(config: Config, detector: Detector | None = None) -> Finder:
    """What the options name to find faces, or the caller's detector in its place.

    Raises:
        ModelError: weights are missing or refused.
    """
    if detector is not None:
        check_detector(detector)
    # What continues a track is the lower score; the tracker asks for more to begin one.
    detector = detector or build_detector(config.detect, config.track.continue_score)
    if not config.track.smoothing:
        return Finder(detector, None)
    from vidrestore.detect.networks.landmark_network import LandmarkPlacer  # noqa: PLC0415

    return Finder(detector, LandmarkPlacer())


def upright_detector(finder: Finder, rotation: int) -> Detector:
    """What finds faces in pictures as they are stored.

    Args:
        finder: finds upright faces.
        rotation: degrees counter-clockwise, quarter turns, that bring the stored picture upright.
    """
    if quarter_turns := round(rotation / 90) % 4:
        return TurnedDetector(finder.detector, quarter_turns)
    return finder.detector


def build_finding(config: Config, finder: Finder, rotation: int = 0) -> list[Worker]:
    """Frame in, TrackedFrame out: who is where, smoothed over time.

    Args:
        config: all options.
        finder: finds the faces.
        rotation: degrees counter-clockwise, quarter turns, that bring the stored picture upright.
    """
    detector = upright_detector(finder, rotation)
    seeing = [
        NamedStage("preview", Preview(config.detect.max_side)),
        NamedStage("cuts", CutDetector(config.track.cut_threshold)),
        NamedStage("film", Observe()),
        NamedStage("colourless", Colourless(for_task(config).film.colourless)),
        NamedStage("detect", Cadence(detector, config.detect.every)),
        NamedStage("track", _tracker(config.track)),
    ]
    if config.film.deflicker == "frame":
        after = [stage.name for stage in seeing].index("film") + 1
        seeing.insert(after, NamedStage("deflicker", DeflickerFrames()))
    if config.track.lookback:
        lookback = Lookback(config.track.lookback, config.detect.max_side)
        seeing.append(NamedStage("lookback", lookback))
    if finder.placer is not None:
        from vidrestore.track.smoothing import Smoother  # noqa: PLC0415

        seeing.append(_locating(finder.placer))
        smoother = Smoother(config.track.lookahead, config.track.smoothing)
        seeing.append(NamedStage("smooth", smoother))
    return [("find", seeing)]


def build_photo_finding(config: Config, finder: Finder) -> list[Worker]:
    """Frame in, TrackedFrame out, for photos: each is searched with all care, by itself."""
    seeing = [
        NamedStage("preview", Preview(config.detect.max_side)),
        NamedStage("colourless", Colourless(for_task(config).film.colourless)),
        NamedStage("detect", Search(finder.detector, config.track.birth_score)),
    ]
    if finder.placer is not None:
        seeing.append(_locating(finder.placer))
    return [("find", seeing)]


def _locating(placer: LandmarkPlacer) -> NamedStage:
    from vidrestore.detect.locate import Locate  # noqa: PLC0415

    return NamedStage("locate", Locate(placer))


def _tracker(config: TrackConfig) -> Tracker:
    with uncollected():
        from vidrestore.track.tracker import Tracker  # noqa: PLC0415

    return Tracker(
        birth_score=config.birth_score,
        continue_score=config.continue_score,
        confirm=config.confirm,
        max_gap=config.max_gap,
    )
