"""The same pictures give the same file, whatever else lies in memory."""

from __future__ import annotations

import av
import cv2
import numpy as np
import pytest

from vidrestore.config import EncoderConfig
from vidrestore.config.output import PYAV_CODECS
from vidrestore.video.encode import codecs
from vidrestore.video.encode.encoding import EncoderPlan, plan
from vidrestore.video.facts.tags import Colour
from vidrestore.video.pixels import formats

WIDTH, HEIGHT, FRAMES, TIMES = 288, 128, 12, 12
"""Wide enough for DNxHR; 128 does not divide it."""


def _encoded(settings: EncoderPlan, pictures: np.ndarray) -> bytes:
    context = av.CodecContext.create(settings.encoder, "w")
    context.width, context.height, context.pix_fmt = WIDTH, HEIGHT, settings.pix_fmt
    context.framerate, context.options = 25, settings.options
    packets = []
    for number, picture in enumerate(pictures):
        frame = av.VideoFrame.from_ndarray(picture, "gray").reformat(format=settings.pix_fmt)
        frame.pts = number
        packets += context.encode(frame)
    return b"".join(map(bytes, [*packets, *context.encode(None)]))


@pytest.mark.parametrize("codec", PYAV_CODECS)
def test_every_encoder_writes_the_same_again(codec: str) -> None:
    fmt = formats.describe("yuv420p", WIDTH, HEIGHT, 1, formats.LIMITED)
    settings = plan(EncoderConfig(codec=codec), fmt, Colour())
    random = np.random.default_rng(1)
    texture = random.normal(0, 1, (HEIGHT + FRAMES, WIDTH + FRAMES)).astype(np.float32)
    texture = 128 + 400 * cv2.GaussianBlur(texture, (0, 0), 3)
    moved = np.stack([texture[i : i + HEIGHT, i // 2 :][:, :WIDTH] for i in range(FRAMES)])
    pictures = (moved + random.normal(0, 6, moved.shape)).clip(0, 255).astype(np.uint8)
    first, held = _encoded(settings, pictures), []
    for number in range(TIMES):
        held.append(np.full(1 + 17_001 * number, 255, np.uint8))  # memory lies elsewhere
        assert _encoded(settings, pictures) == first
    assert len(first) > 0


@pytest.mark.parametrize(("machine", "asked"), [(True, "asm=avx2"), (False, None)])
def test_x264_does_without_avx_512(
    monkeypatch: pytest.MonkeyPatch, machine: bool, asked: str | None
) -> None:
    monkeypatch.setattr(codecs.cv2, "checkHardwareSupport", lambda _: machine)
    fmt = formats.describe("yuv420p", WIDTH, HEIGHT, 1, formats.LIMITED)
    config = EncoderConfig(codec="libx264", options={"x264-params": "ref=2"})
    words = plan(config, fmt, Colour()).options["x264-params"]
    assert words == ("ref=2" if asked is None else f"{asked}:ref=2")
    plain = plan(EncoderConfig(codec="libx264"), fmt, Colour()).options
    assert plain.get("x264-params") == asked
