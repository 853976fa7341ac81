"""Changes of a contact at once, on real databases: one stands, each guess is counted, and a signal is never lost."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from otpward.core.errors import Conflict
from otpward.core.model.contact_change import SignalKind
from otpward.core.policy.contacts import phone_is_young
from otpward.core.policy.proofs import ProofNeeded
from otpward.ports.desk import House
from otpward.services.contacts.confirm_change import ChangeAnswer
from otpward.services.contacts.take_signal import TakeSignal, take_signal
from otpward.store.engine import open_engine
from tests.fakes.house import sql_house, sqlite_engine
from tests.fakes.sample import PHONE, make_sample
from tests.services.contacts.changing import NEW_E164, Changing
from tests.services.walk import ELSEWHERE, RELYING, Walk, other_than
from tests.store.test_races import at_once


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    engine = sqlite_engine(tmp_path) if request.param == "sqlite" else open_engine(request.getfixturevalue("postgres_url"))
    yield sql_house(engine)
    engine.dispose()


@pytest.fixture
def changing(house: House) -> Changing:
    return Changing(Walk(make_sample(house)))


def test_the_right_code_twice_at_once_changes_it_once(changing: Changing) -> None:
    changing.prove()
    change, code = changing.begin(), changing.code()
    answers = at_once(lambda: changing.confirm(change, code), lambda: changing.confirm(change, code))
    assert Counter(answers) == {ChangeAnswer.CHANGED: 1, ChangeAnswer.OVER: 1}
    assert changing.walk.events().count("contact:changed=phone") == 1


def test_one_proof_begins_one_change(changing: Changing) -> None:
    changing.prove()
    results = at_once(lambda: changing.begin("010-9999-0001"), changing.begin)
    faults = [one for one in results if isinstance(one, Exception)]
    assert all(isinstance(one, ProofNeeded) for one in faults), "or the second goes on with the first one's"
    assert len(faults) <= 1
    assert changing.walk.look(lambda uow: uow.contact_changes.count()) == 1
    assert changing.walk.events().count("proof:spent=done") == 1


def test_of_two_changes_at_once_one_stands(changing: Changing) -> None:
    changing.prove()
    changing.prove(browser=ELSEWHERE)
    first = changing.begin("010-9999-0001")
    first_code = changing.code()
    second = changing.begin(browser=ELSEWHERE)
    second_code = changing.code()
    answers = at_once(
        lambda: changing.confirm(first, first_code), lambda: changing.confirm(second, second_code, browser=ELSEWHERE)
    )
    assert Counter(answers) == {ChangeAnswer.OVER: 1, ChangeAnswer.CHANGED: 1}
    assert changing.member.phone.reveal() == NEW_E164


def test_guesses_at_once_are_counted_each(changing: Changing) -> None:
    changing.prove()
    change, code = changing.begin(), changing.code()
    answers = at_once(*[lambda: changing.confirm(change, other_than(code))] * 8)
    assert Counter(answers) == {ChangeAnswer.WRONG: 4, ChangeAnswer.OVER: 4}
    assert changing.member.phone.reveal() == PHONE


def test_a_signal_and_a_change_at_once_leave_a_phone_that_proves_nothing(changing: Changing) -> None:
    walk = changing.walk
    changing.prove()
    change, code = changing.begin(), changing.code()
    ask = TakeSignal(
        institution_id=walk.inside, phone=PHONE, kind=SignalKind.SIM_CHANGED, at=walk.now, told_by="test", by=RELYING
    )
    results = at_once(lambda: changing.confirm(change, code), lambda: walk.do(lambda desk: take_signal(ask, desk=desk)))
    assert not any(isinstance(one, Conflict) for one in results)
    member = changing.member
    assert (member.phone.reveal() == NEW_E164) is (ChangeAnswer.CHANGED in results)
    assert phone_is_young(member, walk.now)
