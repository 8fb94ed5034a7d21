"""Photos worn by code, restored by the program, and shown side by side.

    python -m samples.worn_photos PICTURE.jpg [--keep FOLDER]

The portraits are those of the sample clip (see samples/README.md), worn by ``samples.photo_wear``
and restored as ``vidrestore restore`` does by default; a hole is named by a mask, as ``--mask``
takes it. In each row: the photo before and after, its face before and after. PSNR of the restored
regions is printed, dB, before and after, against the same photo that has faded and nothing else.
``--keep`` leaves the worn photos, the masks and the results in a folder.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from samples.before_after import square_around
from samples.photo_wear import WORN, Shown, aged, faded
from samples.wear import Picture
from vidrestore.api import Config, Report, Session

HEIGHT, GAP, BETWEEN = 300, 6, 24  # px, px, level


def restored(
    session: Session, picture: Shown, mask: NDArray[np.uint8] | None, stem: Path
) -> tuple[Shown, Report]:
    """What the program makes of a photo, and its report."""
    source, output = stem.with_suffix(".png"), stem.with_name(f"{stem.name}-restored.png")
    cv2.imwrite(str(source), picture[..., ::-1])
    if mask is None:
        report = session.restore(source, output, overwrite=True)
    else:
        place = stem.with_name(f"{stem.name}-mask.png")
        cv2.imwrite(str(place), mask)
        with Session(Config().with_options({"input.mask": str(place)})) as masked:
            report = masked.restore(source, output, overwrite=True)
    return np.asarray(cv2.imread(str(output))[..., ::-1], np.uint8), report


def psnr(one: Shown, other: Picture, report: Report) -> float:
    """Of the regions that were restored, dB."""
    squared = [
        (one[y0:y1, x0:x1] - other[y0:y1, x0:x1].astype(float)) ** 2
        for track in report.tracks
        for _, x0, y0, x1, y1 in track.regions.tolist()
    ]
    total = np.concatenate([each.ravel() for each in squared])
    return float(10 * np.log10(255**2 / total.mean()))


def row(pictures: Sequence[Shown], report: Report) -> Shown:
    """The whole photos, and the largest face of each enlarged."""
    regions = [region for track in report.tracks for _, *region in track.regions.tolist()]
    x0, y0, x1, y1 = max(regions, key=lambda r: (r[2] - r[0]) * (r[3] - r[1]))
    height, width = pictures[0].shape[:2]
    left, top, right, bottom = square_around((x0, y0, x1, y1), width, height)
    whole = (round(HEIGHT * width / height), HEIGHT)
    panels = [cv2.resize(p, whole, interpolation=cv2.INTER_AREA) for p in pictures]
    panels += [
        cv2.resize(p[top:bottom, left:right], (HEIGHT, HEIGHT), interpolation=cv2.INTER_CUBIC)
        for p in pictures
    ]
    spaced = [np.pad(p, ((0, GAP), (0, GAP), (0, 0)), constant_values=BETWEEN) for p in panels]
    return np.concatenate(spaced, axis=1)


def page(folder: Path) -> Shown:
    """All of them, one below the other; their figures are printed."""
    rows = []
    with Session() as session:
        for number, worn in enumerate(WORN):
            picture, mask = aged(worn, 60 + number)
            result, report = restored(session, picture, mask, folder / f"photo-{number + 1}")
            before, after = (psnr(each, faded(worn), report) for each in (picture, result))
            told = "no face was restored" if not report.faces else f"{before:.2f} to {after:.2f} dB"
            print(f"{worn.title}: {told}", flush=True)
            rows.append(row((picture, result), report))
    width = max(each.shape[1] for each in rows)
    lines = [
        np.pad(r, ((0, 0), (0, width - r.shape[1]), (0, 0)), constant_values=BETWEEN) for r in rows
    ]
    return np.concatenate(lines)[:-GAP, :-GAP]


def main(argv: list[str] | None = None) -> None:
    """Write the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("picture", type=Path, metavar="PICTURE.jpg")
    parser.add_argument("--keep", type=Path, metavar="FOLDER")
    arguments = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="vidrestore-") as folder:
        keep = arguments.keep or Path(folder)
        keep.mkdir(parents=True, exist_ok=True)
        shown = page(keep)
    done, code = cv2.imencode(".jpg", shown[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 88])
    if not done:
        raise SystemExit("the picture cannot be encoded")
    arguments.picture.write_bytes(code.tobytes())
    print(f"{arguments.picture}: {arguments.picture.stat().st_size} bytes")


if __name__ == "__main__":
    main()
