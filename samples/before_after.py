"""Put frames of a video and of its restoration side by side in one picture.

    python samples/before_after.py IN OUT PICTURE.png [--frames N N ...] [--view both|frames|faces]

For each frame a row with the whole pictures and a row with the largest face, enlarged; both sides
are enlarged by the same plain interpolation.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]

PANEL = 480  # px across; a pair of them fits the page of a README
GAP = 6
FACE_MARGIN = 0.35  # around the face's box, of its longer side
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


def largest_face(picture: Picture) -> tuple[int, int, int, int] | None:
    """A square around the largest face, x0, y0, x1, y1 inside the picture; None if there is none."""
    from vidrestore.detect import default_detector  # noqa: PLC0415 - takes seconds to load

    (faces,) = default_detector().detect([picture])
    if not faces:
        return None
    box = max(faces, key=lambda face: float(np.prod(face.box[2:] - face.box[:2]))).box
    height, width = picture.shape[:2]
    extent = float((box[2:] - box[:2]).max()) * (1 + 2 * FACE_MARGIN)
    side = int(min(round(extent), height, width))
    x0, y0 = np.round((box[:2] + box[2:]) / 2 - side / 2).astype(int)
    x0, y0 = int(np.clip(x0, 0, width - side)), int(np.clip(y0, 0, height - side))
    return x0, y0, x0 + side, y0 + side


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
    before: Sequence[Picture], after: Sequence[Picture], *, frames: bool, faces: bool
) -> Picture:
    """All rows, one below the other.

    Raises:
        SystemExit: the two videos differ in size.
    """
    rows = []
    for source, restored in zip(before, after, strict=True):
        if source.shape != restored.shape:
            raise SystemExit(
                f"frames of {source.shape} and {restored.shape} are not the same video"
            )
        face = largest_face(source) if faces else None
        if frames or face is None:
            rows.append(pair(source, restored))
        if face is not None:
            x0, y0, x1, y1 = face
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
    parser.add_argument("--view", choices=("both", "frames", "faces"), default="both")
    arguments = parser.parse_args()
    for path in (arguments.before, arguments.after):
        if not path.is_file():
            raise SystemExit(f"there is no video {path}")
    wanted = arguments.frames
    if not wanted:
        count = frame_count(arguments.before)
        wanted = [count // 4, 3 * count // 4]
    picture = compose(
        read_frames(arguments.before, wanted),
        read_frames(arguments.after, wanted),
        frames=arguments.view != "faces",
        faces=arguments.view != "frames",
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
