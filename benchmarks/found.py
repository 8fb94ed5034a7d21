"""Are faces found that are rolled, dark, under a hat, small, or have just come into view?

    python -m benchmarks.found --portraits DIR [--people N] [--clips FILE...] [--only WORD...]
                               [--set OPTION=VALUE]... [--json FILE] [--against FILE]

Clips made by code of portraits (``benchmarks/found_clips.py``) go through the finding stages as a
job has them. For each kind: in how many of the frames that show the face it is found (its landmarks
within half of the distance of its eyes, so an upside-down find is none), and on average how many
frames late. Then what is found where no face is, in scenes of shapes and in ``--clips`` of which
that is known, and the processor time a frame. ``--against`` shows an earlier run's ``--json``
beside it.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np
import torch

from benchmarks.degraded import read_manifest
from benchmarks.found_clips import Clip, cases, faceless, make
from benchmarks.stability.stages import as_frames, find
from vidrestore.build import build_detector
from vidrestore.config import Config
from vidrestore.stages import Detector
from vidrestore.video import VideoSource

NEAR = 0.5  # mean distance of landmarks, in distances of the eyes
SCENES = 10  # of shapes, without faces


@dataclass(frozen=True)
class Row:
    """What a kind of clip measured.

    Attributes:
        name: of the kind.
        frames: that show a face, or all where none has one.
        found: faces found where one is, over these.
        wrong: faces found elsewhere, or the wrong way up.
        late: mean frames from the first that shows the face to the first in which it is found; all
            of the clip's where it never is.
        milliseconds: of processor time a frame.
    """

    name: str
    frames: int
    found: int
    wrong: int
    late: float
    milliseconds: float

    @property
    def recall(self) -> float:
        """Per cent."""
        return 100 * self.found / self.frames


def judge(name: str, clips: Sequence[Clip], config: Config, detector: Detector) -> Row:
    """Find faces in clips of one kind."""
    shown = found = wrong = frames = 0
    late, seconds = [], 0.0
    for clip in clips:
        begun = time.process_time()
        tracked = find(config, as_frames(clip.pictures), detector)
        seconds += time.process_time() - begun
        hits = []
        for item, truth in zip(tracked, clip.landmarks, strict=True):
            seen = [face.landmarks for face in item.faces if face.state != "coasting"]
            reach = NEAR * float(np.linalg.norm(truth[1] - truth[0]))
            right = [np.linalg.norm(s - truth, axis=1).mean() < reach for s in seen]
            hits.append(any(right))
            wrong += len(right) - any(right)
        shown += len(clip.landmarks) - clip.begins
        found += sum(hits)
        frames += len(hits)
        first = hits.index(True) if any(hits) else len(hits)
        late.append(first - clip.begins)
    return Row(
        name,
        shown or frames,
        found,
        wrong,
        round(float(np.mean(late)), 2),
        round(1000 * seconds / frames, 2),
    )


def false_faces(file: Path, config: Config, detector: Detector) -> Row:
    """What is found in a clip of which it is known that it shows no face."""
    source = VideoSource(file)
    begun = time.process_time()
    tracked = find(config, source, detector)
    seconds = time.process_time() - begun
    source.close()
    wrong = sum(face.state != "coasting" for item in tracked for face in item.faces)
    return Row(file.name, len(tracked), 0, wrong, 0.0, round(1000 * seconds / len(tracked), 2))


def line(row: Row, before: Row | None) -> str:
    """A row for a terminal, an earlier run's figures before the arrow."""

    def pair(form: str, old: float | None, new: float) -> str:
        both = form.format(new) if old is None else f"{form.format(old)} -> {form.format(new)}"
        return f"{both:>18}"

    old = (None,) * 4
    if before is not None:
        old = (before.recall, before.wrong, before.late, before.milliseconds)
    new = (row.recall, row.wrong, row.late, row.milliseconds)
    forms = ("{:.0f} %", "{:.0f}", "{:.1f}", "{:.1f}")
    return f"{row.name:28}" + "".join(map(pair, forms, old, new))


def main(argv: list[str] | None = None) -> int:
    """Make clips, find, print, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--portraits", type=Path, required=True, help="folder with a manifest")
    parser.add_argument("--people", type=int, default=6)
    parser.add_argument("--clips", type=Path, nargs="*", default=[], help="without any face")
    parser.add_argument("--only", nargs="*", default=[], help="kinds whose name holds a word")
    parser.add_argument("--set", action="append", default=[], metavar="OPTION=VALUE")
    parser.add_argument("--json", type=Path, default=Path("out/bench/found.json"))
    parser.add_argument("--against", type=Path, help="an earlier run's JSON")
    arguments = parser.parse_args(argv)
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    config = Config().with_options(dict(option.split("=", 1) for option in arguments.set))
    detector = build_detector(config.detect, config.track.continue_score)
    listed = read_manifest(arguments.portraits)
    # People from the whole list, in even steps.
    chosen = listed[:: max(1, len(listed) // arguments.people)][: arguments.people]
    portraits = [
        (cv2.cvtColor(cv2.imread(str(file)), cv2.COLOR_BGR2RGB), points) for file, points in chosen
    ]
    before: dict[str, Row] = {}
    if arguments.against:
        content = json.loads(arguments.against.read_text())
        before = {row["name"]: Row(**row) for row in content["rows"]}
    print(f"{'':28}{'found':>18}{'wrong':>18}{'frames late':>18}{'ms a frame':>18}")
    rows: list[Row] = []

    def tell(row: Row) -> None:
        rows.append(row)
        print(line(row, before.get(row.name)), flush=True)

    for case in cases():
        if not arguments.only or any(word in case.name for word in arguments.only):
            clips = (make(case, person, seed) for seed, person in enumerate(portraits))
            tell(judge(case.name, list(clips), config, detector))
    tell(judge("no face: shapes", [faceless(n) for n in range(SCENES)], config, detector))
    for file in arguments.clips:
        tell(false_faces(file, config, detector))
    content = {"people": len(portraits), "rows": [asdict(row) for row in rows]}
    arguments.json.parent.mkdir(parents=True, exist_ok=True)
    arguments.json.write_text(json.dumps(content, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
