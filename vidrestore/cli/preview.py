"""``vidrestore preview IN [OUT]``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Group, Parameter

from vidrestore.cli.display.output import complain, errors, show_lines
from vidrestore.cli.display.progress import display
from vidrestore.cli.failures import in_flags, loading_libraries, notes
from vidrestore.cli.flags import chosen, configure, option_flags, tried
from vidrestore.cli.interrupt import stop_on_signals
from vidrestore.errors import ConfigError, ExitCode
from vidrestore.text.escaping import quoted
from vidrestore.text.wording import clock, counted, parse_time, spoken

if TYPE_CHECKING:
    from vidrestore.report import Preview, ShownPlace

_SECTIONS = (
    *("interlaced", "input", "detect", "track", "restore", "film", "temporal", "paste"),
    *("encoder", "output", "pipeline"),
)
_JOB = Group("The preview", sort_key=1)


@option_flags(*_SECTIONS)
def preview(
    source: Annotated[str, Parameter(name="IN", help="The video to restore a little of.")],
    output: Annotated[
        str | None,
        Parameter(
            name="OUT",
            help="A video that shows it (.mp4, .mkv, .mov, .webm); the name ending in .png is that "
            "of a picture. By default IN's name, .preview.mp4, in the current folder.",
        ),
    ] = None,
    /,
    *,
    preset: Annotated[
        str,
        Parameter(
            group=_JOB,
            alias="-p",
            metavar="NAME|FILE",
            help="Options to restore with; see restore.",
        ),
    ] = "default",
    settings: Annotated[
        list[str] | None,
        Parameter(
            name="--try",
            group=_JOB,
            metavar="SETTINGS",
            negative=(),
            help="Show this beside it: a preset's name, options, or both, as in "
            '"old-film temporal.reach=8"; may be given several times.',
        ),
    ] = None,
    at: Annotated[
        list[str] | None,
        Parameter(
            group=_JOB,
            metavar="TIME",
            negative=(),
            help="Where to restore, instead of where faces are large and worn: seconds, mm:ss or "
            "hh:mm:ss; may be given several times.",
        ),
    ] = None,
    count: Annotated[
        str, Parameter(group=_JOB, metavar="N", help="Places that are looked for.")
    ] = "1",
    seconds: Annotated[
        str, Parameter(group=_JOB, metavar="TIME", help="How much is restored at each place.")
    ] = "2",
    layout: Annotated[
        Literal["side", "split"],
        Parameter(
            group=_JOB, help="Whole pictures side by side, or one that is split between them."
        ),
    ] = "side",
    overwrite: Annotated[
        bool,
        Parameter(
            group=_JOB,
            alias="-y",
            negative=(),
            show_default=False,
            help="Replace files that exist.",
        ),
    ] = False,
    quiet: Annotated[
        bool,
        Parameter(
            group=_JOB,
            alias="-q",
            negative=(),
            show_default=False,
            help="Say nothing unless something is wrong.",
        ),
    ] = False,
    **options: Any,
) -> int:
    """Restore a few seconds where they tell most, and show them beside the original.

    Writes a video, and a picture of the frame with the largest face, before and after.
    """
    given = chosen(options)
    config = configure(preset, given)
    tries = {text: tried(text, preset, given) for text in settings or ()}
    places = [parse_time(text, "--at") for text in at or ()]
    length = parse_time(seconds, "--seconds")
    if not (count.isascii() and count.isdigit() and int(count)):
        raise ConfigError(f"--count is {quoted(count)}, but must be a whole number from 1 on")
    if not length:
        raise ConfigError(f"--seconds {seconds} shows nothing; ask for more")
    output = output or f"{Path(source).stem}.preview.mp4"

    with stop_on_signals() as stop:
        with stop.loading(), loading_libraries():
            # The work needs torch and OpenCV; help and a mistyped option should not wait for them.
            from vidrestore import api  # noqa: PLC0415

        try:
            with display(errors(), quiet=quiet) as show, api.Session(config) as session:
                done = session.preview(
                    source,
                    output,
                    at=places,
                    count=int(count),
                    seconds=length,
                    tries=tries,
                    layout=layout,
                    overwrite=overwrite,
                    progress=show,
                    stop=stop,
                )
        except api.Interrupted as stopped:
            complain(f"interrupted; {notes(stopped) or 'nothing was written'}")
            return ExitCode.INTERRUPTED
    for warning in done.warnings:
        complain(f"warning: {in_flags(warning)}")
    if not quiet:
        show_lines(*_described(done))
    return 0


def _described(done: Preview) -> list[str]:
    """What is shown, as a few lines."""
    return [
        f"{done.output}: {' | '.join(done.columns)}",
        *(f"  {_place(place)}" for place in done.places),
        f"{done.picture}: a frame of it, before and after",
        spoken(done.seconds),
    ]


def _place(place: ShownPlace) -> str:
    restored = counted(place.faces, "face")
    text = f"{clock(place.time)}: {counted(place.frames, 'frame')}, {restored} restored"
    if place.face:
        text += f"; {place.face:.0f} px from eyes to chin, wear {place.wear:.2f}"
    return text
