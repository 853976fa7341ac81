"""Text that no person types, and a program may: it finds nothing, and nothing breaks."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from otpward.core.errors import Invalid
from otpward.core.model.proof import Act
from otpward.core.policy.verification import Verdict
from otpward.ports.desk import House
from otpward.store.engine import open_engine
from tests.fakes.house import sql_house, sqlite_engine
from tests.fakes.sample import make_sample
from tests.services.walk import Walk


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    engine = sqlite_engine(tmp_path) if request.param == "sqlite" else open_engine(request.getfixturevalue("postgres_url"))
    yield sql_house(engine)
    engine.dispose()


STRANGE = pytest.mark.parametrize(
    "text", ["a\x00b", "\x00", "'; DROP TABLE token; --", "%", "_", "m1001\x00", "\U0001f512" * 50]
)


@STRANGE
def test_a_strange_name_is_nobody(house: House, text: str) -> None:
    walk = Walk(make_sample(house))
    acts: list[Callable[[], object]] = [
        lambda: walk.verify("123456", login=text) is Verdict.UNKNOWN,
        lambda: walk.verify("123456", serial=text) is Verdict.UNKNOWN,
        lambda: walk.report(login=text).member_id is None,
        lambda: walk.begin(Act.APPLY, login=text).member_id is None,
    ]
    for act in acts:
        try:
            assert act()
        except Invalid:  # PostgreSQL has no room for a zero octet, whoever asks
            assert "\x00" in text
    assert walk.token("SN-00").failures == 0
