from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.unit.training.samples.expressions import drawn_face
from training.samples.expressions import Motion, Puppet, moment, schedule

NAMES = drawn_face.groups()
IMAGE = drawn_face.picture(NAMES)
POINTS = drawn_face.points(NAMES)


@pytest.fixture(scope="module")
def puppet() -> Puppet:
    return Puppet(IMAGE, POINTS, NAMES)


def still() -> Motion:
    pairs, ones = np.zeros((1, 2)), np.zeros(1)
    return Motion(pairs, pairs, ones, ones, ones, np.eye(3)[None])


def around(image: np.ndarray, x: float, y: float, half: int) -> np.ndarray:
    return image[int(y) - half : int(y) + half + 1, int(x) - half : int(x) + half + 1]


def test_a_motion_of_nothing_gives_the_portrait(puppet: Puppet) -> None:
    drawn = puppet.frame(still(), 0)
    np.testing.assert_array_equal(drawn.image, IMAGE)
    grid = np.stack(np.meshgrid(*[np.arange(drawn_face.SIZE)] * 2), -1)
    np.testing.assert_allclose(drawn.mapping, grid, atol=1e-3)


def test_a_view_is_a_part_of_the_whole(puppet: Puppet) -> None:
    motion = replace(still(), mouth=np.array([0.5]), lids=np.array([[0.7, 0.2]]))
    whole, part = puppet.frame(motion, 0), puppet.frame(motion, 0, (90, 100, 300, 310))
    np.testing.assert_allclose(part.mapping, whole.mapping[100:310, 90:300], atol=1e-3)
    apart = np.abs(part.image.astype(int) - whole.image[100:310, 90:300])
    assert apart.max() <= 2


def test_a_shut_lid_covers_the_iris_with_skin(puppet: Puppet) -> None:
    drawn = puppet.frame(replace(still(), lids=np.array([[1.0, 0.0]])), 0).image
    (x, y), (other_x, other_y) = drawn_face.EYES
    assert around(IMAGE, x, y, 3).mean() < 60
    assert around(drawn, x, y - 3, 3).mean() > 120
    np.testing.assert_array_equal(
        around(drawn, other_x, other_y, 12), around(IMAGE, other_x, other_y, 12)
    )
    assert (drawn[:110] == IMAGE[:110]).all(), "nothing moves far above the eye"


def test_gaze_moves_the_iris_and_not_the_lids(puppet: Puppet) -> None:
    drawn = puppet.frame(replace(still(), gaze=np.array([[1.0, 0.0]])), 0).image
    x, y = drawn_face.EYES[0]
    left, right = (around(drawn, x + by, y, 2).mean() for by in (-8, 12))
    assert left > 150, "the white that the iris left"
    assert right < 90, "the iris"
    assert (drawn[220:] == IMAGE[220:]).all()


@pytest.mark.parametrize("amount", [-1.0, 0.4])
def test_the_mouth_opens_and_closes_as_asked(puppet: Puppet, amount: float) -> None:
    motion = replace(still(), mouth=np.array([amount]))
    upper, lower = (POINTS[NAMES[f"lips_in_{part}"]][5:6] for part in ("upper", "lower"))
    there = puppet.forward(upper, motion, 0)[0, 1], puppet.forward(lower, motion, 0, jaw=True)[0, 1]
    gap, before = there[1] - there[0], float(lower[0, 1] - upper[0, 1])
    wanted = before + 0.45 * 92 * amount if amount > 0 else 0.0
    assert gap == pytest.approx(wanted, abs=2.5)
    shown = puppet.frame(motion, 0).mouth.sum()
    now = puppet.frame(still(), 0).mouth.sum()
    assert (shown > 1.5 * now) if amount > 0 else (shown < 0.3 * now)


@pytest.mark.parametrize("shows_teeth", [True, False])
def test_lower_teeth_stand_out_of_the_lower_lip(shows_teeth: bool) -> None:
    points = POINTS.copy()
    if not shows_teeth:
        for part in ("upper", "lower"):
            points[NAMES[f"lips_in_{part}"], 1] = drawn_face.MOUTH[1]
    puppet = Puppet(IMAGE, points, NAMES)
    motion = replace(still(), mouth=np.array([0.4]), teeth=0.0)
    lip = points[NAMES["lips_in_lower"]][5:6]
    x, y = puppet.forward(lip, motion, 0, jaw=True)[0]
    without = puppet.frame(motion, 0).image
    shown = puppet.frame(replace(motion, lower_teeth=1.0), 0).image
    assert around(shown, x, y - 7, 2).mean() > around(without, x, y - 7, 2).mean() + 40
    assert around(shown, x, y - 7, 2).mean() > 110
    np.testing.assert_array_equal(shown[: int(y) - 20], without[: int(y) - 20])
    np.testing.assert_array_equal(shown[int(y) + 4 :], without[int(y) + 4 :])


def test_points_go_where_the_head_goes(puppet: Puppet) -> None:
    head = np.array([[1.1, -0.1, 20.0], [0.1, 1.1, -10.0], [0.0, 0.0, 1.0]])
    motion = replace(still(), head=head[None])
    nose = POINTS[4:5]
    expected = (head @ np.array([*nose[0], 1.0]))[:2]
    np.testing.assert_allclose(puppet.forward(nose, motion, 0)[0], expected, atol=1e-6)
    drawn = puppet.frame(motion, 0)
    at = np.rint(expected).astype(int)
    np.testing.assert_allclose(drawn.mapping[at[1], at[0]], nose[0], atol=1.0)


def test_a_moment_shuts_lids_only_where_they_can_be_drawn() -> None:
    rng, head = np.random.default_rng(0), np.eye(3)
    able = [moment(rng, shuts=True, head=head) for _ in range(200)]
    unable = [moment(rng, shuts=False, head=head) for _ in range(200)]
    assert not any(m.lids.any() for m in unable)
    assert 0.2 < np.mean([m.lids.min() > 0.9 for m in able]) < 0.45
    assert {len(m) for m in able} == {1}


def test_a_schedule_blinks_and_follows_from_its_seed() -> None:
    courses = [schedule(250, seed, rate=25.0, size=768) for seed in range(6)]
    again = schedule(250, 3, rate=25.0, size=768)
    np.testing.assert_array_equal(courses[3].lids, again.lids)
    for course in courses:
        assert len(course) == 250
        assert course.lids.max() > 0.9, "ten seconds hold a blink"
        assert (course.lids.max(1) < 0.4).mean() > 0.5
        assert np.abs(np.diff(course.mouth)).max() < 0.6
    fast = schedule(250, 3, rate=50.0, size=768, head=0.0)
    np.testing.assert_allclose(fast.head, np.eye(3)[None].repeat(250, 0), atol=1e-12)
