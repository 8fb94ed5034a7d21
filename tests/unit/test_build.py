from __future__ import annotations

import pytest

from tests.stand_ins.fakes import FakeRestorer
from vidrestore.build import build_restoring, given_engine
from vidrestore.config import Config


def stages(**options):
    config = Config().with_options({f"temporal.{name}": value for name, value in options.items()})
    engine = given_engine(FakeRestorer(), config.restore)
    return [stage.name for _, part in build_restoring(config, engine) for stage in part]


@pytest.mark.parametrize("options", [{}, {"denoise": 0}, {"blend": 0}])
def test_faces_are_followed_over_time_where_anything_is_averaged(options):
    names = stages(**options)
    assert names.index("align") < names.index("deflicker") < names.index("denoise")
    assert names.index("denoise") < names.index("restore") < names.index("blend")


def test_nothing_is_held_back_where_nothing_is_averaged():
    assert "denoise" not in stages(denoise=0, blend=0)
