"""The page of all figures: what was run, what the words mean, and the tables."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.against_filters.table import Row, markdown

_HEAD = """# Against filters

Is it better than a motion-compensated filter with a little sharpening? The figures below are
those of one run over the clips that the command names, losses included. The number of clips stands
in each row: a row of one clip tells what became of one face, no more. Written by

    {command}

PORTRAITS and CLIPS are folders of portraits that training never saw and of real faces that move;
what is made of them stands in `benchmarks/against_filters/scenes.py` and `wear/`. Everything is
judged in the upright crop of the face, in the face region or in eyes and mouth alone, as a mean
over the clips.

- **input**: the worn clip. **filter**: each frame averaged with 4 + 4 neighbours brought over by
  optical flow, one setting for all kinds, no sharpening. **tuned filter**: the same with an
  unsharp mask tuned for each kind on portraits of the training set, and with flicker of light
  taken out of film. **ours**: `vidrestore restore` with its defaults.
- **rigid**: portraits moved along smooth paths. **moving**: real people. **expressions**:
  portraits whose lids, gaze and mouth are moved.
- PSNR in dB and SSIM: more is better, and so it is with VMAF NEG (of the face's box), sharpness
  and energy (of detail above 1/8 of the sampling rate, over the truth's; sharpness counts only
  what correlates with it; 1 is the truth's). Plain VMAF is no goal: an unsharp mask alone raises
  it.
- Less is better: identity (distance of embeddings; under 0.55 is the same person), features
  (distance of EfficientNet-Lite0's), swd (sliced Wasserstein distance of the finest detail),
  flicker (motion-compensated, beyond the truth's; negative is calmer than it), light (flicker of
  the face's brightness), boil (of each sample), in 8-bit levels; errors of eye aspect, mouth
  aspect (height over width), gaze (in eye widths) and landmarks (px at 512).
- Lag in frames: which frame's truth is nearest, in eyes and mouth; in px: how far the result lies
  behind its source along the face's motion. Positive is late.
- "psnr skin" is that of the face region where it shows the face: of a turned head the region's far
  side is background, which filters average and ours leaves alone.
- "below input" counts the clips whose face PSNR is below the input's.
"""


def document(rows: Sequence[Row], command: str) -> str:
    """The page as Markdown.

    Args:
        rows: of the table.
        command: that made them.
    """
    return f"{_HEAD.format(command=command)}\n{markdown(rows)}"


def command_of(argv: Sequence[str], folders: Sequence[tuple[str, str]]) -> str:
    """The command line, with private folders under public names.

    Args:
        argv: its arguments.
        folders: path and the name to show for it.
    """
    shown = []
    for argument in argv:
        name = next((name for path, name in folders if argument == path), argument)
        shown.append(name)
    return " ".join(["python -m benchmarks.against_filters", *shown])
