"""Every option of vidrestore, each standing once: name, meaning, unit, range and default.

The command line's flags (``--section.option``), the presets' keys and the documentation derive from
these models. They are frozen and strict: an unknown key or a value out of range is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationError,
    model_validator,
)

from vidrestore.config_errors import explained, unknown
from vidrestore.option_origin import OUTSIDE, OptionOrigin, Reaches, only_configuring
from vidrestore.presets import preset_file, read_preset
from vidrestore.text.escaping import escaped, quoted
from vidrestore.text.nearest import nearest


class Section(BaseModel):
    """A frozen group of options that refuses unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class InterlacedConfig(Section):
    """Video whose frames hold two moments, line by line."""

    mode: Literal["auto", "always", "never", "keep"] = Field(
        "auto",
        description="auto deinterlaces what is flagged or measured as interlaced; always: all; "
        "never: frames stay as stored; keep: fields are restored and stay interlaced.",
    )
    rate: Literal["frame", "field"] = Field(
        "frame",
        description="One picture per frame, or one per field: twice the rate, all of the motion.",
    )
    order: Literal["auto", "top", "bottom"] = Field(
        "auto", description="The field that comes first in time, where flags and pictures mislead."
    )
    pulldown: Literal["leave", "remove"] = Field(
        "leave", description="Where film has 3:2 pulldown, remove gives its 24 pictures a second."
    )


class InputConfig(Section):
    """Reading the source."""

    stream: int | None = Field(
        None,
        ge=0,
        description="Which video stream is restored, by FFmpeg's number as inspect tells it; "
        "without it one that moves and lasts, then the default, then the largest.",
    )
    rate: float = Field(
        25.0, gt=0, le=1000, description="Frames per second of a sequence of pictures."
    )
    max_pixels: int = Field(
        1 << 27,
        ge=1,
        le=1 << 31,
        description="Pixels per frame above which a file is refused; it could fill the memory.",
    )
    max_gigapixels: float | None = Field(
        None,
        gt=0,
        description="Thousands of millions of pixels, over all frames, above which a file is "
        "refused: a small file can hold days of work. An hour of 1080p at 25 frames/s has 187.",
    )
    spool: float = Field(
        50.0,
        gt=0,
        description="Gigabytes that a pipe may deliver; they are kept in a temporary file.",
    )
    resize: Literal["refuse", "first"] = Field(
        "refuse",
        description="When the picture's size changes on the way: refuse the file, or fit what "
        "comes into the first size, with bars.",
    )
    budget: Literal["generous", "strict"] = Field(
        "generous",
        description="What opening a file may cost: strict, for files of strangers, allows 60 s of "
        "processor time, 2 GB and 8K frames, and opens each in a process of its own first.",
    )
    playlist: Annotated[Literal["refuse", "below"], Reaches("files")] = Field(
        "refuse",
        description="Playlists (HLS, ffconcat): refuse them, or open what they name below their "
        "own folder; not from a preset file.",
    )
    borders: Literal["crop", "keep"] = Field(
        "crop",
        description="Borders that the container hides from players: crop leaves them out; keep "
        "keeps them, and the result shows them.",
    )


class DetectConfig(Section):
    """Finding faces."""

    detector: Literal["centerface", "retinaface-resnet50", "retinaface-mobile0.25"] = Field(
        "centerface",
        description="Face detector; the RetinaFace ones need their weights (detect.weights).",
    )
    weights: Annotated[str | None, Reaches("weights")] = Field(
        None, description="Weight file of a RetinaFace detector; unused by centerface."
    )
    max_side: int = Field(
        640, ge=160, le=4096, description="Longest side, in pixels, of the picture searched."
    )
    every: int = Field(
        3, ge=1, le=30, description="Detect on every n-th frame; landmarks are carried between."
    )


class TrackConfig(Section):
    """Following faces through time."""

    birth_score: float = Field(
        0.5, ge=0, le=1, description="Detector score that can start a new track."
    )
    continue_score: float = Field(
        0.3, ge=0, le=1, description="Lower score that is enough to continue a track."
    )
    confirm: int = Field(
        2,
        ge=1,
        le=10,
        description="Detections that confirm a track; it counts from the first.",
    )
    max_gap: int = Field(
        15, ge=0, le=300, description="Frames without a sight after which a track ends."
    )
    lookback: int = Field(
        24,
        ge=0,
        le=250,
        description="Frames held back, over which a face is followed back to where it came into "
        "view; 0 leaves out what precedes its first detection.",
    )
    lookahead: int = Field(
        8, ge=0, le=60, description="Future frames that smoothing may use; 0 filters causally."
    )
    smoothing: float = Field(
        1.0,
        ge=0,
        le=10,
        description=(
            "Strength of landmark smoothing: scales measurement noise; 0 leaves landmarks as the "
            "detector has them."
        ),
    )
    cut_threshold: float = Field(
        1.0, gt=0, le=10, description="Cut sensitivity: lower finds more cuts, higher fewer."
    )
    min_face: float = Field(
        24.0,
        ge=0,
        le=1000,
        description="Faces below this height (eyes to chin, px) are left alone; one that shrinks, "
        "from a tenth below it on.",
    )

    @model_validator(mode="after")
    def _scores_in_order(self) -> Self:
        if self.continue_score > self.birth_score:
            raise ValueError(
                f"track.continue_score ({self.continue_score:g}) is above track.birth_score "
                f"({self.birth_score:g}); what starts a track must also be able to continue it"
            )
        return self


NO_MODEL = "none"
"""As ``restore.model``: faces are denoised over time and nothing is invented."""


class RestoreConfig(Section):
    """The face restoration network."""

    model: Annotated[str, Reaches("model")] = Field(
        "default",
        description="Catalogue name or path of a weight file; none only denoises faces over time.",
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
    texture: float = Field(
        0.0,
        ge=0,
        le=1,
        description="How much of the finest detail that stays unknown is drawn as texture, with a "
        "model that tells how much is missing; 0 leaves it smooth.",
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
    strength: float = Field(
        1.0, ge=0, le=1, description="How much of the restoration is applied; 0 gives the source."
    )
    adaptive: bool = Field(
        True,
        description="Use as much of the model's change as a face can be expected to gain: half on "
        "one that lacks little, none where it would lose detail. False uses all of it.",
    )
    threads: int = Field(
        0, ge=0, le=256, description="CPU threads of the network; 0 leaves the choice to torch."
    )


class FilmConfig(Section):
    """What old film has: flicker of light, dust."""

    deflicker: Literal["faces", "frame", "off"] = Field(
        "faces",
        description="Where flicker of light, measured on the whole picture, is taken out: of the "
        "faces; of the whole frame, which then changes outside the faces too; or nowhere.",
    )
    repair: Literal["faces", "off"] = Field(
        "off",
        description="Where dust, and other specks of single frames, is replaced from the frames "
        "beside: in faces, or nowhere.",
    )


class TemporalConfig(Section):
    """Averaging faces over time, before and after they are restored: nothing flickers."""

    denoise: float = Field(
        1.0,
        ge=0,
        le=1,
        description="What a frame that shows the very same counts in the source's average, 1 being "
        "as much as the frame itself; 0 is off.",
    )
    blend: float = Field(
        1.0,
        ge=0,
        le=1,
        description="What the result of a frame that shows the very same counts beside the "
        "frame's own; 0 is off.",
    )
    reach: int = Field(
        4, ge=1, le=16, description="Frames before and after each one that are averaged with it."
    )
    rest: int = Field(
        16,
        ge=1,
        le=64,
        description="Frames before and after up to which some are averaged too while a face rests; "
        "they are held back.",
    )
    tolerance: float = Field(
        2.0,
        gt=0,
        le=64,
        description="Change of the source beyond its noise, 8-bit levels, from which on a frame "
        "counts for little.",
    )
    hold: float = Field(
        0.012,
        ge=0,
        le=0.05,
        description="How far a face at rest may stray in its crop, in parts of the crop's side.",
    )

    @model_validator(mode="after")
    def _rest_reaches_on(self) -> Self:
        if self.rest < self.reach:
            raise ValueError(
                f"temporal.rest ({self.rest}) is below temporal.reach ({self.reach}); "
                "resting faces look at least as far"
            )
        return self


class PasteConfig(Section):
    """Writing restored faces back into the frame."""

    dilate: float = Field(
        0.25, ge=0, le=1, description="Growth of the landmarks' face outline that bounds the mask."
    )
    feather: float = Field(
        0.1, gt=0, le=0.5, description="Width of the mask's soft edge, in parts of the face width."
    )
    colourless: Literal["auto", "on", "off"] = Field(
        "auto",
        description="Write light alone, no colour: auto does so in shots found black and white.",
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
    ffmpeg: Annotated[str, Reaches("program")] = Field(
        "ffmpeg", description="FFmpeg binary for backend ffmpeg; not from a preset file."
    )

    @model_validator(mode="after")
    def _codec_fits_backend(self) -> Self:
        if self.backend == "pyav" and self.codec not in ("auto", *PYAV_CODECS):
            raise ValueError(
                f"encoder.codec {quoted(self.codec)} is none of auto, {', '.join(PYAV_CODECS)}"
                f"{nearest(self.codec, PYAV_CODECS)}; other encoders need encoder.backend = "
                '"ffmpeg"'
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


class PipelineConfig(Section):
    """Threads and memory."""

    queue: int = Field(
        8, ge=1, le=256, description="Frames that may wait between two threads; bounds memory."
    )


class Config(Section):
    """All options of a job."""

    interlaced: InterlacedConfig = InterlacedConfig()
    input: InputConfig = InputConfig()
    detect: DetectConfig = DetectConfig()
    track: TrackConfig = TrackConfig()
    restore: RestoreConfig = RestoreConfig()
    film: FilmConfig = FilmConfig()
    temporal: TemporalConfig = TemporalConfig()
    paste: PasteConfig = PasteConfig()
    encoder: EncoderConfig = EncoderConfig()
    output: OutputConfig = OutputConfig()
    pipeline: PipelineConfig = PipelineConfig()

    @model_validator(mode="after")
    def _fields_keep_their_size(self) -> Self:
        scaled = self.output.scale != 1 or self.output.height is not None
        if scaled and self.interlaced.mode == "keep":
            raise ValueError("interlaced.mode keep and output.* exclude each other")
        return self

    _origins: dict[str, OptionOrigin] = PrivateAttr(default_factory=dict)

    def __eq__(self, other: object) -> bool:
        """Whether all options have the same values, wherever those came from."""
        return isinstance(other, Config) and self.model_dump() == other.model_dump()

    __hash__ = None  # type: ignore[assignment]

    def origin(self, name: str) -> OptionOrigin:
        """Where the value of an option came from.

        Args:
            name: dotted, such as "encoder.crf".
        """
        return self._origins.get(name, "default")

    @classmethod
    def preset(cls, name: str | Path) -> Self:
        """The options of a preset that comes with vidrestore, or of a TOML file.

        Args:
            name: one of ``preset_names()``, or the path of a file. A file only needs to name what
                differs from the defaults.

        Raises:
            ConfigError: if there is no such preset, or the file does not hold valid options.
        """
        return cls.load(preset_file(name))

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """The options in a TOML file; what it does not name keeps its default.

        A file may configure and not act: it names no program and no address, and no file but
        weights, by the catalogue's name, by ``sha256:`` or by a path below its own folder.

        Raises:
            ConfigError: if the file cannot be read, is not TOML, holds what is not an option, or
                would run, open or write something.
        """
        mapping, where = read_preset(path), f" in {escaped(str(path))}"
        return cls.from_mapping(mapping, where, origin="preset", folder=Path(path).parent)

    @classmethod
    def from_mapping(
        cls,
        mapping: Mapping[str, Any],
        where: str = "",
        *,
        origin: OptionOrigin = "program",
        folder: Path | None = None,
    ) -> Self:
        """The options of ``{section: {option: value}}``; what it does not name keeps its default.

        Args:
            mapping: values of the options' own types.
            where: said in errors after the option's name, such as " in my.toml".
            origin: who gives them; see ``option_origin``.
            folder: that a preset may name weights below.

        Raises:
            ConfigError: one line that names the option, its range and the value.
        """
        if origin in OUTSIDE:
            mapping = only_configuring(cls, mapping, origin, where, folder)
        given = {
            f"{section}.{option}"
            for section, options in mapping.items()
            if isinstance(options, Mapping)
            for option in options
        }
        return cls._checked(mapping, where, dict.fromkeys(given, origin), strict=True)

    def with_options(
        self, options: Mapping[str, Any], where: str = "", *, origin: OptionOrigin = "program"
    ) -> Self:
        """These options with some replaced.

        Args:
            options: by dotted name, such as ``{"detect.every": 2}``; text such as "2" will do.
            where: said in errors after the option's name.
            origin: who gives them; see ``option_origin``.

        Raises:
            ConfigError: one line that names the option, its range and the value.
        """
        given: dict[str, dict[str, Any]] = {}
        for name, value in options.items():
            section, _, option = name.partition(".")
            if section not in type(self).model_fields or not option:
                raise unknown(type(self), (section, option) if option else (section,), where)
            given.setdefault(section, {})[option] = value
        if origin in OUTSIDE:
            given = only_configuring(type(self), given, origin, where, None)
        merged: dict[str, Any] = self.model_dump()
        for section, values in given.items():
            merged[section] |= values
        origins = self._origins | dict.fromkeys(options, origin)
        return self._checked(merged, where, origins, strict=False)

    @classmethod
    def _checked(
        cls,
        mapping: Mapping[str, Any],
        where: str,
        origins: dict[str, OptionOrigin],
        *,
        strict: bool,
    ) -> Self:
        try:
            config = cls.model_validate(dict(mapping), strict=strict)
        except ValidationError as error:
            raise explained(cls, error, where) from error
        config._origins = origins  # noqa: SLF001 - its own
        return config
