from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
import pytest

from benchmarks import memory
from benchmarks.memory import RATE, Unchanged, Watch, is_flat, write_long_clip
from vidrestore import Progress


def at(frames: int) -> Progress:
    return Progress(frames, 3 * 60 * RATE, 0, 1.0)


def test_peaks_are_kept_by_minute_of_video():
    class Process:
        """Resident memory in MiB, one value per look."""

        looks = iter([100, 140, 110, 200, 90])

        def memory_info(self):
            return type("Info", (), {"rss": next(self.looks) << 20})

    watch = Watch(process=Process())
    minute = 60 * RATE
    for frames in (1, minute, minute, minute + 1, 2 * minute):
        watch(at(frames))
    assert watch.peaks == [140.0, 200.0]


def test_the_own_process_has_memory():
    watch = Watch()
    watch(at(1))
    assert 10 < watch.peaks[0] < 100_000


@pytest.mark.parametrize(
    ("peaks", "flat"),
    [
        ([500, 500, 500], True),
        ([500, 520, 510], True),
        ([500, 520, 560], False),
        ([100, 110, 115], True),
        ([100, 110, 120], False),
        ([500, 900, 480], True),
    ],
)
def test_the_last_minute_is_compared_with_the_first(peaks, flat):
    assert is_flat(peaks) is flat


def test_the_long_clip_repeats_the_sample(tmp_path):
    path = tmp_path / "long.mkv"
    assert write_long_clip(path, minutes=0.1) == 150
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
    assert [f.pts * f.time_base for f in frames] == [Fraction(i, RATE) for i in range(150)]
    pixels = [f.to_ndarray(format="rgb24").astype(int) for f in (frames[10], frames[110])]
    assert np.abs(pixels[0] - pixels[1]).mean() < 3
    assert np.abs(pixels[0] - frames[60].to_ndarray(format="rgb24")).mean() > 10


def test_unchanged_returns_copies():
    crops = np.arange(2 * 4 * 4 * 3, dtype=np.uint8).reshape(2, 4, 4, 3)
    same = Unchanged().restore(crops)
    assert np.array_equal(same, crops)
    assert not np.shares_memory(same, crops)


def test_growth_ends_with_one(monkeypatch, tmp_path):
    def grow(*_, progress, **__):
        progress(at(1))
        progress.peaks.append(progress.peaks[0] * 2 + 100)
        return type("Report", (), {"frames": 2, "faces": 0, "seconds": 1.0})

    monkeypatch.setattr(memory, "restore_video", grow)
    monkeypatch.setattr("sys.argv", ["memory", "--minutes", "0.01", "--json", str(tmp_path / "j")])
    with pytest.raises(SystemExit) as ended:
        memory.main()
    assert ended.value.code == 1
    assert '"flat": false' in (tmp_path / "j").read_text()
