"""Looking at a finished job again, as its report describes it."""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np

from vidrestore import __version__
from vidrestore.build import build_source
from vidrestore.config import Config
from vidrestore.datatypes import Frame
from vidrestore.errors import InputError, OutputError, VidrestoreError
from vidrestore.job.networks import Networks
from vidrestore.job.photos import restore_photo
from vidrestore.job.restoring import restore
from vidrestore.job.task import Task
from vidrestore.job.verifying.claims import Claims
from vidrestore.job.verifying.outside import Outside, compare_outside
from vidrestore.job.verifying.places import place_of
from vidrestore.report import Hashed, ModelUsed, Progress
from vidrestore.report.keeping.fixity import hashed
from vidrestore.report.outside import beyond_faces
from vidrestore.report.verified import Check, Verified
from vidrestore.stills import StillSource, is_still_file, is_still_name
from vidrestore.text.wording import counted
from vidrestore.video.demux.files import exists, is_folder, is_pattern
from vidrestore.video.frame_hashes import hash_of_frames, place_of_restored

_TOLERANCE: Final = 0.001
"""Share of samples that may differ, by one code value, on another device."""
_EXACT: Final = frozenset({"ffv1"})


class Verifying:
    """One report.

    Args:
        report: its file.
        options: by dotted name, those that the caller gives in place of the report's.
        source: the source, if it lies elsewhere now; None for where the report says.
        output: likewise the result.
        stop: set it from anywhere to end early.

    Raises:
        InputError: the file is no report.
    """

    def __init__(
        self,
        report: Path,
        options: Mapping[str, Any],
        *,
        source: Path | None = None,
        output: Path | None = None,
        stop: threading.Event | None = None,
    ) -> None:
        self._report, self._options, self._stop = report, options, stop
        self._claims = Claims.read(report)
        told, fixity = self._claims.report, self._claims.fixity
        there = (None, None) if told.run is None else (told.run.input, told.run.output)
        self._source = source or self._place(told.input, there[0], fixity.source)
        self._output = output or self._place(told.output, there[1], fixity.result)
        self._photo = is_still_file(self._source) and is_still_name(self._output)

    def _place(self, name: str, absolute: str | None, known: Hashed | None) -> Path:
        return place_of(name, absolute, self._report, known, self._claims.fixity.algorithm)

    def verify(
        self, *, again: bool, progress: Callable[[Progress], None] | None = None
    ) -> Verified:
        """Make all checks; see ``api.verify_report``."""
        claims = self._claims
        seal = "as it was written" if claims.sealed else "it was changed since it was written"
        checks = [
            Check("report", claims.sealed, seal),
            self._same("source", self._source, claims.fixity.source),
            self._same("result", self._output, claims.fixity.result),
            *self._copies(),
            *self._decoded(),
            self._model("model", "restore.model", claims.report.model),
        ]
        if (painter := claims.report.inpainting) is not None:
            checks.append(self._model("inpainting", "restore.inpainting", painter))
        if _is_file(self._source) and _is_file(self._output):
            checks.append(self._outside())
            if again:
                checks.append(self._again(progress))
        else:
            many = is_pattern(str(self._output)) or is_folder(str(self._source))
            why = "pictures are many files" if many else "a file is missing"
            pictures = ("outside the faces", *(["restored anew"] if again else []))
            checks += [Check(what, None, f"not compared: {why}") for what in pictures]
        return Verified(str(self._report), tuple(checks))

    def _same(self, what: str, path: Path, known: Hashed | None) -> Check:
        algorithm = self._claims.fixity.algorithm
        if known is None:
            return Check(what, None, f"{path}: the report has no hash of it")
        try:
            found = hashed(path, algorithm)
        except OSError as error:
            return Check(what, False, f"{path} cannot be read: {error.strerror}")
        if found is None:
            return Check(what, False, f"{path} is not there; name it with --{what}")
        if found.size != known.size:
            return Check(what, False, f"{path} has {found.size} bytes, had {known.size}")
        if found.digest != known.digest:
            return Check(what, False, f"{path} has another {algorithm} than the report says")
        return Check(what, True, f"{path}: {algorithm} {found.digest}")

    def _copies(self) -> Iterator[Check]:
        """Further results; one that is kept elsewhere is none that is wrong."""
        for copy in self._claims.report.copies:
            path = self._place(copy.output, None, copy.file)
            if exists(str(path)):
                yield self._same("copy", path, copy.file)
            else:
                yield Check("copy", None, f"{path} is not there")

    def _decoded(self) -> Iterator[Check]:
        """Whether the result decodes to the frames that it was made of, where a hash tells."""
        known = self._claims.fixity
        if known.frames is None or not _is_file(self._output):
            return
        try:
            stream = place_of_restored(self._claims.report.streams)
            limits = Config().input
            found = hash_of_frames(self._output, stream, known.algorithm, limits, self._stop)
        except (InputError, OutputError) as error:
            yield Check("frames", False, str(error))
            return
        same = found == known.frames
        words = "decodes to the frames that were written" if same else "decodes to other frames"
        yield Check("frames", same, f"{self._output} {words}")

    def _model(self, what: str, option: str, known: ModelUsed) -> Check:
        path = Path(str(self._options.get(option, known.file)))
        if not known.sha256:
            return Check(what, None, "there was no weight file")
        try:
            found = hashed(path, "sha256")
        except OSError as error:
            return Check(what, False, f"{path} cannot be read: {error.strerror}")
        if found is None:
            return Check(what, None, f"{path} is not there; name it with --{what}")
        same = found.digest == known.sha256
        return Check(what, same, f"{path}: {'' if same else 'other than '}{known.sha256}")

    # Pictures

    def _outside(self) -> Check:
        """Compare what no face covers: of a lossless result every sample must be the source's."""
        what = "outside the faces"
        try:
            if changed := beyond_faces(self._claims.report.settings):
                return Check(what, None, f"not compared: {next(iter(changed.values()))}")
            config = _as_encoded(self._claims.config(self._options))
            with (
                self._frames(config, self._source, cut=True) as source,
                self._frames(_plain(config), self._output, cut=False) as result,
            ):
                found = compare_outside(source, result, self._claims.regions)
        except VidrestoreError as error:
            return Check(what, False, str(error))
        return self._judged(found, exact=self._exact(config))

    @property
    def _unit(self) -> str:
        """What a picture of the result is called."""
        return "page" if self._photo else "frame"

    def _judged(self, found: Outside, *, exact: bool) -> Check:
        what, pictures = "outside the faces", counted(found.frames, self._unit)
        if found.mismatch is not None:
            other_kind = "became" in found.mismatch
            return Check(what, None if other_kind else False, f"not compared: {found.mismatch}")
        if not found.samples:
            return Check(what, None, f"not compared: the faces fill all of {pictures}")
        if not found.changed:
            return Check(what, True, f"equal in every sample of {pictures}")
        if exact:
            text = f"{found.changed} of {pictures} differ, the first is {found.first}"
            return Check(what, False, text)
        text = f"not provable: the encoder loses some; PSNR {found.psnr:.1f} dB over {pictures}"
        return Check(what, None, text)

    @contextmanager
    def _frames(self, config: Config, path: Path, *, cut: bool) -> Iterator[Iterator[Frame]]:
        """The frames of a video, or the pages of a photo."""
        if self._photo:
            with closing(StillSource(path, config.input)) as photo:
                yield (photo.page(number).frame for number in range(photo.pages))
            return
        report = self._claims.report
        start, end = (report.start, report.end) if cut else (None, None)
        with closing(build_source(config, path, start, end, self._stop)) as video:
            yield iter(video)

    def _exact(self, config: Config) -> bool:
        """Whether the result keeps every sample that it was given."""
        if not self._photo:
            return config.encoder.codec in _EXACT
        with closing(StillSource(self._output, config.input)) as photo:
            return photo.kind.exact and photo.page(0).stored.exact

    # Anew

    def _again(self, progress: Callable[[Progress], None] | None) -> Check:
        """Restore anew and compare frame by frame."""
        claims, what = self._claims.report, "restored anew"
        try:
            config = self._claims.config(self._options)
            with tempfile.TemporaryDirectory(prefix="vidrestore-") as folder:
                output = Path(folder) / self._output.name
                task = Task(self._source, output, claims.start, claims.end)
                job = restore_photo if self._photo else restore
                done = job(task, config, Networks(config), progress=progress, stop=self._stop)
                plain = _plain(config)
                with (
                    self._frames(plain, self._output, cut=False) as one,
                    self._frames(plain, output, cut=False) as other,
                ):
                    found = compare_frames(one, other, self._unit)
        except VidrestoreError as error:
            return Check(what, False, str(error))
        where = "" if done.device == claims.device else f", made on {claims.device}"
        if claims.version != __version__:
            where += f", by version {claims.version}"
        return Check(what, found[0], f"{found[1]} (on {done.device}{where})")


def compare_frames(one: Iterator[Frame], other: Iterator[Frame], unit: str) -> tuple[bool, str]:
    """Whether two videos are the same, and in a line, with ``unit`` for a frame, how nearly.

    Equal, or within one code value on fewer than 0.1 % of the samples, as devices may differ.
    """
    count = samples = unequal = far = 0
    while True:
        a, b = next(one, None), next(other, None)
        if a is None and b is None:
            break
        if a is None or b is None or a.format != b.format:
            return False, f"it has other {unit}s"
        count += 1
        for was, now in zip(a.planes, b.planes, strict=True):
            step = np.abs(was.astype(np.int32) - now)
            samples, unequal = samples + step.size, unequal + int((step > 0).sum())
            far = max(far, int(step.max()))
    if not unequal:
        return True, f"equal in every sample of {counted(count, unit)}"
    share = unequal / samples
    within = far <= 1 and share < _TOLERANCE
    text = f"{100 * share:.4f} % of the samples differ, by {far} code values at most"
    return within, f"{text}: {'within' if within else 'beyond'} what another device may differ"


def _as_encoded(config: Config) -> Config:
    """Options by which a source gives frames as they went to the encoder."""
    if config.interlaced.mode == "keep":
        # Woven again, they are as they were stored.
        return config.with_options({"interlaced.mode": "never"})
    return config


def _is_file(path: Path) -> bool:
    return os.path.isfile(path)  # noqa: PTH113 - pathlib's raises for names that are too long


def _plain(config: Config) -> Config:
    """Options by which a result's frames come as they are stored."""
    options = {"interlaced.mode": "never", "interlaced.pulldown": "leave", "input.stream": None}
    return config.with_options(options)
