"""The networks of a session: loaded when first needed, then kept for all of its jobs."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from vidrestore import build
from vidrestore.config import Config
from vidrestore.job.locked import LockedDetector, locked
from vidrestore.runtime.loading import uncollected
from vidrestore.stages import Detector, Restorer

T = TypeVar("T")

_log = logging.getLogger(__name__)


class Networks:
    """What restores and what finds faces, for any number of threads.

    Args:
        config: all options.
        restorer: used in place of the model that the options name.
        detector: used in place of the detector that the options name.
    """

    def __init__(
        self, config: Config, restorer: Restorer | None = None, detector: Detector | None = None
    ) -> None:
        self._config, self._restorer, self._detector = config, restorer, detector
        self._engine: _Once[build.Engine] = _Once(self._make_engine)
        self._finder: _Once[build.Finder] = _Once(self._make_finder)

    def configured(self, config: Config) -> Networks:
        """Networks for other options: the same ones, as far as the options name the same."""
        other = Networks(config, self._restorer, self._detector)
        if _engine_options(config) == _engine_options(self._config):
            other._engine = self._engine
        if _finder_options(config) == _finder_options(self._config):
            other._finder = self._finder
        return other

    @property
    def given(self) -> bool:
        """Whether any of them is the caller's own."""
        return self._restorer is not None or self._detector is not None

    def engine(self) -> build.Engine:
        """The restorer with what a report says of it.

        Raises:
            ModelError: the weights are missing or refused.
            DeviceError: the device is missing.
        """
        return self._engine()

    def finder(self) -> build.Finder:
        """What finds faces and places their landmarks.

        Raises:
            ModelError: the weights are missing or refused.
        """
        return self._finder()

    def _make_engine(self) -> build.Engine:
        options = self._config.restore
        if self._restorer is None:
            engine = build.build_engine(options)
        else:
            engine = build.given_engine(self._restorer, options)
        _log.info("restoring with %s on %s", engine.model.name, engine.device)
        painting = build.build_inpainting(options) if build.paints_damage(self._config) else None
        if painting is not None:
            _log.info("damage of faces is painted with %s", painting.model.name)
        return engine._replace(restorer=locked(engine.restorer), inpainting=painting)

    def _make_finder(self) -> build.Finder:
        finder = build.build_finder(self._config, self._detector)
        # What places landmarks has a thread of its own, which is as good as a lock.
        return finder._replace(detector=LockedDetector(finder.detector))


def _engine_options(config: Config) -> dict[str, object]:
    """The options that a restorer is made from."""
    named = config.restore.model_dump(exclude={"adaptive"})
    return named | {"paints damage": build.paints_damage(config)}


def _finder_options(config: Config) -> tuple[object, ...]:
    """The options that a detector is made from."""
    return config.detect.model_dump(), config.track.continue_score, bool(config.track.smoothing)


class _Once(Generic[T]):
    """A value that the first who asks for it makes, for everybody; a failure is tried again."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make, self._lock = make, threading.Lock()
        self._made: list[T] = []

    def __call__(self) -> T:
        with self._lock, uncollected():  # it brings libraries
            if not self._made:
                self._made.append(self._make())
            return self._made[0]
