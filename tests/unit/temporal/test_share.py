from __future__ import annotations

import numpy as np
import pytest

from vidrestore.temporal.share import Detail, detail, kept, wanted


def features(strength, size=256, sigma=0.0):
    y, x = np.mgrid[:size, :size].astype(np.float32) * (256 / size)
    eyes = sum(np.exp(-((x - cx) ** 2 + (y - 120) ** 2) / 40) for cx in (100, 155))
    rng = np.random.default_rng(0)
    lines = eyes * strength * np.sin(x * 1.5)
    return (120 + lines + rng.normal(0, sigma, (size, size))).astype(np.float32)


def test_detail_grows_with_features_and_not_with_noise():
    assert detail(features(40)) > 1.8 * detail(features(20)) > 0
    assert detail(features(0, sigma=5)) < 0.1 * detail(features(0, sigma=5) + features(40) - 120)


def test_a_larger_crop_is_looked_at_at_the_same_size():
    assert detail(features(40, size=512)) == pytest.approx(detail(features(40)), rel=0.25)


def test_the_less_detail_there_is_the_more_is_used():
    shares = [wanted([Detail(shown, 2 * shown)]) for shown in (0.3, 0.7, 1.5, 3, 4.5, 9)]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] == 1
    assert shares[-1] == pytest.approx(0.5)


@pytest.mark.parametrize(("held", "part"), [(0.8, 0.0), (0.88, 0.0), (0.95, 1.0), (1.2, 1.0)])
def test_nothing_is_used_of_a_result_that_loses_detail(held, part):
    detailed = [Detail(50.0, held * 50)]
    assert wanted(detailed) == pytest.approx(0.5 * part, abs=0.02)
    assert kept(detailed) == pytest.approx(part, abs=0.02)


def test_a_change_that_is_weighed_later_is_kept_whole():
    assert [kept([Detail(shown, 2 * shown)]) for shown in (0.3, 4.5, 9)] == [1, 1, 1]


def test_frames_around_count_alike():
    one, other = Detail(1.0, 2.0), Detail(3.0, 4.0)
    assert wanted([one, other]) == wanted([Detail(2.0, 3.0)])
