"""Which clips are run, and in which order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from benchmarks.against_filters.scenes import Scene
from benchmarks.against_filters.wear import KINDS

QUICK = (
    "mild/moving/s18",
    "medium/expressions/p500",
    "heavy/moving/s32",
    "film/rigid/p502",
    "vhs/expressions/p503",
    "cctv/rigid/p505",
)


def chosen(
    scenes: Sequence[Scene], only: Sequence[str] = (), limit: int | None = None
) -> list[tuple[str, Scene]]:
    """Kind and scene of every clip asked for.

    They are ordered so that a run that is stopped has seen some of everything.

    Args:
        scenes: all there are, group by group.
        only: KIND, KIND/GROUP or KIND/GROUP/CLIP, "*" being any; none of them for all.
        limit: scenes of each group, at most.

    Raises:
        ValueError: if an item of ``only`` fits no clip.
    """
    seen: Counter[str] = Counter()
    ordered = []
    for scene in scenes:
        if limit is None or seen[scene.group] < limit:
            ordered.append((seen[scene.group], scene))
        seen[scene.group] += 1
    ordered.sort(key=lambda item: item[0])
    clips = [(kind, scene) for _, scene in ordered for kind in KINDS]
    found = {id(clip): clip for clip in clips if not only}
    for item in only:
        fitting = [clip for clip in clips if _fits(clip, item.split("/"))]
        if not fitting:
            raise ValueError(f"no clip is {item!r}: expected KIND[/GROUP[/CLIP]]")
        found |= {id(clip): clip for clip in fitting}
    return [clip for clip in clips if id(clip) in found]


def _fits(clip: tuple[str, Scene], parts: Sequence[str]) -> bool:
    kind, scene = clip
    names = (kind, scene.group, scene.name)
    return len(parts) <= 3 and all(
        part in {"*", name} for part, name in zip(parts, names, strict=False)
    )
