"""Stages that restore faces, and write them back into frames."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from vidrestore.align import Align
from vidrestore.build.task import for_task
from vidrestore.config import NO_MODEL, Config
from vidrestore.datatypes import Frame
from vidrestore.engines import Engine
from vidrestore.film import (
    DeflickerFaces,
    FacePainter,
    MendCracks,
    MendFrames,
    MendScratches,
    RepaintFaces,
    RepairFaces,
    RepairFrames,
)
from vidrestore.paste import Enlarge, Paste, Regrain, Weave
from vidrestore.pipeline import NamedStage, Worker
from vidrestore.restore.background.redraw import Redraw
from vidrestore.restore.stage import BatchedRestore
from vidrestore.temporal import Blend, Denoise

if TYPE_CHECKING:
    from vidrestore.paste.parsing import ParsedFaces

_FINEST_CROP: Final = 512
"""Side of the crops that large faces are averaged in over time, px."""


def build_restoring(
    config: Config, engine: Engine, scale: Callable[[Frame], Frame] | None = None
) -> list[Worker]:
    """TrackedFrame in, PastedFrame out.

    Args:
        config: all options.
        engine: restores the crops.
        scale: brings each frame to the result's size, before faces are pasted.
    """
    config = for_task(config)
    dilate = config.paste.dilate
    cropping = Align(
        engine.restorer.size,
        engine.template,
        min_face=config.align.min_face,
        slack=config.align.hold,
        finest=_FINEST_CROP,
    )
    pasting = Paste(
        config.paste.strength,
        dilate,
        config.paste.feather,
        colour=config.paste.colour,
        occlusion=config.paste.occlusion,
        parsed=_parsed(config.paste.parsing) if config.paste.parsing else None,
        regrain=Regrain(config.paste.grain) if config.paste.grain else None,
        chroma_alone=config.restore.task == "colorize",
    )
    temporal = config.temporal
    denoise = Denoise(temporal.denoise, temporal.reach, temporal.rest, temporal.tolerance, dilate)
    share = 0.0 if config.restore.model == NO_MODEL else None if config.restore.adaptive else 1.0
    weighed = engine.detail.refined_side if engine.detail and config.restore.refine else None
    blend = Blend(temporal.blend, temporal.reach, share, dilate, weighed=weighed)
    restoring = [
        NamedStage("align", cropping),
        NamedStage("restore", BatchedRestore(engine.restorer, engine.batch)),
        NamedStage("blend", blend),
    ]
    if engine.detail is not None and (config.restore.refine or config.restore.texture):
        # It computes with torch, which a job without a model of ours does not wait for.
        from vidrestore.restore.detail import Refine  # noqa: PLC0415

        asked = config.restore
        refine = Refine(engine.detail, refine=asked.refine, texture=asked.texture)
        restoring.append(NamedStage("refine", refine))
    last = [NamedStage("paste", pasting)]
    if temporal.denoise or temporal.blend:  # it finds what is averaged for both
        restoring.insert(1, NamedStage("denoise", denoise))
    painter = face_painter(engine)
    if config.film.repair in {"auto", "faces"}:
        restoring.insert(1, NamedStage("scratches", MendScratches(painter)))
    if config.film.repair == "faces":
        restoring.insert(1, NamedStage("repair", RepairFaces()))
    if config.film.deflicker == "faces":
        restoring.insert(1, NamedStage("deflicker", DeflickerFaces()))
    if config.film.repair == "frame":  # what the faces are cut out of is repaired already
        if engine.inpainting is not None:
            restoring.insert(1, NamedStage("repaint", RepaintFaces(painter)))
        whole = [NamedStage("repair", RepairFrames()), NamedStage("scratches", MendFrames())]
        restoring = [*whole, *restoring]
    if config.interlaced.mode == "keep":
        last.append(NamedStage("weave", Weave()))
    if isinstance(scale, Redraw):  # it computes while the next faces are restored
        drawing = [NamedStage("background", Enlarge(scale))]
        return [("restore", restoring), ("background", drawing), ("paste", last)]
    if scale is not None:
        restoring.append(NamedStage("scale", Enlarge(scale)))
    return [("restore", [*restoring, *last])]


def build_photo_restoring(
    config: Config, engine: Engine, scale: Callable[[Frame], Frame] | None = None
) -> list[Worker]:
    """TrackedFrame in, PastedFrame out, for photos: nothing is known from other frames."""
    alone = {"temporal.denoise": 0, "temporal.blend": 0, "align.hold": 0}
    film = {"film.deflicker": "off", "film.repair": "off", "interlaced.mode": "auto"}
    workers = build_restoring(config.with_options({**alone, **film}), engine, scale)
    painting, painter = [], face_painter(engine)
    if engine.inpainting is not None and config.input.mask is not None:
        painting.append(NamedStage("repaint", RepaintFaces(painter)))
    if for_task(config).film.repair != "off":
        painting.append(NamedStage("cracks", MendCracks(painter)))
    (name, (align, *others)), *rest = workers
    return [(name, [align, *painting, *others]), *rest]


def _parsed(weights: str) -> ParsedFaces:
    from vidrestore.paste.parsing import parsing_net  # noqa: PLC0415

    return parsing_net(weights, "cpu")


def face_painter(engine: Engine) -> FacePainter:
    """What paints over damage of faces."""
    return FacePainter(None if engine.inpainting is None else engine.inpainting.network)
