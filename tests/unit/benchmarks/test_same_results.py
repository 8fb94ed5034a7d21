"""What counts as the same result."""

from benchmarks.same_results import compare

MACHINE = {"cores": 1}


def made(**changes):
    one = {"pictures": "a", "packets": "b", "report": {"faces": 1}, "settings": {"crf": 16}}
    return {"machine": MACHINE, "results": {"clip.mkv default ffv1": one | changes}}


def test_equal_results_are_the_same(capsys):
    assert compare(made(), made())
    assert "nothing differs" in capsys.readouterr().out


def test_what_differs_is_named(capsys):
    assert not compare(made(report={"faces": 2}), made())
    assert "faces: 1 before, 2 now" in capsys.readouterr().out


def test_settings_may_move(capsys):
    assert compare(made(settings={"crf": 17}), made())
    assert "settings differ" in capsys.readouterr().out


def test_a_clip_that_is_missing_is_a_difference():
    assert not compare({"machine": MACHINE, "results": {}}, made())
