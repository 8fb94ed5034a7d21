"""What a preset file may ask of an encoder: how to compress, and nothing else.

Encoders also take options that write statistics, read tables or call an address. Presets are
passed around, so theirs are held to this list; who types an option may use any that the encoder
knows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

# Values are words and numbers: no path, no address, no quoting, no second option behind a colon.
_VALUE = re.compile(r"[A-Za-z0-9_.,+|-]{0,64}", re.ASCII)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ALLOWED = _words(
    # FFmpeg's own and those of several encoders.
    "preset tune profile level crf qp b bf g bufsize maxrate minrate keyint_min qmin qmax qcomp "
    "qdiff qblur refs slices trellis me_range subq i_qfactor b_qfactor sc_threshold strict coder "
    "aq-mode aq-strength rc-lookahead rc_lookahead speed quality tier "
    # libx264
    "crf_max psy psy-rd weightb weightp ssim intra-refresh bluray-compat b-bias b-pyramid "
    "mixed-refs 8x8dct fast-pskip aud mbtree deblock cplxblur partitions direct-pred "
    "slice-max-size nal-hrd motion-est forced-idr b_strategy chromaoffset noise_reduction a53cc "
    # libvpx-vp9 and libaom-av1
    "arnr-maxframes arnr-strength arnr-type auto-alt-ref cpu-used deadline error-resilient "
    "frame-parallel lag-in-frames lossless row-mt sharpness static-thresh tile-columns tile-rows "
    "tiles usage tune-content undershoot-pct overshoot-pct min-gf-interval enable-tpl "
    "max-intra-rate noise-sensitivity corpus-complexity drop-threshold denoise-noise-level "
    # ffv1, prores, dnxhd
    "context slicecrc alpha_bits bits_per_mb mbs_per_slice quant_mat vendor ibias "
    # hardware
    "rc cq spatial-aq spatial_aq temporal-aq temporal_aq multipass b_ref_mode global_quality "
    "look_ahead look_ahead_depth"
)
"""Options of encoders that only tell how to compress."""

_X264 = _words(
    "preset tune profile level crf crf-max keyint min-keyint scenecut intra-refresh bframes "
    "b-adapt b-bias b-pyramid open-gop ref deblock slices constrained-intra rc-lookahead "
    "vbv-maxrate vbv-bufsize vbv-init qpmin qpmax qpstep ratetol ipratio pbratio chroma-qp-offset "
    "aq-mode aq-strength mbtree qcomp cplxblur qblur partitions direct weightb weightp me merange "
    "subme psy psy-rd mixed-refs chroma-me 8x8dct trellis fast-pskip dct-decimate nr "
    "deadzone-inter deadzone-intra cabac aud nal-hrd bluray-compat"
)
_X265 = _words(
    "preset tune profile level-idc high-tier crf crf-max crf-min keyint min-keyint scenecut "
    "hist-scenecut fades intra-refresh bframes b-adapt b-intra b-pyramid bframe-bias open-gop ref "
    "rc-lookahead lookahead-slices limit-refs limit-modes limit-tu rd rdoq-level rd-refine "
    "dynamic-rd ssim-rd psy-rd psy-rdoq rskip ctu min-cu-size max-tu-size tu-intra-depth "
    "tu-inter-depth max-merge me subme merange temporal-mvp weightp weightb sao limit-sao "
    "selective-sao deblock strong-intra-smoothing cutree qcomp ipratio pbratio qpmin qpmax qpstep "
    "vbv-maxrate vbv-bufsize vbv-init cbqpoffs crqpoffs nr-intra nr-inter tskip signhide "
    "early-skip fast-intra lossless cu-lossless repeat-headers aud hrd info wpp rect amp "
    "constrained-intra splitrd-skip aq-mode aq-strength aq-motion hevc-aq qg-size slices"
)
_SVTAV1 = _words(
    "preset tune crf keyint irefresh-type lookahead scd aq-mode enable-qm qm-min qm-max sharpness "
    "film-grain film-grain-denoise enable-overlays tile-rows tile-columns fast-decode pred-struct "
    "enable-tf enable-cdef enable-restoration hierarchical-levels enable-variance-boost "
    "variance-boost-strength variance-octile"
)
_PARAMETERS = {"x264-params": _X264, "x265-params": _X265, "svtav1-params": _SVTAV1}


def beyond(options: Mapping[str, object]) -> str | None:
    """The first option that does more than say how to compress; None if none does.

    Args:
        options: names and values as a preset has them.
    """
    for name, value in options.items():
        if not isinstance(value, str):
            continue  # reported by the models, as for any other option
        if name in _PARAMETERS:
            for part in filter(None, value.split(":")):
                key, _, setting = part.partition("=")
                if key.removeprefix("no-") not in _PARAMETERS[name] or not _VALUE.fullmatch(
                    setting
                ):
                    return f"{name}: {part}"
        elif name not in ALLOWED or not _VALUE.fullmatch(value):
            return f"{name} = {value}"
    return None
