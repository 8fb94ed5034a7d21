"""The one place that turns options into concrete stages."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import torch

from vidrestore.align import Align
from vidrestore.config import (
    NO_MODEL,
    Config,
    DetectConfig,
    OutputConfig,
    RestoreConfig,
    TrackConfig,
)
from vidrestore.datatypes import Frame, FrameFormat
from vidrestore.detect.cadence import Cadence
from vidrestore.detect.hybrid import default_detector
from vidrestore.detect.locate import Locate
from vidrestore.detect.lookback import Lookback
from vidrestore.detect.networks.landmark_network import LandmarkPlacer
from vidrestore.detect.networks.retinaface import retinaface
from vidrestore.detect.preview import Preview
from vidrestore.detect.search import Search
from vidrestore.detect.turned import TurnedDetector
from vidrestore.engines import Engine, build_engine, check_detector, given_engine
from vidrestore.errors import ConfigError
from vidrestore.film import (
    Colourless,
    DeflickerFaces,
    DeflickerFrames,
    MendScratches,
    Observe,
    RepairFaces,
)
from vidrestore.paste import Enlarge, Paste, Regrain, Weave
from vidrestore.paste.parsing import parsing_net
from vidrestore.pipeline import NamedStage
from vidrestore.restore.background import Redraw, Upscaler, load_upscaler
from vidrestore.restore.running.device import pick_device
from vidrestore.restore.stage import BatchedRestore
from vidrestore.stages import Detector, Resizer
from vidrestore.stills import enlarging, with_room_for_colour
from vidrestore.temporal import Blend, Denoise
from vidrestore.track.cuts import CutDetector
from vidrestore.track.smoothing import Smoother
from vidrestore.track.tracker import Tracker
from vidrestore.video import (
    PictureSink,
    Readable,
    Scaler,
    Target,
    VideoSink,
    VideoSource,
    Writable,
    container_of,
    open_sink,
    scaler_for,
)

# Frames before and after that colour is averaged over: it says little that moves, and a network's
# own jitter of it is seen at once.
COLOUR_REACH = 8
_FINEST_CROP = 512  # side of the crops that large faces are averaged in over time, px

__all__ = [
    "Engine",
    "Finder",
    "build_detector",
    "build_engine",
    "build_finder",
    "build_finding",
    "build_restoring",
    "build_scaler",
    "build_sink",
    "build_source",
    "given_engine",
    "target_of",
    "upright_detector",
    "use_threads",
    "worker_devices",
]

Worker = tuple[str, Sequence[NamedStage]]


class Finder(NamedTuple):
    """What finds faces; ``placer`` places their landmarks on every frame, None where none do."""

    detector: Detector
    placer: LandmarkPlacer | None


def build_source(
    config: Config,
    source: str | Path | Readable,
    start: Fraction | None,
    end: Fraction | None,
    stop: threading.Event | None,
) -> VideoSource:
    """The frames of a video, ready to be read; see :class:`VideoSource`."""
    if config.input.mask is not None:
        raise ConfigError("input.mask is for photos; leave it out, or try film.repair")
    return VideoSource(
        source,
        start=start,
        end=end,
        interlaced=config.interlaced,
        config=config.input,
        stop=stop,
        strict=config.output.strict,
    )


def build_scaler(config: Config, frames: VideoSource) -> Resizer | None:
    """What brings a video's frames to the size asked for; None where they stay as they are."""
    if config.restore.task == "colorize" and frames.format.layout == "gray":
        raise ConfigError(
            f"{frames.path} holds gray samples alone, and has no room for colour; convert it to "
            "yuv420p first"
        )
    turned = frames.info.picture.upright in {90, 270}
    if config.output.background is None:
        return scaler_for(frames.format, config.output, turned=turned)
    upscaler = load_upscaler(config.output.background, config.restore.device)
    scaler = scaler_for(frames.format, sized_output(config.output, upscaler), turned=turned)
    return RedrawScaler(upscaler, scaler, frames.format)


def build_photo_scaler(config: Config, fmt: FrameFormat) -> Callable[[Frame], Frame] | None:
    """What brings a photo to the size asked for; None where it stays as it is."""
    output, path = config.output, config.output.background
    upscaler = None if path is None else load_upscaler(path, config.restore.device)
    output = output if upscaler is None else sized_output(output, upscaler)
    scale = enlarging(fmt, output, config.input)
    if upscaler is not None:
        scale = Redraw(upscaler, scale)
    return with_room_for_colour(scale) if config.restore.task == "colorize" else scale


class RedrawScaler(Redraw):
    """What redraws a video's frames; ``format`` is theirs then."""

    def __init__(self, upscaler: Upscaler, scaler: Scaler | None, fmt: FrameFormat) -> None:
        super().__init__(upscaler, scaler)
        self.format = fmt if scaler is None else scaler.format


def sized_output(output: OutputConfig, upscaler: Upscaler) -> OutputConfig:
    """The options of the result, as large as an upscaler makes it unless a size is asked for."""
    if output.scale != 1 or output.height is not None:
        return output
    return output.model_copy(update={"scale": float(upscaler.scale)})


def build_sink(
    config: Config,
    frames: VideoSource,
    scaler: Resizer | None,
    output: str | Path | Writable,
    *,
    overwrite: bool,
) -> VideoSink | PictureSink:
    """What writes the result; see :func:`open_sink`."""
    return open_sink(
        frames, output, config.encoder, config.output, overwrite=overwrite, scaler=scaler
    )


def target_of(
    config: Config, frames: VideoSource, scaler: Resizer | None, output: str | Path
) -> Target:
    """How frames are encoded for a result of that name, by its sink or by others for it."""
    return Target(
        frames.delivered,
        frames.format if scaler is None else scaler.format,
        config.encoder,
        config.output,
        path=Path(output),
        container=container_of(Path(output)),
        start=frames.start,
        end=frames.end,
    )


def worker_devices(config: RestoreConfig, jobs: int, cores: int, threads: int) -> list[str]:
    """Where each process of a divided job computes.

    GPUs are shared out one after the other. On a CPU a process keeps as many cores busy as its
    network has threads, so that more processes only share them.

    Args:
        config: which device is asked for.
        jobs: processes asked for; 0 for as many as pay.
        cores: that this process may use.
        threads: of each network.

    Raises:
        DeviceError: the device is missing.
    """
    device = pick_device(config.device)
    if device.type == "cpu":
        return ["cpu"] * (jobs or max(1, cores // threads))
    several = config.device == "auto"
    names = [f"cuda:{n}" for n in range(torch.cuda.device_count())] if several else [str(device)]
    return [names[number % len(names)] for number in range(jobs or len(names))]


def use_threads(count: int) -> None:
    """Have networks compute with so many threads, which their last bits depend on."""
    torch.set_num_threads(count)


def build_detector(config: DetectConfig, score_threshold: float) -> Detector:
    """The detector that the options name.

    Raises:
        ModelError: its weights are missing or refused.
    """
    if config.detector == "centerface":
        return default_detector(score_threshold)
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
    return Finder(detector, LandmarkPlacer() if config.track.smoothing else None)


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
        NamedStage("colourless", Colourless(_for_task(config).film.colourless)),
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
        seeing.append(NamedStage("locate", Locate(finder.placer)))
        smoother = Smoother(config.track.lookahead, config.track.smoothing)
        seeing.append(NamedStage("smooth", smoother))
    return [("find", seeing)]


def _for_task(config: Config) -> Config:
    """The options that a task needs: colour is not matched to its source, and is averaged more."""
    if config.restore.task == "restore":
        return config
    temporal = config.temporal
    return config.with_options(
        {
            "film.colourless": "off",
            "film.deflicker": "off",
            "film.repair": "off",
            "restore.adaptive": False,
            "paste.colour": False,
            "paste.occlusion": False,
            "paste.grain": 0,
            "temporal.reach": max(temporal.reach, COLOUR_REACH),
            "temporal.rest": max(temporal.rest, COLOUR_REACH),
        }
    )


def _tracker(config: TrackConfig) -> Tracker:
    return Tracker(
        birth_score=config.birth_score,
        continue_score=config.continue_score,
        confirm=config.confirm,
        max_gap=config.max_gap,
    )


def build_photo_finding(config: Config, finder: Finder) -> list[Worker]:
    """Frame in, TrackedFrame out, for photos: each is searched with all care, by itself."""
    seeing = [
        NamedStage("preview", Preview(config.detect.max_side)),
        NamedStage("colourless", Colourless(_for_task(config).film.colourless)),
        NamedStage("detect", Search(finder.detector, config.track.birth_score)),
    ]
    if finder.placer is not None:
        seeing.append(NamedStage("locate", Locate(finder.placer)))
    return [("find", seeing)]


def build_photo_restoring(
    config: Config, engine: Engine, scale: Callable[[Frame], Frame] | None = None
) -> list[Worker]:
    """TrackedFrame in, PastedFrame out, for photos: nothing is known from other frames."""
    alone = {"temporal.denoise": 0, "temporal.blend": 0, "align.hold": 0}
    film = {"film.deflicker": "off", "film.repair": "off", "interlaced.mode": "auto"}
    return build_restoring(config.with_options({**alone, **film}), engine, scale)


def build_restoring(
    config: Config, engine: Engine, scale: Callable[[Frame], Frame] | None = None
) -> list[Worker]:
    """TrackedFrame in, PastedFrame out.

    Args:
        config: all options.
        engine: restores the crops.
        scale: brings each frame to the result's size, before faces are pasted.
    """
    config = _for_task(config)
    dilate = config.paste.dilate
    cropping = Align(
        engine.restorer.size,
        engine.template,
        min_face=config.align.min_face,
        slack=config.align.hold,
        finest=_FINEST_CROP,
    )
    pasting = Paste(
        config.paste.strength,
        dilate,
        config.paste.feather,
        colour=config.paste.colour,
        occlusion=config.paste.occlusion,
        parsed=parsing_net(config.paste.parsing, "cpu") if config.paste.parsing else None,
        regrain=Regrain(config.paste.grain) if config.paste.grain else None,
        chroma_alone=config.restore.task == "colorize",
    )
    temporal = config.temporal
    denoise = Denoise(temporal.denoise, temporal.reach, temporal.rest, temporal.tolerance, dilate)
    share = 0.0 if config.restore.model == NO_MODEL else None if config.restore.adaptive else 1.0
    blend = Blend(temporal.blend, temporal.reach, share, dilate)
    restoring = [
        NamedStage("align", cropping),
        NamedStage("restore", BatchedRestore(engine.restorer, engine.batch)),
        NamedStage("blend", blend),
    ]
    last = [NamedStage("paste", pasting)]
    if temporal.denoise or temporal.blend:  # it finds what is averaged for both
        restoring.insert(1, NamedStage("denoise", denoise))
    if config.film.repair == "faces":
        restoring.insert(1, NamedStage("scratches", MendScratches()))
        restoring.insert(1, NamedStage("repair", RepairFaces()))
    if config.film.deflicker == "faces":
        restoring.insert(1, NamedStage("deflicker", DeflickerFaces()))
    if config.interlaced.mode == "keep":
        last.append(NamedStage("weave", Weave()))
    if isinstance(scale, Redraw):  # it computes while the next faces are restored
        drawing = [NamedStage("background", Enlarge(scale))]
        return [("restore", restoring), ("background", drawing), ("paste", last)]
    if scale is not None:
        restoring.append(NamedStage("scale", Enlarge(scale)))
    return [("restore", [*restoring, *last])]
