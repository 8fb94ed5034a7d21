"""Put frames of a video and of its restoration side by side in one picture.

    python samples/before_after.py IN OUT PICTURE.png [--frames N ...] [--report FILE]
        [--view both|frames|faces]

For each frame a row with the whole pictures and, where the job's report (by default OUT with the
ending .json) names a region, a row with the face enlarged. Both sides are enlarged by the same
plain interpolation.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Region = tuple[int, int, int, int]

PANEL = 480  # px across; a pair of them fits the page of a README
GAP = 6
FACE_MARGIN = 0.12  # around the region, of its longer side
BACKGROUND = 24
LABELS = ("before", "after")


def frame_count(path: Path) -> int:
    """Frames in the first video stream, counted by decoding it."""
    with av.open(str(path)) as container:
        return sum(1 for _ in container.decode(video=0))


def read_frames(path: Path, wanted: Sequence[int]) -> list[Picture]:
    """The frames of these indices as (H, W, 3) uint8 RGB, in the order asked for.

    Raises:
        SystemExit: the video has fewer frames.
    """
    found: dict[int, Picture] = {}
    with av.open(str(path)) as container:
        for index, frame in enumerate(container.decode(video=0)):
            if index in wanted:
                found[index] = frame.to_ndarray(format="rgb24")
            if len(found) == len(set(wanted)):
                break
    missing = sorted(set(wanted) - set(found))
    if missing:
        raise SystemExit(f"{path} has no frame {missing[0]}")
    return [found[index] for index in wanted]


def read_regions(report: Path) -> dict[int, Region]:
    """For each frame the largest region that the job's report says was restored."""
    regions: dict[int, Region] = {}
    for track in json.loads(report.read_text())["tracks"]:
        for frame, *region in track["regions"]:
            if _area(region) > _area(regions.get(frame, (0, 0, 0, 0))):
                regions[frame] = tuple(region)
    return regions


def square_around(region: Region, width: int, height: int) -> Region:
    """A square with some margin around the region, moved and cut to lie inside the picture."""
    x0, y0, x1, y1 = region
    side = min(round(max(x1 - x0, y1 - y0) * (1 + 2 * FACE_MARGIN)), width, height)
    left = min(max(round((x0 + x1 - side) / 2), 0), width - side)
    top = min(max(round((y0 + y1 - side) / 2), 0), height - side)
    return left, top, left + side, top + side


def _area(region: Sequence[int]) -> int:
    return (region[2] - region[0]) * (region[3] - region[1])


def pair(before: Picture, after: Picture) -> Picture:
    """Both at the panel's width, labelled, a thin gap between."""
    panels = []
    for picture, label in zip((before, after), LABELS, strict=True):
        height = round(picture.shape[0] * PANEL / picture.shape[1])
        smaller = picture.shape[1] > PANEL
        method = cv2.INTER_AREA if smaller else cv2.INTER_CUBIC
        panels.append(_labelled(cv2.resize(picture, (PANEL, height), interpolation=method), label))
    gap = np.full((panels[0].shape[0], GAP, 3), BACKGROUND, np.uint8)
    return np.concatenate([panels[0], gap, panels[1]], axis=1)


def compose(
    before: Sequence[Picture],
    after: Sequence[Picture],
    faces: Sequence[Region | None],
    *,
    frames: bool = True,
) -> Picture:
    """All rows, one below the other: each frame whole, then its face enlarged.

    Args:
        before: frames of the source.
        after: the same frames, restored.
        faces: where each frame's face is; None for no close-up.
        frames: whether whole frames are shown where there is a close-up, too.

    Raises:
        SystemExit: the two videos differ in size.
    """
    rows = []
    for source, restored, face in zip(before, after, faces, strict=True):
        if source.shape != restored.shape:
            raise SystemExit(f"frames of {source.shape} and {restored.shape} are not one video's")
        if frames or face is None:
            rows.append(pair(source, restored))
        if face is not None:
            x0, y0, x1, y1 = square_around(face, source.shape[1], source.shape[0])
            rows.append(pair(source[y0:y1, x0:x1], restored[y0:y1, x0:x1]))
    return np.concatenate(list(_with_gaps(rows)), axis=0)


def _with_gaps(rows: Sequence[Picture]) -> Iterable[Picture]:
    for number, row in enumerate(rows):
        if number:
            yield np.full((GAP, row.shape[1], 3), BACKGROUND, np.uint8)
        yield row


def _labelled(panel: Picture, label: str) -> Picture:
    labelled = panel.copy()
    (width, height), below = cv2.getTextSize(label, cv2.FONT_HERSHEY_SIMPLEX, 0.5, 1)
    corner = (width + 12, height + below + 10)
    cv2.rectangle(labelled, (0, 0), corner, (BACKGROUND,) * 3, cv2.FILLED)
    place = (6, height + 6)
    white = (240, 240, 240)
    cv2.putText(labelled, label, place, cv2.FONT_HERSHEY_SIMPLEX, 0.5, white, 1, cv2.LINE_AA)
    return labelled


def main() -> None:
    """Write the picture."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("before", type=Path, metavar="IN")
    parser.add_argument("after", type=Path, metavar="OUT")
    parser.add_argument("picture", type=Path, metavar="PICTURE.png")
    parser.add_argument("--frames", type=int, nargs="+", help="indices; by default 1/4 and 3/4")
    parser.add_argument("--report", type=Path, help="of the job; by default OUT.json")
    parser.add_argument("--view", choices=("both", "frames", "faces"), default="both")
    arguments = parser.parse_args()
    for path in (arguments.before, arguments.after):
        if not path.is_file():
            raise SystemExit(f"there is no video {path}")
    wanted = arguments.frames
    if not wanted:
        count = frame_count(arguments.before)
        wanted = [count // 4, 3 * count // 4]
    report = arguments.report or arguments.after.with_suffix(".json")
    regions: dict[int, Region] = {}
    if arguments.view != "frames" and (arguments.report or report.is_file()):
        regions = read_regions(report)
    picture = compose(
        read_frames(arguments.before, wanted),
        read_frames(arguments.after, wanted),
        [regions.get(index) for index in wanted],
        frames=arguments.view != "faces",
    )
    # Not imwrite: it would report an unwritable path by a warning alone.
    encoded, data = cv2.imencode(".png", picture[..., ::-1])
    if not encoded:
        raise SystemExit("the picture cannot be encoded as PNG")
    arguments.picture.parent.mkdir(parents=True, exist_ok=True)
    arguments.picture.write_bytes(data.tobytes())
    print(f"{arguments.picture}: frames {', '.join(map(str, wanted))}")


if __name__ == "__main__":
    main()
