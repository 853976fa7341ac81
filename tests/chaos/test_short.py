"""What `make chaos` does at length, done in short."""

from collections.abc import Callable, Iterator

import pytest

from chaos.findings import Finding
from chaos.ground import ENGINES, Ground, ground
from chaos.kills import kills
from chaos.races import lock_race, replay_race
from chaos.rude import hang_up

pytestmark = pytest.mark.slow


@pytest.fixture(params=ENGINES)
def here(request: pytest.FixtureRequest) -> Iterator[Ground]:
    with ground(request.param) as here:
        yield here


def assert_no_fault(found: Finding) -> None:
    assert found.faults == [], found


@pytest.mark.parametrize(
    ("race", "rounds"), [(replay_race, 15), (lock_race, 4), (hang_up, 8)], ids=["replay race", "lock race", "hang up"]
)
def test_whatever_comes_at_once_through_two_servers_is_judged_one_by_one(
    here: Ground, race: Callable[..., Finding], rounds: int
) -> None:
    assert_no_fault(race(here.site, here.engine, rounds))


def test_what_was_acknowledged_is_true_after_a_kill(here: Ground) -> None:
    """With PostgreSQL: of the server, of both, of the database."""
    found = kills(here, 3 if here.engine == "postgresql" else 2)
    assert_no_fault(found)
    assert found.counts["accepted again"] == 0
