"""Detectors and restorers that several jobs share: one call at a time, whoever calls.

Neither OpenCV's networks nor the buffers of a GPU, a process behind a pipe or what a caller brings
may be used by two threads at once, and two jobs would want the same cores or the same GPU anyway.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

from vidrestore.datatypes import Face, Image
from vidrestore.stages import AsyncRestorer, Detector, Pending, Restorer


class LockedDetector:
    """A ``Detector`` for any number of threads.

    Args:
        detector: used by one thread at a time.
    """

    def __init__(self, detector: Detector) -> None:
        self._detector, self._lock = detector, threading.Lock()

    def detect(self, images: Sequence[Image], /) -> list[tuple[Face, ...]]:
        """As the detector does."""
        with self._lock:
            return self._detector.detect(images)


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
        """As the restorer does."""
        with self._lock:
            return self._restorer.restore(crops)


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
                return pending()

        return result


def locked(restorer: Restorer) -> Restorer:
    """A restorer behind a lock; one that works ahead still does."""
    if isinstance(restorer, AsyncRestorer):
        return LockedAsyncRestorer(restorer)
    return LockedRestorer(restorer)
