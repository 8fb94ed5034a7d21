"""Restore clips with the default settings and let an independent reader judge what came back.

    python -m tests.fuzzing.real_clips CLIP... [--keep FOLDER] [--json FILE]

Prints a row per clip: frames, whether every time stamp and every packet of the other streams is
the source's, in how many frames a face was restored, the tracks, and the cuts. The reader is
imageio-ffmpeg's FFmpeg binary, which shares no library with PyAV. Exits with 1 if anything is not
as it was.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path

from tests import witness
from vidrestore import Report, restore_video


@dataclass(frozen=True)
class Verdict:
    """What became of one clip.

    Attributes:
        clip: its name.
        frames: of the result.
        times_kept: whether every frame has its own time, counted from the first.
        packets_kept: whether all other streams' packets are the source's.
        frames_with_faces: in which a face was written.
        tracks: (first frame, last frame, faces) of each identity.
        cuts: first frames of the further shots.
        frames_per_second: of the whole job.
    """

    clip: str
    frames: int
    times_kept: bool
    packets_kept: bool
    frames_with_faces: int
    tracks: tuple[tuple[int, int, int], ...]
    cuts: tuple[int, ...]
    frames_per_second: float


def times(path: Path) -> list[Fraction]:
    """Presentation times of all frames, as the witness reads them."""
    return [frame.pts for frame in witness.frames(path)]


def packets(path: Path) -> list[list[witness.Seen]]:
    """Packets of every audio and subtitle stream."""
    streams = re.findall(r"Stream #(0:\d+).*?: (?:Audio|Subtitle): ", witness.describe(path))
    return [witness.packets(path, stream) for stream in streams]


def judge(clip: Path, output: Path, report: Report) -> Verdict:
    """Compare the result with its source."""
    restored = {int(row[0]) for track in report.tracks for row in track.regions}
    return Verdict(
        clip.name,
        len(times(output)),
        times(output) == times(clip),
        packets(output) == packets(clip),
        len(restored),
        tuple((t.first_frame, t.last_frame, t.faces_restored) for t in report.tracks),
        tuple(cut.frame for cut in report.cuts),
        report.frames_per_second,
    )


def main(argv: list[str] | None = None) -> int:
    """Judge the clips of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("clips", nargs="+", type=Path)
    parser.add_argument("--keep", type=Path, help="folder for the results; else they are deleted")
    parser.add_argument("--json", type=Path, help="write the verdicts there")
    args = parser.parse_args(argv)
    verdicts = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = args.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        print(f"{'clip':24} frames times packets  faces tracks (first-last: faces); cuts")
        for clip in args.clips:
            output = folder / clip.name
            verdict = judge(clip, output, restore_video(clip, output, overwrite=True))
            verdicts.append(verdict)
            tracks = ", ".join(f"{first}-{last}: {n}" for first, last, n in verdict.tracks)
            cuts = ", ".join(map(str, verdict.cuts)) or "none"
            kept = ("kept" if ok else "LOST" for ok in (verdict.times_kept, verdict.packets_kept))
            row = f"{verdict.clip:24} {verdict.frames:6} {next(kept):5} {next(kept):7}"
            print(
                f"{row} {verdict.frames_with_faces:6} {tracks or 'none'}; cuts {cuts}", flush=True
            )
    if args.json:
        args.json.write_text(json.dumps([asdict(verdict) for verdict in verdicts], indent=1))
    return 0 if all(v.times_kept and v.packets_kept for v in verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
