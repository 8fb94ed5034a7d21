"""A preview: a few seconds restored as a job would, beside what they were."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from vidrestore.build import build_source, upright_detector
from vidrestore.config import Config
from vidrestore.errors import ConfigError, InputError
from vidrestore.job.networks import Networks
from vidrestore.job.restoring import restore
from vidrestore.job.showing.page import Page
from vidrestore.job.showing.panels import Layout
from vidrestore.job.showing.places import Place, chosen, look, times_to_look
from vidrestore.job.showing.total_progress import TotalProgress
from vidrestore.job.task import Source, Task
from vidrestore.report import Preview, Progress, Report, ShownPlace
from vidrestore.runtime.stoppable import stoppable
from vidrestore.video import PlainPicture, PlainVideo, VideoSource, glimpses

BEFORE, AFTER = "original", "restored"

# A piece holds the picture alone, undivided.
_PIECE = {
    "job.segment": 0,
    "output.audio": "drop",
    "output.subtitles": "drop",
    "output.video": "drop",
    "output.attachments": "drop",
    "output.strict": False,
}
# How a piece is read: as it is.
_AS_STORED = {
    "input.stream": None,
    "interlaced.mode": "never",
    "interlaced.rate": "frame",
    "interlaced.pulldown": "leave",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a preview is to show; see ``Session.preview``."""

    source: Source
    output: str | Path
    at: Sequence[Fraction] = ()
    count: int = 1
    seconds: Fraction = Fraction(2)
    tries: Mapping[str, Config] = field(default_factory=dict)
    layout: Layout = "side"
    overwrite: bool = False

    @property
    def picture(self) -> Path:
        """The name of the picture."""
        return Path(self.output).with_suffix(".png")


def preview(
    asked: Asked,
    config: Config,
    networks: Networks,
    *,
    progress: Callable[[Progress], None] | None = None,
    stop: threading.Event | None = None,
) -> Preview:
    """Show what a job would do; arguments and errors are those of ``Session.preview``."""
    if asked.count < 1:
        raise ConfigError(f"count is {asked.count}; a preview shows at least one place")
    if asked.seconds <= 0:
        raise ConfigError("seconds is 0; a preview shows a place for longer than that")
    if taken := {BEFORE, AFTER} & asked.tries.keys():
        raise ConfigError(f"settings to try cannot be called {taken.pop()}; choose another name")
    begun = time.perf_counter()
    settings = {AFTER: config, **asked.tries}
    with ExitStack() as stack:
        frames = stack.enter_context(closing(build_source(config, asked.source, None, None, stop)))
        path, colour = frames.path, frames.info.picture.colour
        video = PlainVideo(asked.output, path, colour=colour, overwrite=asked.overwrite)
        stack.enter_context(closing(video))
        still = PlainPicture(asked.picture, path, overwrite=asked.overwrite)
        stack.enter_context(closing(still))
        places, warnings = _places(asked, config, frames, networks, stop)
        page = Page(video, (BEFORE, *settings), asked.layout)
        places_shown, largest = [], -1
        shown = TotalProgress(progress, len(places) * len(settings))
        configs = list(settings.values())
        work = _Work(path, configs, networks, seconds=asked.seconds, shown=shown, stop=stop)
        for place in places:
            with tempfile.TemporaryDirectory(prefix="vidrestore-") as folder, ExitStack() as opened:
                reports = work.restored(place.time, Path(folder))
                sources = work.opened(place.time, reports, opened)
                area, number = _largest(reports[0])
                page.add(sources, number if area > largest else None, stop)
                largest = max(area, largest)
            places_shown.append(_shown(place, reports[0]))
        assert page.picture is not None, "a piece without frames is refused"
        video.finish()
        still.write(page.picture)
        return Preview(
            input=frames.info.name,
            output=str(asked.output),
            picture=str(asked.picture),
            columns=(BEFORE, *settings),
            places=tuple(places_shown),
            seconds=time.perf_counter() - begun,
            warnings=(*frames.warnings, *warnings),
        )


class _Work:
    """Restores pieces of a video with several settings, and opens them beside the original."""

    def __init__(
        self,
        path: str | Path,
        configs: Sequence[Config],
        networks: Networks,
        *,
        seconds: Fraction,
        shown: TotalProgress,
        stop: threading.Event | None,
    ) -> None:
        self._path, self._configs, self._seconds = path, configs, seconds
        self._networks = [networks, *map(networks.configured, configs[1:])]
        self._shown, self._stop = shown, stop

    def restored(self, start: Fraction, folder: Path) -> list[Report]:
        """Restore the piece from a time on with each of the settings, as a job would."""
        reports = []
        for number, config in enumerate(self._configs):
            self._shown.begin()
            piece, end = folder / f"{number}.mkv", start + self._seconds
            task, networks = Task(self._path, piece, start, end), self._networks[number]
            alone = config.with_options(_PIECE)
            reports.append(restore(task, alone, networks, progress=self._shown, stop=self._stop))
        return reports

    def opened(
        self, start: Fraction, reports: Sequence[Report], stack: ExitStack
    ) -> list[VideoSource]:
        """The piece as it was, and as each of the settings made it."""
        config = self._configs[0]
        if config.interlaced.mode == "keep":
            config = config.with_options(_AS_STORED | {"input.stream": config.input.stream})
        end = start + self._seconds
        sources = [build_source(config, self._path, start, end, self._stop)]
        stack.callback(sources[0].close)
        for config, report in zip(self._configs, reports, strict=True):
            as_stored = config.with_options({**_PIECE, **_AS_STORED})
            sources.append(build_source(as_stored, report.output, None, None, self._stop))
            stack.callback(sources[-1].close)
        return sources


def _places(
    asked: Asked,
    config: Config,
    frames: VideoSource,
    networks: Networks,
    stop: threading.Event | None,
) -> tuple[list[Place], list[str]]:
    """Where to restore, and what to warn of."""
    length, start = frames.last, frames.info.start
    if asked.at:
        late = [at for at in asked.at if length is not None and at >= length]
        if late and length is not None:
            lasts = f"it ends at {float(length):.3f} s"
            raise InputError(f"{frames.info.name} has nothing at {float(late[0]):g} s; {lasts}")
        return [Place(at) for at in sorted(set(asked.at))], []
    detector = upright_detector(stoppable(networks.finder, stop), frames.info.picture.upright)
    pictures = glimpses(frames.info, times_to_look(start, length))
    seen = look(pictures, detector, config.detect.max_side, start=start, stop=stop)
    if length is not None:
        # What begins near the end would be too short.
        seen = [place.no_later(max(Fraction(0), length - asked.seconds)) for place in seen]
    places = chosen(seen, asked.count, asked.seconds) or [Place(frames.first - start)]
    if not seen or any(place.face for place in places):  # a photo has no keyframes to look at
        return places, []
    return places, [
        f"no face was found on {len(seen)} pictures from all over {frames.info.name}; name a time "
        "with at=TIME"
    ]


def _largest(report: Report) -> tuple[int, int]:
    """The area of the largest region that was written, px, and the number of its frame.

    Where none was, 0 and the frame in the middle.
    """
    found = [(0, report.frames // 2)]
    for track in report.tracks:
        frame, x0, y0, x1, y1 = track.regions.T
        found += zip(((x1 - x0) * (y1 - y0)).tolist(), frame.tolist(), strict=True)
    return max(found, key=lambda each: each[0])


def _shown(place: Place, report: Report) -> ShownPlace:
    return ShownPlace(float(place.time), place.face, place.wear, report.frames, report.faces)
