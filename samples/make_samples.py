"""Make samples/clip.mkv: two portraits, moved along known paths and worn as an old film.

    python -m samples.make_samples [--output FILE] [--truth FILE]

The pictures come from installed packages (see samples/README.md); nothing is downloaded.
``--truth`` also writes the unworn frames, lossless, for measuring. Everything random is seeded.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import io
import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from samples.wear import Picture, Wear, WornFilm

WIDTH, HEIGHT, RATE = 384, 288, 25
AUDIO_RATE = 48_000
MATRIX_BT601 = 6  # of H.273, as in standard-definition video
RANGE_LIMITED = 1

SUBTITLES = """1
00:00:00,300 --> 00:00:01,900
The same people, thirty years of projectors later.

2
00:00:02,200 --> 00:00:03,800
Scratches, dust, grain and all.
"""


@dataclass(frozen=True)
class Shot:
    """A portrait and the camera's path over it.

    Attributes:
        distribution: the installed package that carries the picture.
        path: where in it.
        title: of its chapter.
        frames: how many.
        wear: what time did to it.
        seed: of the wear and of the gate's weave.
        start: centre x and y in the picture (px), scale (frame px per picture px) and turn
            (degrees) of the first frame.
        end: the same of the last frame.
        sway: the hand's amplitude of x, y (picture px) and turn (degrees).
    """

    distribution: str
    path: str
    title: str
    frames: int
    wear: Wear
    seed: int
    start: tuple[float, float, float, float]
    end: tuple[float, float, float, float]
    sway: tuple[float, float, float]


SHOTS = (
    Shot(
        distribution="scikit-image",
        path="skimage/data/astronaut.png",
        title="The astronaut",
        frames=52,
        wear=Wear(1.60, 4.6, 0.020, 0.75, scratches=1.4, dust=1.8),
        seed=1993,
        start=(252.0, 128.0, 1.30, -2.2),
        end=(212.0, 122.0, 1.46, 1.8),
        sway=(2.6, 1.6, 0.5),
    ),
    Shot(
        distribution="matplotlib",
        path="matplotlib/mpl-data/sample_data/grace_hopper.jpg",
        title="The admiral",
        frames=48,
        wear=Wear(1.80, 5.2, 0.026, 0.55, scratches=1.8, dust=2.4),
        seed=1906,
        start=(252.0, 198.0, 0.84, 1.4),
        end=(262.0, 222.0, 0.96, -2.0),
        sway=(2.4, 1.8, 0.5),
    ),
)


def picture_from_frame(shot: Shot, index: int) -> NDArray[np.float64]:
    """(2, 3): where frame xy lies in the shot's picture, without the gate's weave."""
    t = index / (shot.frames - 1)
    eased = t * t * (3.0 - 2.0 * t)
    x, y, scale, turn = (a + eased * (b - a) for a, b in zip(shot.start, shot.end, strict=True))
    seconds = index / RATE
    x += shot.sway[0] * math.sin(2 * math.pi * 0.55 * seconds)
    y += shot.sway[1] * math.sin(2 * math.pi * 0.80 * seconds + 1.0)
    turn += shot.sway[2] * math.sin(2 * math.pi * 0.45 * seconds + 2.0)
    cos, sin = math.cos(math.radians(turn)) / scale, math.sin(math.radians(turn)) / scale
    linear = np.array([[cos, -sin], [sin, cos]])
    middle = np.array([(WIDTH - 1) / 2, (HEIGHT - 1) / 2])
    return np.column_stack([linear, np.array([x, y]) - linear @ middle])


def truth(shot: Shot) -> Iterator[Picture]:
    """The shot's unworn frames, (H, W, 3) float32 RGB."""
    picture = portrait(shot)
    weave = np.random.default_rng(shot.seed + 1)
    # Twice as fine and then averaged: no aliasing where the picture is reduced.
    fine = np.array([[0.5, 0.0, -0.25], [0.0, 0.5, -0.25], [0.0, 0.0, 1.0]])
    for index in range(shot.frames):
        matrix = picture_from_frame(shot, index)
        matrix[:, 2] += weave.normal(0, 0.22, 2)
        _check_filled(matrix, picture.shape)
        moved = cv2.warpAffine(
            picture,
            matrix @ fine,
            (2 * WIDTH, 2 * HEIGHT),
            flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REFLECT_101,
        )
        frame = cv2.resize(moved, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
        yield np.clip(frame, 0.0, 255.0)


def worn(shot: Shot) -> Iterator[Picture]:
    """The shot's frames as they are today."""
    film = WornFilm(shot.wear, (HEIGHT, WIDTH), shot.seed)
    for frame in truth(shot):
        yield film.frame(frame)


def write_clip(path: Path) -> None:
    """The worn film as a small H.264 file with a tone, subtitles and chapters."""
    with av.open(str(path), "w", options={"fflags": "+bitexact"}) as container:
        container.metadata["title"] = "vidrestore sample: two portraits, worn"
        video = container.add_stream("libx264", rate=RATE)
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        video.options = {"crf": "23", "preset": "slower", "threads": "1"}
        video.codec_context.colorspace = MATRIX_BT601
        video.codec_context.color_range = RANGE_LIMITED
        video.codec_context.flags |= av.codec.context.Flags.bitexact
        audio = container.add_stream("aac", rate=AUDIO_RATE, layout="mono")
        audio.bit_rate = 48_000
        audio.codec_context.flags |= av.codec.context.Flags.bitexact
        audio.metadata["language"] = "und"
        # Parsed by FFmpeg itself: text goes in as a file and its packets are copied.
        with av.open(io.BytesIO(SUBTITLES.encode()), format="srt") as written:
            lines = written.streams.subtitles[0]
            titles = container.add_stream_from_template(lines)
            titles.metadata["language"] = "eng"
            container.set_chapters(_chapters())
            _interleave(container, video, audio, titles, list(written.demux(lines)))


def write_truth(path: Path) -> None:
    """The unworn frames, lossless RGB."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("ffv1", rate=RATE)
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "bgr0"
        for shot in SHOTS:
            for picture in truth(shot):
                rgb = np.ascontiguousarray(picture.round().astype(np.uint8))
                frame = av.VideoFrame.from_ndarray(rgb, format="rgb24").reformat(format="bgr0")
                container.mux(video.encode(frame))
        container.mux(video.encode(None))


def portrait(shot: Shot) -> Picture:
    """The whole picture, (H, W, 3) RGB."""
    distribution = importlib.metadata.distribution(shot.distribution)
    path = Path(str(distribution.locate_file(shot.path)))
    # OpenCV would report a missing file as an empty picture.
    pixels = np.frombuffer(path.read_bytes(), np.uint8)
    bgr = cv2.imdecode(pixels, cv2.IMREAD_COLOR)
    if bgr is None:
        raise ValueError(f"{path} is not a picture")
    return np.ascontiguousarray(bgr[..., ::-1]).astype(np.float32)


def _check_filled(matrix: NDArray[np.float64], shape: tuple[int, ...]) -> None:
    """A path must never show what lies beyond the picture."""
    corners = np.array(
        [(0, 0, 1), (WIDTH - 1, 0, 1), (0, HEIGHT - 1, 1), (WIDTH - 1, HEIGHT - 1, 1)]
    )
    places = corners @ matrix.T
    if (places < 0).any() or (places > (shape[1] - 1, shape[0] - 1)).any():
        raise ValueError(f"the path leaves the picture: corners at {places.round(1).tolist()}")


def _chapters() -> list[dict[str, object]]:
    chapters: list[dict[str, object]] = []
    start = 0
    for number, shot in enumerate(SHOTS):
        end = start + shot.frames
        chapters.append(
            {
                "id": number + 1,
                "start": start * 1000 // RATE,
                "end": end * 1000 // RATE,
                "time_base": Fraction(1, 1000),
                "metadata": {"title": shot.title},
            }
        )
        start = end
    return chapters


def _interleave(
    container: av.container.OutputContainer,
    video: av.VideoStream,
    audio: av.AudioStream,
    titles: av.subtitles.stream.SubtitleStream,
    lines: list[av.Packet],
) -> None:
    """Frames, the tone and the subtitles, each where its time comes."""
    waiting = [packet for packet in lines if packet.pts is not None]
    heard = 0
    for index, picture in enumerate(frame for shot in SHOTS for frame in worn(shot)):
        rgb = np.ascontiguousarray(picture.round().astype(np.uint8))
        frame = av.VideoFrame.from_ndarray(rgb, format="rgb24").reformat(
            format="yuv420p", dst_colorspace="ITU601", dst_color_range="MPEG"
        )
        frame.pts, frame.time_base = index, Fraction(1, RATE)
        container.mux(video.encode(frame))
        while waiting and waiting[0].pts * waiting[0].time_base <= Fraction(index, RATE):
            packet = waiting.pop(0)
            packet.stream = titles
            container.mux(packet)
        until = (index + 1) * AUDIO_RATE // RATE
        container.mux(audio.encode(_tone(heard, until)))
        heard = until
    container.mux(video.encode(None))
    container.mux(audio.encode(None))


def _tone(start: int, end: int) -> av.AudioFrame:
    """A quiet fifth with the hum of a projector's motor."""
    seconds = np.arange(start, end) / AUDIO_RATE
    sound = (
        0.10 * np.sin(2 * np.pi * 220 * seconds)
        + 0.07 * np.sin(2 * np.pi * 330 * seconds)
        + 0.03 * np.sin(2 * np.pi * 50 * seconds) * (1 + np.sin(2 * np.pi * 12.5 * seconds))
    )
    frame = av.AudioFrame.from_ndarray(sound[None].astype(np.float32), "fltp", "mono")
    frame.sample_rate, frame.pts, frame.time_base = AUDIO_RATE, start, Fraction(1, AUDIO_RATE)
    return frame


def main() -> None:
    """Write the clip, and its truth if asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--output", type=Path, default=Path(__file__).with_name("clip.mkv"))
    parser.add_argument("--truth", type=Path, help="also write the unworn frames here (.mkv)")
    arguments = parser.parse_args()
    write_clip(arguments.output)
    print(f"{arguments.output}: {arguments.output.stat().st_size} bytes")
    if arguments.truth:
        write_truth(arguments.truth)
        print(f"{arguments.truth}: the frames before they were worn")


if __name__ == "__main__":
    main()
