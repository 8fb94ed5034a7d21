"""Detectors and restorers that several jobs share: one call at a time, whoever calls.

Neither OpenCV's networks nor the buffers of a GPU, a process behind a pipe or what a caller brings
may be used by two threads at once, and two jobs would want the same cores or the same GPU anyway.
What they give is held against the protocol here, where the one who brought them can still be told.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np

from vidrestore.datatypes import Face, Image
from vidrestore.errors import ConfigError
from vidrestore.stages import AsyncRestorer, Detector, Pending, Restorer
from vidrestore.text.wording import counted


class LockedDetector:
    """A ``Detector`` for any number of threads.

    Args:
        detector: used by one thread at a time.
    """

    def __init__(self, detector: Detector) -> None:
        self._detector, self._lock = detector, threading.Lock()

    def detect(self, images: Sequence[Image], /) -> list[tuple[Face, ...]]:
        """As the detector does.

        Raises:
            ConfigError: it gave something else than faces of each.
        """
        with self._lock:
            found = self._detector.detect(images)
        if not (
            isinstance(found, list | tuple)
            and len(found) == len(images)
            and all(isinstance(faces, list | tuple) for faces in found)
            and all(isinstance(face, Face) for faces in found for face in faces)
        ):
            raise ConfigError(
                f"{type(self._detector).__name__}.detect must give a list with a tuple of Face for "
                f"each image, and gave something else for {counted(len(images), 'image')}"
            )
        return list(found)


class LockedRestorer:
    """A ``Restorer`` for any number of threads.

    Args:
        restorer: used by one thread at a time.
    """

    def __init__(self, restorer: Restorer) -> None:
        self._restorer, self._lock = restorer, threading.Lock()

    @property
    def size(self) -> int:
        """Side of the crops it takes, in pixels."""
        return self._restorer.size

    def restore(self, crops: Image, /) -> Image:
        """As the restorer does.

        Raises:
            ConfigError: it gave something else than a crop for each.
        """
        with self._lock:
            return self._held(crops, self._restorer.restore(crops))

    def _held(self, crops: Image, restored: object) -> Image:
        """What it gave, held against what it was given."""
        gave = f"a {type(restored).__name__}"
        if isinstance(restored, np.ndarray):
            if (restored.shape, restored.dtype) == (crops.shape, crops.dtype):
                return restored
            gave = f"{restored.shape} {restored.dtype}"
        raise ConfigError(
            f"{type(self._restorer).__name__}.restore gave {gave} for crops of {crops.shape} "
            f"{crops.dtype}; give as many, of the same size and type"
        )


class LockedAsyncRestorer(LockedRestorer):
    """An ``AsyncRestorer`` for any number of threads; batches of several jobs may be under way.

    Args:
        restorer: used by one thread at a time.
    """

    def __init__(self, restorer: AsyncRestorer) -> None:
        super().__init__(restorer)
        self._ahead = restorer

    @property
    def ahead(self) -> int:
        """Batches worth having under way, for each job."""
        return self._ahead.ahead

    def submit(self, crops: Image, /) -> Pending:
        """As the restorer does."""
        with self._lock:
            pending = self._ahead.submit(crops)

        def result() -> Image:
            with self._lock:
                return self._held(crops, pending())

        return result


def locked(restorer: Restorer) -> Restorer:
    """A restorer behind a lock; one that works ahead still does."""
    if isinstance(restorer, AsyncRestorer):
        return LockedAsyncRestorer(restorer)
    return LockedRestorer(restorer)
