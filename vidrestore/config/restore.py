"""Options of the network, and of writing what it made back into the frame."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from vidrestore.config.origin import Reaches
from vidrestore.config.section import Section

NO_MODEL = "none"
"""As ``restore.model``: faces are denoised over time and nothing is invented; as
``restore.inpainting``: damage is painted without a network."""


class RestoreConfig(Section):
    """The face restoration network."""

    model: Annotated[str, Reaches("model")] = Field(
        "default",
        description="Catalogue name or path of a weight file; none only denoises faces over time.",
    )
    task: Literal["restore", "colorize"] = Field(
        "restore",
        description="colorize gives black-and-white faces colour, and leaves their light as it is; "
        "only faces get any. Its model is gpen-colorization-1024 unless another is named.",
    )
    inpainting: Annotated[str, Reaches("model")] = Field(
        "auto",
        description="What paints damage inside faces that no other frame shows: a weight file of "
        "GPEN-Inpainting-1024, or its catalogue name; auto takes it where it is on this machine; "
        "none paints from what is around damage.",
    )
    template: Literal["auto", "gpen", "ffhq"] = Field(
        "auto",
        description="Alignment of the crops; auto takes the model's own, gpen for unknown ONNX.",
    )
    fidelity: float = Field(
        0.5,
        ge=0,
        le=1,
        description="CodeFormer's weight: 0 restores most, 1 keeps most of the likeness.",
    )
    refine: bool = Field(
        True,
        description="Bring results of faces larger than the model's crops nearer to the truth, "
        "with a model that brings a network for it: what blur left is strengthened, noise is "
        "weakened, and what was drawn too sharp for the camera is taken back.",
    )
    texture: float = Field(
        0.0,
        ge=0,
        le=1,
        description="How much of the detail that nobody can know is drawn as texture, with a model "
        "that tells how much its results lack: 0.5 looks filmed, 0 leaves them smooth.",
    )
    device: str = Field(
        "auto",
        pattern=r"^(auto|cpu|cuda(:\d+)?)$",
        description="auto, cpu, cuda or cuda:N.",
    )
    precision: Literal["auto", "float32", "tf32", "bfloat16", "float16"] = Field(
        "auto", description="Arithmetic of the network; auto takes the fastest that is accurate."
    )
    batch: int = Field(
        0, ge=0, le=256, description="Crops per batch, over frames and faces; 0 picks by device."
    )
    adaptive: bool = Field(
        True,
        description="Use as much of the model's change as a face can be expected to gain: half on "
        "one that lacks little, unless refine weighs it; none where it would lose detail. False "
        "uses all of it.",
    )
    threads: int = Field(
        0, ge=0, le=256, description="CPU threads of the network; 0 leaves the choice to torch."
    )


class PasteConfig(Section):
    """Writing restored faces back into the frame."""

    strength: float = Field(
        1.0, ge=0, le=1, description="How much of the restoration is applied; 0 gives the source."
    )
    dilate: float = Field(
        0.25, ge=0, le=1, description="Growth of the landmarks' face outline that bounds the mask."
    )
    feather: float = Field(
        0.1, gt=0, le=0.5, description="Width of the mask's soft edge, in parts of the face width."
    )
    colour: bool = Field(
        True, description="Take low-frequency colour from the source, so that skin does not shift."
    )
    occlusion: bool = Field(
        True,
        description="Leave alone what covers a face (hand, microphone, caption): where the result "
        "contradicts its source.",
    )
    grain: Literal["auto"] | Annotated[float, Field(ge=0, le=1)] = Field(
        "auto",
        description="Share of the source's film grain or noise that is given back where restoring "
        "took it away; auto gives all that can be seen around the face. It costs likeness.",
    )
    parsing: Annotated[str | None, Reaches("weights")] = Field(
        None,
        description="Weight file of facexlib's ParseNet (parsing_parsenet.pth): hair, hats and "
        "what covers a face, where it tells them, are left out of the mask.",
    )
