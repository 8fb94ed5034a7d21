"""The pictures of docs/stability.md: unrest over time for one clip, and a strip of crops.

    python -m benchmarks.stability.pictures --portraits FOLDER [--clip NAME] [--output FOLDER]

Writes stability_jitter.png and stability_warp.png (one clip with a truth, per-frame against
default) and stability_strip.jpg (the sample: source, per-frame and default, from above).
"""

from __future__ import annotations

import argparse
from contextlib import closing
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.degraded import read_manifest
from benchmarks.stability import measures
from benchmarks.stability.clips import SCENES, SIDE, Floats, TrueClip, make_clip
from benchmarks.stability.stages import as_frames, find, finish, restore
from benchmarks.stability.table import BASE
from benchmarks.stability.variants import PER_FRAME, portrait_of, read_picture
from benchmarks.throughput import SAMPLE
from vidrestore.align import crop_face
from vidrestore.build import build_detector, build_engine
from vidrestore.config import Config
from vidrestore.datatypes import Frame
from vidrestore.video import VideoSource

STRIP = 144  # side of a crop in the strip, px
SHOWN = range(30, 40)  # frames of the sample


def series(clip: TrueClip, outcome: measures.Outcome, truth: Floats) -> tuple[Floats, Floats]:
    """Per frame: size of the landmarks' second difference (px at 512), and warp error (levels)."""
    scale = np.linalg.norm(clip.crop_from_frame[:, 0, :2], axis=1) * (512 / SIDE)
    error = (outcome.landmarks - clip.landmarks) * scale[:, None, None]
    second = error[:-2] - 2 * error[1:-1] + error[2:]
    shake = np.sqrt(np.mean(np.sum(second**2, axis=-1), axis=-1))
    assert outcome.crops is not None
    return shake, np.array(measures.warp_errors(clip, truth, outcome.crops))


def plot(curves: dict[str, Floats], label: str, file: Path) -> None:
    """A curve for each variant."""
    import matplotlib as mpl  # noqa: PLC0415

    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415

    figure, axes = plt.subplots(figsize=(7, 2.6), layout="constrained")
    for name, curve in curves.items():
        axes.plot(curve, label=name, linewidth=1.4)
    axes.set(xlabel="frame", ylabel=label)
    axes.set_ylim(min(0.0, *(float(curve.min()) for curve in curves.values())))
    axes.legend(frameon=False)
    figure.savefig(file, dpi=90)
    plt.close(figure)


def strip(configs: dict[str, Config], file: Path) -> None:
    """Rows of the sample's first face: source, then each variant's result."""
    engine = build_engine(Config().restore)
    detector = build_detector(Config().detect, Config().track.continue_score)
    with closing(VideoSource(SAMPLE)) as source:
        frames = list(islice(source, SHOWN.stop + 8))
    results: dict[str, list[Frame]] = {"source": frames}
    matrices: dict[int, Floats] = {}
    for name, config in configs.items():
        restored = restore(config, engine, find(config, frames, detector))
        matrices = {k: item.aligned.crops.crop_from_frame[0] for k, item in enumerate(restored)}
        results[name] = [item.frame for item in finish(config, engine, restored)]
    scale = np.array([[STRIP / engine.restorer.size], [STRIP / engine.restorer.size]])
    rows = [
        np.concatenate([crop_face(row[k], scale * matrices[k], STRIP) for k in SHOWN], axis=1)
        for row in results.values()
    ]
    _write(np.concatenate(rows), file)


def _write(picture: NDArray[np.uint8], file: Path) -> None:
    quality = [cv2.IMWRITE_JPEG_QUALITY, 88]
    if not cv2.imwrite(str(file), np.ascontiguousarray(picture[..., ::-1]), quality):
        raise SystemExit(f"cannot write {file}")


def main(argv: list[str] | None = None) -> None:
    """Run one clip and the sample, and draw."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--portraits", type=Path, required=True)
    parser.add_argument("--clip", default="turn", choices=[scene.name for scene in SCENES])
    parser.add_argument("--output", type=Path, default=Path("docs"))
    arguments = parser.parse_args(argv)
    configs = {BASE: Config().with_options(PER_FRAME), "default": Config()}
    strip(configs, arguments.output / "stability_strip.jpg")
    number = [scene.name for scene in SCENES].index(arguments.clip)
    file, landmarks = portrait_of(number, read_manifest(arguments.portraits))
    clip = make_clip(SCENES[number], read_picture(file), landmarks)
    truth = measures.true_crops(clip)
    engine = build_engine(Config().restore)
    detector = build_detector(Config().detect, Config().track.continue_score)
    drawn = {}
    for name, config in configs.items():
        tracked = find(config, as_frames(clip.degraded), detector)
        finished = finish(config, engine, restore(config, engine, tracked))
        drawn[name] = series(clip, measures.outcome(clip, tracked, finished), truth)
    plot(
        {name: pair[0] for name, pair in drawn.items()},
        "landmark jitter, px at 512",
        arguments.output / "stability_jitter.png",
    )
    plot(
        {name: pair[1] for name, pair in drawn.items()},
        "warp error, levels",
        arguments.output / "stability_warp.png",
    )


if __name__ == "__main__":
    main()
