"""Which network a state dict belongs to, known by the names and shapes of its tensors."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Literal, NamedTuple

from vidrestore.text.escaping import quoted
from vidrestore.weights.reading.stored import Contents, StoredTensor

Architecture = Literal["GPEN", "GFPGAN", "CodeFormer", "RestoreFormer"]

# What training checkpoints keep the finished generator under, the best first.
_HOLDERS = ("g_ema", "params_ema", "params", "state_dict")
_PREFIXES = ("module.", "vqvae.")
_MARKS: dict[Architecture, tuple[str, ...]] = {
    "GPEN": ("final_linear.0.weight", "generator.input.input"),
    "GFPGAN": ("toRGB.0.weight", "stylegan_decoder.style_mlp.1.weight"),
    "CodeFormer": ("position_emb", "idx_pred_layer.1.weight", "quantize.embedding.weight"),
    "RestoreFormer": ("quantize.embedding.weight", "quant_conv.weight", "encoder.conv_in.weight"),
}
_SHOWN = 4


class Recognised(NamedTuple):
    """The network in a file.

    Attributes:
        architecture: its name; None if it is none that is known.
        tensors: its state dict, prefixes taken off.
    """

    architecture: Architecture | None
    tensors: dict[str, StoredTensor]


def recognise(contents: Contents) -> Recognised:
    """The network whose state dict a file holds, bare or inside a training checkpoint."""
    value = contents.value
    if contents.broken or not isinstance(value, Mapping):
        return Recognised(None, {})
    for holder in _HOLDERS:
        if isinstance(value.get(holder), Mapping):
            value = value[holder]
            break
    tensors = {
        _bare(key): tensor for key, tensor in value.items() if isinstance(tensor, StoredTensor)
    }
    for architecture, marks in _MARKS.items():
        if marks[0] in tensors and all(mark in tensors for mark in marks[1:]):
            return Recognised(architecture, tensors)
    partly = _MARKS["GPEN"][0] in tensors
    return Recognised("GPEN" if partly else None, tensors)


def _bare(key: str) -> str:
    for prefix in _PREFIXES:
        key = key.removeprefix(prefix)
    return key


def described(contents: Contents) -> str:
    """What a file is whose network is not known: its format, its keys, and what is missing."""
    value = contents.value
    if contents.broken:
        return f"a {contents.form} that breaks off ({contents.broken})"
    if not isinstance(value, Mapping):
        return f"a {contents.form} that holds a {_kind(value)}, not a state dict"
    keys = [quoted(key, 60) for key in islice(value, _SHOWN)]
    more = f" and {len(value) - _SHOWN} more" if len(value) > _SHOWN else ""
    found = ", ".join(keys) or "no keys"
    missing = next(iter(_MARKS["GPEN"]))
    return f"a {contents.form} that holds {found}{more}; {missing} is missing"


def _kind(value: object) -> str:
    return type(value).__name__.lower()
