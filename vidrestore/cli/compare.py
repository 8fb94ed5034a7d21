"""``vidrestore compare REF OUT``."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Group, Parameter

from vidrestore.cli.display.media import line
from vidrestore.cli.display.output import complain, errors, write_lines, write_result
from vidrestore.cli.display.progress import display
from vidrestore.cli.failures import in_flags, loading_libraries, refuse_without
from vidrestore.cli.flags import chosen, configure, option_flags
from vidrestore.cli.interrupt import stop_on_signals
from vidrestore.errors import ExitCode
from vidrestore.text.wording import clock

if TYPE_CHECKING:
    from vidrestore.report import Comparison

_JOB = Group("The comparison", sort_key=1)


@option_flags("interlaced", "input")
def compare(
    reference: Annotated[str, Parameter(name="REF", help="A video.")],
    output: Annotated[str, Parameter(name="OUT", help="Another one with the same frames.")],
    /,
    *,
    video: Annotated[
        str | None,
        Parameter(group=_JOB, metavar="FILE", help="Write a video that shows both."),
    ] = None,
    layout: Annotated[
        Literal["side", "split"] | None,
        Parameter(
            group=_JOB,
            help="With --video: side, the default, shows whole pictures side by side, split one "
            "that is split between them.",
        ),
    ] = None,
    json: Annotated[
        bool,
        Parameter(group=_JOB, negative=(), show_default=False, help="Write JSON to stdout."),
    ] = False,
    overwrite: Annotated[
        bool,
        Parameter(
            group=_JOB,
            alias="-y",
            negative=(),
            show_default=False,
            help="With --video: replace a file that exists.",
        ),
    ] = False,
    quiet: Annotated[
        bool,
        Parameter(
            group=_JOB, alias="-q", negative=(), show_default=False, help="Show no progress."
        ),
    ] = False,
    **options: Any,
) -> int:
    """Measure how two videos differ, frame by frame.

    Frames belong together by their times, counted from the first one of each.
    """
    if video is None:
        refuse_without("--video", {"--layout": layout is not None, "--overwrite": overwrite})
    config = configure("default", chosen(options))

    with stop_on_signals() as stop:
        with stop.loading(), loading_libraries():
            # The work needs torch and OpenCV; help and a mistyped option should not wait for them.
            from vidrestore import api  # noqa: PLC0415
            from vidrestore.report import to_json  # noqa: PLC0415

        try:
            with display(errors(), quiet=quiet) as show:
                found = api.compare_videos(
                    reference,
                    output,
                    config,
                    video=video,
                    layout=layout or "side",
                    overwrite=overwrite,
                    progress=show,
                    stop=stop,
                )
        except api.Interrupted:
            complain("interrupted")
            return ExitCode.INTERRUPTED
    if json:
        write_result(to_json(found))
    else:
        write_lines(*_described(found))
    return 0


def _described(found: Comparison) -> list[str]:
    """A comparison as lines for a reader."""
    size = f"{found.width}x{found.height}"
    lines = [
        f"{found.output} against {found.reference}",
        line("frames", [f"{found.frames} of {size}", f"{found.equal_frames} without a difference"]),
    ]
    if not math.isinf(found.psnr):
        worst = found.worst
        where = f"in frame {worst.frame} at {clock(worst.time)}"
        lines += [
            line("PSNR", [f"{found.psnr:.2f} dB"]),
            line("SSIM", [f"{found.ssim:.4f}"]),
            line("worst", [f"{worst.psnr:.2f} dB and {worst.ssim:.4f} {where}"]),
            line("changed", [f"{100 * found.changed:.2f} % of the pixels"]),
        ]
    if found.flicker is not None:
        before, after = found.flicker
        where = "from frame to frame, where they differ"
        lines.append(line("flicker", [f"{after:.2f} levels against {before:.2f} {where}"]))
    if found.video is not None:
        lines.append(line("video", [found.video]))
    return lines + [line("warning", [in_flags(warning)]) for warning in found.warnings]
