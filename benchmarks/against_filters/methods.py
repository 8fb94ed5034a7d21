"""The columns of the table: the input, filters, and vidrestore as users run it.

A method takes a worn clip and gives the frames that it makes of it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

import numpy as np

import vidrestore
from benchmarks.against_filters import media
from benchmarks.against_filters.filters.classic import non_local_means, unsharp
from benchmarks.against_filters.filters.deflicker import deflicker
from benchmarks.against_filters.filters.ffmpeg import HQDN3D, NLMEANS, through_ffmpeg
from benchmarks.against_filters.filters.motion import motion_filter
from benchmarks.against_filters.filters.tuned import FLICKERS, SHARPENING
from benchmarks.against_filters.media import Floats, Pictures
from benchmarks.against_filters.store import WornClip, fingerprint
from vidrestore import Config, restore_video

_HERE = Path(__file__).parent
# Half side of what filters are given around a face, in distances from eyes to mouth: they are slow,
# and what is farther away is not judged.
_WINDOW = 3.6


@dataclass(frozen=True)
class Method:
    """One column.

    Attributes:
        name: of the column and of the file with its figures.
        run: from a worn clip to (T, H, W, 3) frames of the file's size.
        made_by: hash of all that the result depends on.
    """

    name: str
    run: Callable[[WornClip], Pictures]
    made_by: str


def baselines(*, every: bool = False) -> list[Method]:
    """The input, the motion-compensated filter with one setting, and as tuned for each kind.

    Args:
        every: whether the simpler filters are run too.
    """
    made_by = fingerprint([_HERE / "filters", _HERE / "methods.py"])
    methods = [
        Method("input", lambda clip: media.read(clip.file), made_by),
        Method("filter", plain_filter, made_by),
        Method("tuned filter", tuned_filter, made_by),
    ]
    if every:
        methods += [
            Method(name, partial(near_the_face, run=run), made_by)
            for name, run in {
                "unsharp": unsharp,
                "nlm": non_local_means,
                "hqdn3d + unsharp": partial(through_ffmpeg, chain=HQDN3D),
                "nlmeans + atadenoise": partial(through_ffmpeg, chain=NLMEANS),
            }.items()
        ]
    return methods


@lru_cache(maxsize=1)  # the tuned filter mostly starts from what the plain one just made
def plain_filter(clip: WornClip) -> Pictures:
    """The motion-compensated filter with its one setting."""
    return near_the_face(clip, motion_filter)


def tuned_filter(clip: WornClip) -> Pictures:
    """The motion-compensated filter with what suits the clip's kind."""
    if clip.kind in FLICKERS:
        filtered = near_the_face(clip, motion_filter, deflicker(media.read(clip.file)))
    else:
        filtered = plain_filter(clip).copy()
    mask = SHARPENING[clip.kind]
    return near_the_face(clip, partial(unsharp, sigma=mask.sigma, amount=mask.amount), filtered)


def ours(name: str, config: Config) -> Method:
    """Vidrestore with these options, written without loss."""
    # What a preset asks of its own encoder is nothing to this one.
    lossless = config.with_options({"encoder.codec": "ffv1", "encoder.options": {}})

    def run(clip: WornClip) -> Pictures:
        with tempfile.TemporaryDirectory() as folder:
            result = Path(folder) / "result.mkv"
            restore_video(clip.file, result, lossless)
            return media.read(result)

    package, options = Path(vidrestore.__file__).parent, lossless.model_dump()
    return Method(name, run, fingerprint([package, *_files(options)], options))


def _files(options: Mapping[str, Mapping[str, object]]) -> list[Path]:
    """Files that options name, such as weights."""
    named = [value for section in options.values() for value in section.values()]
    return [Path(value) for value in named if isinstance(value, str) and Path(value).is_file()]


def near_the_face(
    clip: WornClip, run: Callable[[Pictures], Pictures], source: Pictures | None = None
) -> Pictures:
    """A filter that is given only the frames' part about the face; the rest stays as it is.

    Args:
        clip: what is filtered.
        run: the filter.
        source: in place of the clip's own frames.
    """
    pictures = media.read(clip.file) if source is None else source
    y, x = _window(clip.landmarks, pictures.shape[1:3])
    pictures[:, y, x] = run(np.ascontiguousarray(pictures[:, y, x]))
    return pictures


def _window(landmarks: Floats, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """Rows and columns, of even bounds, that hold the face in all frames."""
    eyes, mouth = landmarks[:, :2].mean(axis=1), landmarks[:, 3:].mean(axis=1)
    centre = (eyes + mouth) / 2
    reach = (_WINDOW / 2) * np.linalg.norm(eyes - mouth, axis=1).max() + 16
    low = np.maximum((centre.min(axis=0) - reach).astype(int) // 2 * 2, 0)
    high = np.minimum((centre.max(axis=0) + reach).astype(int) // 2 * 2, shape[::-1])
    return slice(int(low[1]), int(high[1])), slice(int(low[0]), int(high[0]))
