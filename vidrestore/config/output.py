"""Options of the result: its encoder, its size, the other streams."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from vidrestore.config.origin import Reaches
from vidrestore.config.section import Section
from vidrestore.text.escaping import quoted
from vidrestore.text.nearest import nearest

PYAV_CODECS = ("libx264", "libx265", "libsvtav1", "libvpx-vp9", "ffv1", "prores", "dnxhd")


class EncoderConfig(Section):
    """Writing the result."""

    backend: Literal["pyav", "ffmpeg"] = Field(
        "pyav", description="pyav encodes in process; ffmpeg pipes frames to your own FFmpeg."
    )
    codec: str = Field(
        "auto",
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$",
        description="auto (by container and bit depth: H.264, HEVC, VP9 or AV1), libx264, libx265, "
        "libsvtav1, libvpx-vp9, ffv1, prores or dnxhd; with backend ffmpeg any encoder it has.",
    )
    crf: float = Field(
        16.0,
        ge=0,
        le=63,
        description="Quality on the scale of x264, lower is better; VP9 and AV1 are given the same "
        "place on theirs.",
    )
    speed: str = Field(
        "medium",
        pattern=r"^[a-z0-9_]+$",
        description="Encoder preset, ultrafast to placebo, in the terms of each encoder.",
    )
    options: Annotated[dict[str, str], Reaches("encoder options")] = Field(
        default_factory=dict,
        description="Further options of the encoder, by name; a preset file may only give those "
        "that tell how to compress.",
    )
    threads: int = Field(
        0,
        ge=0,
        le=256,
        description="Threads of the encoder; 0 leaves the choice to it. Packets depend on them.",
    )
    ffmpeg: Annotated[str, Reaches("program")] = Field(
        "ffmpeg", description="FFmpeg binary for backend ffmpeg; not from a preset file."
    )

    @model_validator(mode="after")
    def _codec_fits_backend(self) -> Self:
        if self.backend == "pyav" and self.codec not in ("auto", *PYAV_CODECS):
            raise ValueError(
                f"encoder.codec {quoted(self.codec)} is none of auto, {', '.join(PYAV_CODECS)}"
                f"{nearest(self.codec, PYAV_CODECS)}; other encoders need encoder.backend "
                "ffmpeg"
            )
        return self


# What becomes of streams of a kind, and of single ones by their numbers.
_FATE = "(copy|convert|fit|drop)"
_STREAMS = rf"^({_FATE}(,\d+={_FATE})*|\d+={_FATE}(,\d+={_FATE})*)$"


class OutputConfig(Section):
    """The result: its size, and what becomes of the other streams."""

    scale: float = Field(1.0, ge=1, le=4, description="Enlarges the picture, by Lanczos.")
    height: int | None = Field(
        None, ge=16, le=8640, description="Rows of the picture as shown, in place of a factor."
    )
    background: Annotated[str | None, Reaches("weights")] = Field(
        None,
        description="Weight file of an upscaler or denoiser that spandrel knows: it redraws what "
        "is not face, too. Without output.scale the result is as large as it makes pictures.",
    )
    quality: int | None = Field(
        None,
        ge=1,
        le=100,
        description="Of a photo's JPEG, WebP, AVIF or HEIC; without it as good as the source's.",
    )
    audio: str = Field(
        "fit",
        pattern=_STREAMS,
        description="Sound: copy, convert, fit or drop, of single streams by their number, as in "
        "fit,2=drop. copy keeps it bit for bit or refuses the job; convert encodes anew what the "
        "container cannot hold (FLAC in Matroska, AAC in MP4, Opus in WebM, PCM in AVI), or "
        "refuses; fit does the same and leaves out, with a warning, what cannot be; drop leaves "
        "it out.",
    )
    subtitles: str = Field(
        "fit",
        pattern=_STREAMS,
        description="Subtitles: copy, convert, fit or drop, as for sound; text is converted to the "
        "container's own.",
    )
    video: str = Field(
        "fit",
        pattern=_STREAMS,
        description="Further video streams, which are not restored: copy or refuse the job, fit "
        "(leave out what the container cannot hold, with a warning) or drop.",
    )
    attachments: str = Field(
        "fit",
        pattern=_STREAMS,
        description="Cover art, fonts and other attached files: copy or refuse the job, fit or "
        "drop.",
    )
    compatible: bool = Field(
        False,
        description="Write what plays everywhere: 4:2:0 of 8 bits (HDR keeps 10), even sizes, and "
        "AAC for other sound in MP4, MOV and Matroska, unless audio is copy. Name the output "
        "*.mp4 for it.",
    )
    numbering: Literal["result", "source"] = Field(
        "result",
        description="Of numbered pictures: by their place in the result, from 1, or by that of "
        "their frame in the source, from 0 (by its time where frames are not evenly spaced).",
    )
    times: Literal["keep", "now"] = Field(
        "keep",
        description="The file's own time: keep gives the result that of its source, by which "
        "archives and albums sort; now leaves it at when it was written.",
    )
    checksum: Literal["sha256", "sha512", "md5", "none"] = Field(
        "sha256",
        description="Hashes of source and result in the report, by which `vidrestore verify` knows "
        "them again.",
    )
    provenance: Literal["tags", "none"] = Field(
        "tags",
        description="Whether a video says in its tags, a photo in XMP, that faces were restored, "
        "by which version and model, and which digital source type (IPTC) it therefore is.",
    )
    report: Literal["apart", "attached"] = Field(
        "apart",
        description="Where the report is kept: apart, where --report says; or a copy attached to "
        "the result as well (Matroska), without the result's own hash.",
    )
    strict: bool = Field(
        False,
        description="Refuse the job where streams, captions, chapters, transparency or HDR "
        "metadata cannot be kept, instead of leaving them out with a warning.",
    )

    @model_validator(mode="after")
    def _one_size(self) -> Self:
        if self.height is not None and self.scale != 1:
            raise ValueError("output.scale and output.height exclude each other; give one of them")
        return self
