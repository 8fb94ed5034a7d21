"""All options of a job: made of sections, read from mappings, files and flags."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from pydantic import PrivateAttr, ValidationError, model_validator

from vidrestore.config.align import AlignConfig
from vidrestore.config.detect import DetectConfig, TrackConfig
from vidrestore.config.input import InputConfig, InterlacedConfig
from vidrestore.config.job import JobConfig, PipelineConfig
from vidrestore.config.messages import check_names, check_numbers, explained, unknown
from vidrestore.config.moved import renamed, renamed_sections
from vidrestore.config.origin import OUTSIDE, OptionOrigin, only_configuring
from vidrestore.config.output import EncoderConfig, OutputConfig
from vidrestore.config.presets import preset_file, read_preset
from vidrestore.config.restore import PasteConfig, RestoreConfig
from vidrestore.config.section import Section
from vidrestore.config.temporal import FilmConfig, TemporalConfig
from vidrestore.errors import ConfigError
from vidrestore.text.escaping import escaped, shown


class Config(Section):
    """All options of a job."""

    interlaced: InterlacedConfig = InterlacedConfig()
    input: InputConfig = InputConfig()
    detect: DetectConfig = DetectConfig()
    track: TrackConfig = TrackConfig()
    align: AlignConfig = AlignConfig()
    restore: RestoreConfig = RestoreConfig()
    film: FilmConfig = FilmConfig()
    temporal: TemporalConfig = TemporalConfig()
    paste: PasteConfig = PasteConfig()
    encoder: EncoderConfig = EncoderConfig()
    output: OutputConfig = OutputConfig()
    job: JobConfig = JobConfig()
    pipeline: PipelineConfig = PipelineConfig()

    @model_validator(mode="after")
    def _fields_keep_their_size(self) -> Self:
        scaled = self.output.scale != 1 or self.output.height is not None
        if scaled and self.interlaced.mode == "keep":
            raise ValueError("interlaced.mode keep and output.* exclude each other")
        return self

    _origins: dict[str, OptionOrigin] = PrivateAttr(default_factory=dict)
    _warnings: tuple[str, ...] = PrivateAttr(())

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

    @property
    def warnings(self) -> tuple[str, ...]:
        """A line for each option that was given by a name that it had before."""
        return self._warnings

    @classmethod
    def of(cls, given: Self | str | Path | Mapping[str, Any] | None) -> Self:
        """The options that a program gives, in any of the ways to give them.

        Args:
            given: options; a preset's name or a TOML file; a mapping of sections, or of dotted
                names such as ``{"encoder.crf": 18}``; None for the defaults.

        Raises:
            ConfigError: it is none of them, or holds what is no option or an option does not take.
        """
        if given is None or isinstance(given, Config):
            return cls() if given is None else given
        if isinstance(given, str | Path):
            return cls.preset(given)
        if isinstance(given, Mapping):
            dotted = any("." in str(key) for key in given)
            return cls().with_options(given) if dotted else cls.from_mapping(given)
        raise ConfigError(
            f"config is {shown(given)}; give a Config, the name of a preset, a TOML file, or a "
            "mapping of options"
        )

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
        check_names(mapping, where)
        for section, options in mapping.items():
            if isinstance(options, Mapping):
                check_names(options, where, shown(section))
        mapping, warnings = renamed_sections(mapping, where)
        if origin in OUTSIDE:
            mapping = only_configuring(cls, mapping, origin, where, folder)
        given = {
            f"{section}.{option}"
            for section, options in mapping.items()
            if isinstance(options, Mapping)
            for option in options
        }
        origins = dict.fromkeys(given, origin)
        return cls._checked(mapping, where, origins, warnings, strict=True)

    def with_options(
        self,
        options: Mapping[str, Any],
        where: str = "",
        *,
        origin: OptionOrigin = "program",
        folder: Path | None = None,
    ) -> Self:
        """These options with some replaced.

        Args:
            options: by dotted name, such as ``{"detect.every": 2}``; text such as "2" will do.
            where: said in errors after the option's name.
            origin: who gives them; see ``option_origin``.
            folder: that a preset may name weights below.

        Raises:
            ConfigError: one line that names the option, its range and the value.
        """
        check_names(options, where)
        options, warnings = renamed(options, where)
        given: dict[str, dict[str, Any]] = {}
        for name, value in options.items():
            section, _, option = name.partition(".")
            if section not in type(self).model_fields or not option:
                raise unknown(type(self), (section, option) if option else (section,), where)
            given.setdefault(section, {})[option] = value
        if origin in OUTSIDE:
            given = only_configuring(type(self), given, origin, where, folder)
        check_numbers(type(self), given, where)
        merged: dict[str, Any] = self.model_dump()
        given["encoder"] = self._of_one_codec(given.get("encoder", {}))
        for section, values in given.items():
            merged[section] |= values
        origins = self._origins | dict.fromkeys(options, origin)
        warnings = tuple(dict.fromkeys((*self._warnings, *warnings)))
        return self._checked(merged, where, origins, warnings, strict=False)

    def for_result(self, name: str) -> Self:
        """These options for a result of that name.

        What a preset asks of x264 or x265, without naming a codec, is nothing that the codecs of
        WebM know.
        """
        asked = self.encoder.codec == "auto" and self.encoder.options
        if asked and name.lower().endswith(".webm") and self.origin("encoder.options") == "preset":
            return self.with_options({"encoder.options": {}}, origin="preset")
        return self

    def _of_one_codec(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """What is given of the encoder; options that were written for another codec go with it."""
        changed = given.get("codec", self.encoder.codec) != self.encoder.codec
        if changed and "options" not in given:
            return {"options": {}, **given}
        options = given.get("options")
        if "crf" in given and isinstance(options, Mapping) and "crf" in options:
            raise ConfigError(
                f"encoder.crf {shown(given['crf'])} and crf={shown(options['crf'])} of "
                "encoder.options contradict each other; give one of them"
            )
        return dict(given)

    @classmethod
    def _checked(
        cls,
        mapping: Mapping[str, Any],
        where: str,
        origins: dict[str, OptionOrigin],
        warnings: tuple[str, ...],
        *,
        strict: bool,
    ) -> Self:
        try:
            config = cls.model_validate(dict(mapping), strict=strict)
        except ValidationError as error:
            raise explained(cls, error, where) from error
        config._origins, config._warnings = origins, warnings  # noqa: SLF001 - its own
        return config
