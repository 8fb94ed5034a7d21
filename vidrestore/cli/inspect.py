"""``vidrestore inspect IN``."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Group, Parameter

from vidrestore.cli.display.media import coloured, described_media, line, scanned
from vidrestore.cli.display.output import complain, errors, write_lines, write_result
from vidrestore.cli.display.progress import display
from vidrestore.cli.failures import in_flags, loading_libraries
from vidrestore.cli.flags import chosen, configure, option_flags
from vidrestore.cli.interrupt import stop_on_signals
from vidrestore.errors import ExitCode, OutputError
from vidrestore.runtime.whole_file import unwritten, whole_file
from vidrestore.text.escaping import shown
from vidrestore.text.wording import clock, counted, spoken

if TYPE_CHECKING:
    from vidrestore.report import FaceTrack, Inspection

_CUTS_SHOWN = 20
_SCENE_COLUMNS = (
    *("Scene Number", "Start Frame", "Start Time (seconds)", "End Frame", "End Time (seconds)"),
)
_JOB = Group("The job", sort_key=1)


@option_flags("interlaced", "input", "detect", "track")
def inspect(
    source: Annotated[str, Parameter(name="IN", help="The video to look into.")],
    /,
    *,
    preset: Annotated[
        str,
        Parameter(
            group=_JOB, alias="-p", metavar="NAME|FILE", help="Options to look with; see restore."
        ),
    ] = "default",
    json: Annotated[
        bool,
        Parameter(group=_JOB, negative=(), show_default=False, help="Write JSON to stdout."),
    ] = False,
    scenes: Annotated[
        str | None,
        Parameter(
            group=_JOB,
            metavar="FILE.csv",
            help="Write where shots begin and end, as PySceneDetect does; `restore --scenes` takes "
            "it.",
        ),
    ] = None,
    quiet: Annotated[
        bool,
        Parameter(
            group=_JOB, alias="-q", negative=(), show_default=False, help="Show no progress."
        ),
    ] = False,
    **options: Any,
) -> int:
    """Tell what is in a video: streams, timing, cuts, faces and tracks.

    Nothing is restored and nothing is written.
    """
    config = configure(preset, chosen(options))
    if scenes is not None and Path(scenes).exists():
        raise OutputError(f"--scenes {shown(scenes)} exists; name another file")
    if scenes is not None and not (folder := Path(scenes).parent).is_dir():
        raise OutputError(
            f"--scenes {shown(scenes)}: the folder {shown(folder)} does not exist; create it"
        )

    with stop_on_signals() as stop:
        with stop.loading(), loading_libraries():
            # The work needs torch and OpenCV; help and a mistyped option should not wait for them.
            from vidrestore import api  # noqa: PLC0415
            from vidrestore.report import to_json  # noqa: PLC0415

        try:
            with display(errors(), quiet=quiet) as show:
                found = api.inspect_video(source, config, progress=show, stop=stop)
        except api.Interrupted:
            complain("interrupted")
            return ExitCode.INTERRUPTED
    if scenes is not None:
        _write_scenes(found, scenes)
    if json:
        write_result(to_json(found))
    else:
        write_lines(*described(found))
    return 0


def _write_scenes(found: Inspection, file: str) -> None:
    """Shots as a list, times counted from the file's beginning as ``--from`` counts them."""
    start = float(found.media["start"])  # type: ignore[arg-type]
    begins = [(0, 0.0), *((cut.frame, cut.time - start) for cut in found.cuts)]
    ends = [*begins[1:], (found.frames, found.duration)]
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(_SCENE_COLUMNS)
    for number, ((first, begin), (after, end)) in enumerate(zip(begins, ends, strict=True), 1):
        rows.writerow((number, first, f"{begin:.6f}", after - 1, f"{end:.6f}"))
    scenes = Path(file)
    try:
        with whole_file(scenes) as written:
            written.write(text.getvalue().encode())
    except (OSError, ValueError) as error:
        why = unwritten(scenes, error)
        raise OutputError(f"--scenes {shown(file)} cannot be written: {why}") from error


def described(found: Inspection) -> list[str]:
    """An inspection as lines for a reader."""
    lines = [found.input, *described_media(found.media)]
    lines.append(line("frames", [f"{found.frames} in {spoken(found.duration)}", *_interval(found)]))
    if "scan" in found.picture:
        lines.append(line("scanning", scanned(found.picture)))
    if "range" in found.picture:
        lines.append(line("colour", coloured(found.picture)))
    if found.picture.get("captioned"):
        lines.append(line("captions", [f"closed captions in {found.picture['captioned']} frames"]))
    if found.picture.get("colourless_frames"):
        lines.append(line("", [f"{found.picture['colourless_frames']} frames are black and white"]))
    if found.picture.get("flickering_frames"):
        lines.append(
            line("", [f"the light of {found.picture['flickering_frames']} frames flickers"])
        )
    cuts = [f"{clock(cut.time)} (frame {cut.frame})" for cut in found.cuts[:_CUTS_SHOWN]]
    if len(found.cuts) > _CUTS_SHOWN:
        cuts.append(f"and {len(found.cuts) - _CUTS_SHOWN} more")
    lines.append(line("cuts", [": ".join([str(len(found.cuts)), ", ".join(cuts)]).rstrip(": ")]))
    lines.append(line("faces", [f"{found.faces} in {counted(len(found.tracks), 'track')}"]))
    lines += [line(f"  track {track.track_id}", _track(track)) for track in found.tracks]
    lines += [line("warning", [in_flags(warning)]) for warning in found.warnings]
    return lines


def _interval(found: Inspection) -> list[str]:
    """How evenly the frames follow each other."""
    if found.frame_interval is None:
        return []
    shortest, longest = found.frame_interval
    # Containers round times, Matroska to whole milliseconds: that alone is no variable rate.
    if longest - shortest <= 0.0021:
        return [f"one every {(shortest + longest) * 500:.1f} ms"]
    return [f"one every {shortest * 1000:.1f} to {longest * 1000:.1f} ms (variable rate)"]


def _track(track: FaceTrack) -> list[str]:
    """When, where in the count of frames, how large, how sure."""
    return [
        f"{clock(track.first_time)} to {clock(track.last_time)}",
        f"frames {track.first_frame} to {track.last_frame}",
        f"seen in {track.frames}",
        f"eyes to mouth {track.eyes_to_mouth:.0f} px",
        f"best score {track.score:.2f}",
    ]
