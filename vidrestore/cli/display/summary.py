"""What a finished job prints on the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from vidrestore.datatypes import Reason
from vidrestore.text.wording import counted, spoken

if TYPE_CHECKING:
    from vidrestore.report import Report

# What follows "5 faces were left alone: ".
_WORDS: Final[Mapping[Reason, str]] = {
    Reason.SHARP: "sharper than the restored ones",
    Reason.SMALL: "too small (--align.min_face)",
    Reason.COVERED: "covered",
    Reason.OUTSIDE: "beyond the frame's edges",
    Reason.MIXED: "in dissolves",
    Reason.OFF: "with --paste.strength 0",
}

# What else became of streams was warned of, or is what everybody expects.
_SENTENCES = frozenset(("converted", "left out as asked", "attached as a cover"))


def summary(report: Report, file: str | None) -> list[str]:
    """What was done, as a few lines.

    Args:
        report: of the job.
        file: where it was written to, if anywhere.
    """
    tracks = sum(track.faces_restored > 0 for track in report.tracks)
    faces, of_tracks = counted(report.faces, "face"), counted(tracks, "track")
    frames = f"{counted(report.frames_out, 'frame')}, {report.frames_restored} of them changed"
    lines = [
        f"{report.output}: {faces} of {of_tracks} restored in {frames}",
        f"{spoken(report.seconds)}, {report.frames_per_second:.1f} frames/s "
        f"with {report.model.name} on {report.device}",
    ]
    lines += [f"{copy.output}: the same frames" for copy in report.copies]
    if report.resumed.segments:
        kept = counted(report.resumed.segments, "segment")
        lines.append(
            f"went on from {kept}, {counted(report.resumed.frames, 'frame')}, of an earlier run"
        )
    if report.model.name == Path(report.model.file).name:
        # The catalogue vouches for no file that the user brought; its hash tells which it was.
        lines.append(f"model:  {report.model.file}, SHA-256 {report.model.sha256}")
    if (painter := report.inpainting) is not None:
        lines.append(f"damage of faces is painted by {painter.name}, SHA-256 {painter.sha256}")
    left = sum(report.left_alone.values())
    if left:
        reasons = (f"{n} {_WORDS[reason]}" for reason, n in report.left_alone.items())
        lines.append(f"{counted(left, 'face')} left alone: {', '.join(reasons)}")
    if away := _unseen(report):
        lines.append(f"{counted(away, 'face')} between others not seen: turned away, covered, gone")
    lines += _picture(report)
    if deflickered := report.picture.get("deflickered_frames"):
        lines.append(f"flicker of light taken out of {deflickered} whole frames")
    repaired = report.picture.get("repaired_frames")
    if repaired:
        lines.append(f"specks and scratches taken out of {repaired} whole frames")
    if not report.faces:
        what = "no face was restored" if left else "no face was found"
        kept = "but for that, encoded anew" if deflickered or repaired else "encoded anew"
        lines.append(f"{what}; the pictures are the source's own, {kept}")
    if file is not None:
        lines.append(f"report: {file}")
    return lines


def _unseen(report: Report) -> int:
    """Frames in which a face that is known was not where it should have been, over all tracks."""
    return sum(
        each.last_frame - each.first_frame + 1
        for track in report.tracks
        for each in track.left_alone
        if each.reason == Reason.UNSEEN
    )


def _picture(report: Report) -> list[str]:
    """What was done to the video as a whole, and to the streams beside it."""
    lines = []
    if deinterlaced := report.picture.get("deinterlaced"):
        lines.append(f"{deinterlaced} frames deinterlaced")
    if report.cuts:
        lines.append(f"{counted(len(report.cuts), 'cut')}, at each of which all begins anew")
    lines += [
        f"{_stream(each)} {each['fate']}" for each in report.streams if each["fate"] in _SENTENCES
    ]
    return lines


def _stream(stream: Mapping[str, object]) -> str:
    return f"{stream['kind']} stream {stream['index']} ({stream['codec'] or 'unknown'})"
