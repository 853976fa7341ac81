"""Every day after: is this code good? At most once, ever."""

from dataclasses import replace
from datetime import timedelta

import pytest

from otpward.core.errors import SealBroken
from otpward.core.lifecycle.others import RegistrationState
from otpward.core.lifecycle.token import Hold, TokenState
from otpward.core.policy.verification import Verdict
from otpward.ports.desk import House
from tests.fakes.sample import make_sample
from tests.services.walk import Walk, other_than, shown


def also_mine(walk: Walk, serial: str) -> None:
    """The member gets a second live token; no service gives one yet."""
    token = walk.token(serial)
    for one in walk.look(lambda uow: uow.registrations.find(token_id=token.id, state=RegistrationState.LIVE)):
        ended = replace(one, state=RegistrationState.ENDED)
        walk.edit(lambda uow, ended=ended: uow.registrations.save(ended))  # type: ignore[misc]
    first = walk.look(lambda uow: uow.registrations.first(member_id=walk.member.id, state=RegistrationState.LIVE))
    assert first is not None
    later = walk.now + timedelta(seconds=1)
    second = replace(first, id=walk.house.desk(None).new_id(), token_id=token.id, live_at=later, version=0)
    walk.edit(lambda uow: uow.registrations.add(second))


@pytest.mark.parametrize("whose", [{"login": "m1001"}, {"login": " M1001 "}, {"serial": "SN-00"}])
def test_a_good_code_is_accepted_once(walk: Walk, whose: dict[str, str]) -> None:
    code = shown("SN-00", walk.now)
    first = walk.ask(code, **whose)
    assert (first.verdict, first.serial) == (Verdict.ACCEPTED, "SN-00")
    assert walk.ask(code, **whose).verdict is Verdict.REPLAYED
    assert walk.events()[-2:] == ["code:accepted=accepted", "code:refused=replayed"]


def test_by_member_or_by_serial_it_is_the_same_code(walk: Walk) -> None:
    code = shown("SN-00", walk.now)
    assert walk.verify(code, serial="SN-00") is Verdict.ACCEPTED
    assert walk.verify(code, login="m1001") is Verdict.REPLAYED


def test_a_wrong_code_counts_whoever_asks(walk: Walk) -> None:
    wrong = other_than(shown("SN-00", walk.now))
    left = [walk.ask(wrong, **whose).tries_left for whose in ({"login": "m1001"}, {"serial": "SN-00"})]
    assert left == [9, 8]


@pytest.mark.parametrize("whose", [{"login": "nobody"}, {"login": ""}, {"serial": "SN-99"}, {"serial": ""}])
def test_what_nobody_knows_is_unknown_and_written_down(walk: Walk, whose: dict[str, str]) -> None:
    answer = walk.ask("123456", **whose)
    assert (answer.verdict, answer.tries_left) == (Verdict.UNKNOWN, 0)
    (line,) = walk.look(lambda uow: uow.audit.find(subject_id=answer.id))
    assert (line.event, line.result) == ("code:refused", "unknown")


@pytest.mark.parametrize("whose", [{"login": "m1002"}, {"serial": "SN-02"}])
def test_without_a_live_registration_there_is_nothing_to_ask(walk: Walk, whose: dict[str, str]) -> None:
    assert walk.verify(shown("SN-02", walk.now), **whose) is Verdict.NOT_REGISTERED


def test_the_code_of_somebody_else_is_wrong(walk: Walk) -> None:
    assert walk.verify(shown("SN-01", walk.now), login="m1001") is Verdict.WRONG_CODE
    assert walk.verify(shown("SN-01", walk.now), login="teller") is Verdict.ACCEPTED


def test_who_has_left_verifies_nothing(walk: Walk) -> None:
    walk.edit(lambda uow: uow.members.save(replace(walk.member, left_at=walk.now)))
    assert walk.verify(shown("SN-00", walk.now)) is Verdict.UNKNOWN
    assert walk.verify(shown("SN-00", walk.now), serial="SN-00") is Verdict.NOT_REGISTERED


@pytest.mark.parametrize("hold", list(Hold))
def test_a_hold_stops_the_very_next_call(walk: Walk, hold: Hold) -> None:
    token = replace(walk.token("SN-00"), holds=frozenset({hold}), locked_until=walk.now + timedelta(hours=1))
    walk.edit(lambda uow: uow.tokens.save(token))
    assert walk.verify(shown("SN-00", walk.now)) is not Verdict.ACCEPTED
    assert walk.token("SN-00").high_water == -1


@pytest.mark.parametrize("state", [state for state in TokenState if state is not TokenState.ACTIVE])
def test_only_an_active_token_verifies(walk: Walk, state: TokenState) -> None:
    walk.edit(lambda uow: uow.tokens.save(replace(walk.token("SN-00"), state=state)))
    assert walk.verify(shown("SN-00", walk.now)) is Verdict.NOT_ACTIVE


@pytest.mark.parametrize("state", [RegistrationState.PENDING, RegistrationState.ENDED])
def test_only_a_live_registration_verifies(walk: Walk, state: RegistrationState) -> None:
    token = walk.token("SN-00")
    bound = walk.look(lambda uow: uow.registrations.first(token_id=token.id))
    assert bound is not None
    walk.edit(lambda uow: uow.registrations.save(replace(bound, state=state)))
    for whose in ({"login": "m1001"}, {"serial": "SN-00"}):
        assert walk.verify(shown("SN-00", walk.now), **whose) is Verdict.NOT_REGISTERED


def test_using_one_token_never_counts_against_another(walk: Walk) -> None:
    also_mine(walk, "SN-01")
    for _ in range(12):
        walk.clock.move(minutes=1)
        assert walk.verify(shown("SN-00", walk.now)) is Verdict.ACCEPTED
    other = walk.token("SN-01")
    assert (other.failures, other.failures_total, other.holds) == (0, 0, frozenset())
    assert walk.verify(shown("SN-01", walk.now)) is Verdict.ACCEPTED


def test_a_code_that_none_shows_counts_against_each(walk: Walk) -> None:
    also_mine(walk, "SN-01")
    codes = {shown(serial, walk.now + timedelta(minutes=n)) for serial in ("SN-00", "SN-01") for n in range(-41, 42)}
    wrong = next(code for code in (f"{n:06d}" for n in range(1000)) if code not in codes)
    assert walk.verify(wrong) is Verdict.WRONG_CODE
    assert (walk.token("SN-00").failures, walk.token("SN-01").failures) == (1, 1)


def test_a_stopped_token_beside_a_working_one_is_not_looked_at(walk: Walk) -> None:
    also_mine(walk, "SN-01")
    walk.edit(lambda uow: uow.tokens.save(replace(walk.token("SN-01"), holds=frozenset({Hold.LOST}))))
    answer = walk.ask(shown("SN-00", walk.now))
    assert (answer.verdict, answer.serial) == (Verdict.ACCEPTED, "SN-00")
    assert walk.verify(shown("SN-01", walk.now)) is Verdict.WRONG_CODE
    assert walk.token("SN-01").failures == 0


def test_at_the_limit_the_holder_is_told_once(walk: Walk) -> None:
    wrong = other_than(shown("SN-00", walk.now))
    for _ in range(15):
        walk.verify(wrong)
    assert walk.verify(shown("SN-00", walk.now)) is Verdict.LOCKED
    assert walk.look(lambda uow: uow.notices.count(template="token_locked")) == 2  # a text and a mail
    assert walk.told("locked") == {("m1001", "token_locked", "sms"), ("m1001", "token_locked", "mail")}
    assert walk.events().count("token:held=done") == 1
    assert walk.events().count("code:refused=wrong_code") == 10


def test_a_lock_that_is_over_is_lifted_on_record(walk: Walk) -> None:
    wrong = other_than(shown("SN-00", walk.now))
    for _ in range(10):
        walk.verify(wrong)
    walk.clock.move(minutes=30)
    assert walk.verify(shown("SN-00", walk.now)) is Verdict.ACCEPTED
    assert walk.events()[-2:] == ["code:accepted=accepted", "token:freed=done"]
    assert walk.look(lambda uow: uow.holds.count(lifted_at=None)) == 0


def test_another_institution_knows_neither_member_nor_token(walk: Walk, house: House) -> None:
    there = Walk(make_sample(house, code="other"))
    walk.edit(lambda uow: uow.members.save(replace(walk.member, login="only-here")))
    assert there.verify(shown("SN-00", walk.now), login="only-here") is Verdict.UNKNOWN
    assert there.verify(shown("SN-00", walk.now), serial="SN-00") is Verdict.ACCEPTED  # its own SN-00
    assert walk.token("SN-00").high_water == -1


def test_a_seed_moved_to_another_row_does_not_open(walk: Walk) -> None:
    # Who can write to the database swaps the sealed seed of a token they hold under the member's.
    stolen = walk.token("SN-01").seed
    walk.edit(lambda uow: uow.tokens.save(replace(walk.token("SN-00"), seed=stolen)))
    with pytest.raises(SealBroken):
        walk.verify(shown("SN-01", walk.now), login="m1001")
