"""Codes judged many at a time: what one at a time promises holds for a batch, on SQLite and on PostgreSQL."""

import asyncio
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from otpward.clerk.limits import client_keys
from otpward.core.errors import OtherRequest, SealBroken, TooOften, Unavailable
from otpward.core.ids import bucket_of
from otpward.core.lifecycle.others import RegistrationState
from otpward.core.lifecycle.token import Hold, TokenState
from otpward.core.model.token import Token
from otpward.core.policy.keys import NoKey, NotInScope
from otpward.core.policy.verification import Verdict
from otpward.ports.desk import House
from otpward.ports.judging import Alone, Batch, Found, Judged, Once, Unconfirmed, judge
from otpward.services.oversee.create_api_key import create_api_key
from otpward.services.verify.judge_batch import judge_batch
from otpward.services.verify.verify import Verify, verify
from otpward.store.engine import open_engine
from tests.fakes.house import sql_house, sqlite_engine
from tests.fakes.judging import Window, window_on
from tests.fakes.sample import Sample, make_sample
from tests.fakes.surroundings import FixedClock
from tests.services.walk import RELYING, other_than, shown

SERIAL = "SN-00"


@dataclass
class Place:
    """A sample institution, and a window to ask at."""

    sample: Sample
    window: Window
    engine: sa.Engine

    @property
    def now(self) -> datetime:
        return self.sample.house.clock.now()

    def code(self) -> str:
        return shown(SERIAL, self.now)

    def ask(self, code: str, **more: Any) -> Verdict:
        result = self.window.ask(code, **(more or {"serial": SERIAL}))
        assert isinstance(result, Judged)
        return result.verification.verdict

    def token(self, serial: str = SERIAL) -> Token:
        found = self.sample.house.look(self.sample.institution.id, lambda uow: uow.tokens.first(serial=serial))
        assert found is not None
        return found

    def change(self, **changes: Any) -> None:
        """Change the token in its row."""
        with self.sample.house.desk(self.sample.institution.id).uow as uow:
            uow.tokens.save(replace(self.token(), **changes))
            uow.commit()

    def lines(self, **conditions: Any) -> list[Any]:
        return self.sample.house.look(self.sample.institution.id, lambda uow: uow.audit.find(limit=1000, **conditions))


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sa.Engine]:
    made = sqlite_engine(tmp_path) if request.param == "sqlite" else open_engine(request.getfixturevalue("postgres_url"))
    yield made
    made.dispose()


@pytest.fixture
def house(engine: sa.Engine) -> House:
    return sql_house(engine)


@pytest.fixture
def place(engine: sa.Engine, house: House) -> Iterator[Place]:
    sample = make_sample(house)
    with window_on(engine, house, sample.api_key) as window:
        yield Place(sample, window, engine)


@pytest.mark.parametrize("whose", [{"serial": SERIAL}, {"login": "m1001"}], ids=["serial", "login"])
def test_a_code_is_accepted_once(place: Place, whose: dict[str, str]) -> None:
    before = place.token()
    result = place.window.ask(place.code(), **whose)
    assert isinstance(result, Judged)
    assert (result.verification.verdict, result.verification.serial, result.reasons) == (Verdict.ACCEPTED, SERIAL, True)
    after = place.token()
    assert after == replace(before, high_water=int(place.now.timestamp()) // 60, used_at=place.now, version=before.version + 1)
    (line,) = place.lines(event="code:accepted")
    assert (line.id, line.subject, line.subject_id) == (result.verification.id, "token", after.id)
    assert (line.actor_kind, line.source, line.result, line.at) == ("api_key", "192.0.2.1", "accepted", place.now)
    assert place.ask(place.code(), **whose) is Verdict.REPLAYED


@pytest.mark.parametrize("whose", [{"serial": SERIAL}, {"login": "m1001"}], ids=["serial", "login"])
def test_of_a_new_token_it_is_told_how_new_it_is_and_asking_again_tells_the_same(place: Place, whose: dict[str, str]) -> None:
    place.change(active_at=place.now - timedelta(hours=1, microseconds=5), hold_until=place.now + timedelta(hours=2))
    once = Once(key=b"k" * 32, request=b"r" * 32)
    code = place.code()
    first = place.window.ask(code, **whose, once=once)
    again = place.window.ask(code, **whose, once=once)
    assert isinstance(first, Judged)
    assert (first.verification.verdict, first.verification.age_s) == (Verdict.ACCEPTED, 3600)
    assert first.verification.hold_until == place.now + timedelta(hours=2)
    assert again == first
    refused = place.window.ask(code, **whose)
    assert isinstance(refused, Judged)
    assert (refused.verification.verdict, refused.verification.age_s) == (Verdict.REPLAYED, None)
    assert refused.verification.hold_until is None


def test_it_judges_as_the_plain_way_does(place: Place) -> None:
    """Every standing of a token, and every name that is nobody's: the same verdict, the same row, the same line."""
    clock = place.sample.house.clock
    assert isinstance(clock, FixedClock)
    inside = place.sample.institution.id

    def plainly(code: str, **whose: Any) -> Any:
        ask = Verify(institution_id=inside, code=code, by=RELYING, login=whose.get("login"), serial=whose.get("serial"))
        return place.sample.house.do(inside, lambda desk: verify(ask, desk=desk))

    standings: list[dict[str, Any]] = [
        {},
        {"state": TokenState.RETIRED},
        {"holds": frozenset({Hold.LOST})},
        {"holds": frozenset({Hold.BLOCKED})},
        {"holds": frozenset({Hold.LOCKED}), "locked_until": place.now + timedelta(minutes=5)},
        {"holds": frozenset({Hold.DRIFTED})},
        {"valid_until": place.now},
        {"valid_from": place.now + timedelta(hours=1)},
        {"failures": 3, "failures_total": 30},
        {"drift_steps": -5},
        {"high_water": int(place.now.timestamp()) // 60},
    ]
    first = place.token()
    for standing in standings:
        for code in (place.code(), other_than(place.code()), "1234567"):
            place.change(**{**{name: getattr(first, name) for name in CHANGED}, **standing})
            start = place.token()
            batched = place.window.ask(code, serial=SERIAL)
            after = place.token()
            if start != after:
                place.change(**{name: getattr(start, name) for name in CHANGED})
            assert isinstance(batched, Judged)
            plain = plainly(code, serial=SERIAL)
            now = place.token()
            told = batched.verification
            assert (told.verdict, told.tries_left, told.serial) == (plain.verdict, plain.tries_left, plain.serial), standing
            assert replace(after, version=0) == replace(now, version=0), standing
    for whose in ({"serial": "no-such"}, {"serial": "SN-02"}, {"login": "nobody"}, {"login": "m1002"}):
        batched = place.window.ask(place.code(), **whose)
        assert isinstance(batched, Judged)
        plain = plainly(place.code(), **whose)
        assert (batched.verification.verdict, batched.verification.serial) == (plain.verdict, plain.serial)
        lines = place.lines(subject_id=batched.verification.id) + place.lines(subject_id=plain.id)
        assert {line.subject for line in lines} == {"nobody"}
        assert len(lines) == 2


CHANGED = (
    "state", "holds", "valid_from", "valid_until", "failures", "failures_total",
    "drift_steps", "high_water", "used_at", "locked_until",
)  # fmt: skip


def test_of_many_at_once_one_is_accepted(place: Place) -> None:
    asked = [place.window.question(place.code(), **whose) for whose in ({"serial": SERIAL}, {"login": "m1001"}) * 8]
    results = place.window.ask_at_once(*asked)
    alone = [one for one in results if isinstance(one, Alone)]
    told = Counter(one.verification.verdict for one in results if isinstance(one, Judged))
    assert told[Verdict.ACCEPTED] == 1
    assert told[Verdict.REPLAYED] + told[Verdict.LOCKED] + len(alone) == 15
    assert place.token().failures_total == told[Verdict.REPLAYED]


def test_questions_of_one_batch_see_what_those_before_them_did(place: Place) -> None:
    wrong = other_than(place.code())
    asked = [place.window.question(code, serial=SERIAL) for code in (wrong, wrong, place.code(), wrong, place.code())]
    results = place.window.ask_at_once(*asked)
    assert [one.verification.verdict.value for one in results if isinstance(one, Judged)].count("accepted") == 1
    assert place.token().failures_total <= 4
    assert len(place.lines(subject_id=place.token().id, event="code:refused")) == 4


def test_two_servers_on_one_database_accept_once(place: Place, house: House) -> None:
    """Each has its own connections; on PostgreSQL they meet in the row, on SQLite at the gate."""
    clock = house.clock
    assert isinstance(clock, FixedClock)
    with window_on(place.engine, house, place.sample.api_key) as second:
        for _ in range(30):
            clock.move(minutes=1)
            question = place.window.question(place.code(), serial=SERIAL)
            told: Counter[str] = Counter()

            def ask(window: Window, told: Counter[str] = told, question: Any = question) -> None:
                for one in window.ask_at_once(*[question] * 4):
                    assert isinstance(one, Judged), one
                    told[one.verification.verdict] += 1

            threads = [threading.Thread(target=ask, args=(window,)) for window in (place.window, second)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(60)
            assert told[Verdict.ACCEPTED] == 1, told
            assert sum(told.values()) == 8
            assert place.token().failures == 7 or told[Verdict.REPLAYED] == 7
            place.change(failures=0, failures_total=0)
    assert len(place.lines(event="code:accepted")) == 30


def test_the_tenth_wrong_code_is_judged_alone(place: Place) -> None:
    wrong = other_than(place.code())
    for left in range(9, 0, -1):
        result = place.window.ask(wrong, serial=SERIAL)
        assert isinstance(result, Judged)
        assert result.verification.tries_left == left
    tenth = place.window.ask(wrong, serial=SERIAL)
    assert isinstance(tenth, Alone)
    assert (tenth.institution_id, tenth.reasons) == (place.sample.institution.id, True)
    assert place.token().failures == 9, "nothing was written for it"
    assert len(place.lines(event="code:refused")) == 9


def test_with_several_tokens_the_one_that_accepts_counts_against_none(place: Place) -> None:
    house, inside = place.sample.house, place.sample.institution.id
    with house.desk(inside).uow as uow:
        other = uow.tokens.first(serial="SN-01")
        assert other is not None
        bound = uow.registrations.first(token_id=other.id, state=RegistrationState.LIVE)
        assert bound is not None
        mine = uow.registrations.first(member_id=place.sample.member.id)
        assert mine is not None
        uow.registrations.save(replace(bound, state=RegistrationState.ENDED))
        row_id = house.desk(inside).new_id(bucket_of(place.sample.member.id))
        uow.registrations.add(replace(mine, id=row_id, token_id=other.id, version=0))
        uow.commit()
    result = place.window.ask(shown("SN-01", place.now), login="m1001")
    assert isinstance(result, Judged)
    assert (result.verification.verdict, result.verification.serial) == (Verdict.ACCEPTED, "SN-01")
    assert (place.token().failures, place.token("SN-01").high_water) == (0, int(place.now.timestamp()) // 60)
    assert isinstance(place.window.ask(other_than(place.code()), login="m1001"), Alone)


def test_a_member_who_left_is_nobody(place: Place) -> None:
    with place.sample.house.desk(place.sample.institution.id).uow as uow:
        uow.members.save(replace(uow.members.get(place.sample.member.id), left_at=place.now))
        uow.commit()
    assert place.ask(place.code(), login="m1001") is Verdict.UNKNOWN
    assert place.ask(place.code(), serial=SERIAL) is Verdict.NOT_REGISTERED


def test_a_key_is_looked_at_every_time(place: Place) -> None:
    inside, handle = place.sample.institution.id, place.sample.api_key.split("_")[1]
    house = place.sample.house
    assert place.ask(other_than(place.code())) is Verdict.WRONG_CODE
    narrow = house.do(inside, lambda desk: create_api_key(inside, frozenset({"verify:reasons"}), "x", None, desk=desk))
    with pytest.raises(NotInScope):
        place.window.ask(place.code(), serial=SERIAL, key=narrow)
    for key in ("otpw_nobody_00", place.sample.api_key + "0"):
        with pytest.raises(NoKey):
            place.window.ask(place.code(), serial=SERIAL, key=key)
    with house.desk(None).uow as uow:
        row = uow.api_keys.first(handle=handle)
        assert row is not None
        uow.api_keys.save(replace(row, revoked_at=place.now))
        uow.commit()
    with pytest.raises(NoKey):
        place.window.ask(place.code(), serial=SERIAL)
    assert place.token().high_water == -1


def test_one_asker_in_a_batch_is_not_told_of_another(place: Place) -> None:
    """Good and bad keys, two institutions with the same serials: each has its own answer."""
    there = make_sample(place.sample.house, code="other")
    questions = [
        place.window.question(place.code(), serial=SERIAL),
        place.window.question(place.code(), serial=SERIAL, key="otpw_nobody_00"),
        place.window.question(place.code(), serial=SERIAL, key=there.api_key),
        place.window.question(place.code(), serial="no-such", key=there.api_key),
    ]
    first, second, third, fourth = place.window.ask_at_once(*questions)
    assert isinstance(second, NoKey)
    assert isinstance(first, Judged)
    assert isinstance(third, Judged)
    assert isinstance(fourth, Judged)
    assert [one.verification.verdict.value for one in (first, third, fourth)] == ["accepted", "accepted", "unknown"]


def test_a_broken_seal_is_one_askers_fault_and_no_wrong_code(place: Place) -> None:
    broken = place.token().seed[:-1] + b"?"
    place.change(seed=broken)
    before = place.token()
    mine = place.window.question(place.code(), serial=SERIAL)
    theirs = place.window.question(shown("SN-01", place.now), serial="SN-01")
    first, second = place.window.ask_at_once(mine, theirs)
    assert isinstance(first, SealBroken)
    assert isinstance(second, Judged)
    assert second.verification.verdict is Verdict.ACCEPTED
    assert place.token() == before


def once(name: str, request: str = "one") -> Once:
    return Once(key=name.encode().ljust(32, b"."), request=request.encode().ljust(32, b"."))


def test_the_same_key_is_given_the_same_answer(place: Place) -> None:
    code = place.code()
    first = place.window.ask(code, serial=SERIAL, once=once("a"))
    again = place.window.ask(code, serial=SERIAL, once=once("a"))
    assert first == again
    assert isinstance(first, Judged)
    assert first.verification.verdict is Verdict.ACCEPTED
    assert len(place.lines(event="code:accepted")) == 1
    with pytest.raises(OtherRequest):
        place.window.ask(code, serial=SERIAL, once=once("a", "another"))
    assert place.ask(code, serial=SERIAL, once=once("b")) is Verdict.REPLAYED
    assert place.ask(code, serial=SERIAL, once=once("b")) is Verdict.REPLAYED
    assert place.token().failures == 1, "asking again under the key is not guessing again"


def test_an_answer_is_forgotten_after_a_day(place: Place) -> None:
    clock = place.sample.house.clock
    assert isinstance(clock, FixedClock)
    code = place.code()
    assert place.ask(code, serial=SERIAL, once=once("a")) is Verdict.ACCEPTED
    clock.move(hours=24)
    assert place.ask(code, serial=SERIAL, once=once("a", "another")) is not Verdict.ACCEPTED
    place.ask(code, serial=SERIAL, once=once("c"))
    clock.move(hours=25)
    inside = place.sample.institution.id
    with place.sample.house.desk(inside).uow as uow:
        assert uow.forget(clock.now()) == 2
        uow.commit()
    assert place.sample.house.look(inside, lambda uow: uow.answers.count()) == 0


def test_the_same_key_many_times_at_once_is_answered_alike(place: Place, house: House) -> None:
    question = place.window.question(place.code(), serial=SERIAL, once=once("a"))
    with window_on(place.engine, house, place.sample.api_key) as second:
        told: list[Any] = []
        threads = [
            threading.Thread(target=lambda window=window: told.extend(window.ask_at_once(*[question] * 8)))
            for window in (place.window, second)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    assert len(told) == 16
    assert {one.verification.id for one in told} == {told[0].verification.id}
    assert told[0].verification.verdict is Verdict.ACCEPTED
    assert place.token().failures_total == 0


def test_an_alone_one_keeps_its_answer_too(place: Place) -> None:
    inside = place.sample.institution.id
    wrong = other_than(place.code())
    place.change(failures=9)
    assert isinstance(place.window.ask(wrong, serial=SERIAL, once=once("a")), Alone)
    ask = Verify(institution_id=inside, code=wrong, by=RELYING, serial=SERIAL, once=once("a"))
    plain = place.sample.house.do(inside, lambda desk: verify(ask, desk=desk))
    again = place.window.ask(wrong, serial=SERIAL, once=once("a"))
    assert isinstance(again, Judged)
    assert again.verification == plain
    assert place.sample.house.do(inside, lambda desk: verify(ask, desk=desk)) == plain
    with pytest.raises(OtherRequest):
        place.sample.house.do(inside, lambda desk: verify(replace(ask, once=once("a", "x")), desk=desk))


def test_one_address_cannot_lock_everybody(place: Place) -> None:
    """Thirty wrong codes in ten minutes, three hundred in a day; after that nothing of it is looked at, nor counted."""
    clock, vault = place.sample.house.clock, place.sample.house.vault
    assert isinstance(clock, FixedClock)
    client = "203.0.113.7"
    more = {"client": client, "client_keys": client_keys(client, vault)}
    wrong = other_than(place.code())
    for count in range(30):
        if count % 5 == 4:
            place.change(failures=0, failures_total=0)
        assert place.ask(wrong, serial=SERIAL, **more) is Verdict.WRONG_CODE
    before = place.token()
    with pytest.raises(TooOften) as told:
        place.window.ask(place.code(), serial=SERIAL, **more)
    assert timedelta(0) < told.value.until - place.now <= timedelta(minutes=10)
    assert place.token() == before
    inside = place.sample.institution.id
    ask = Verify(institution_id=inside, code=place.code(), by=RELYING, serial=SERIAL, client=client)
    with pytest.raises(TooOften):
        place.sample.house.do(inside, lambda desk: verify(ask, desk=desk))
    assert place.ask(place.code()) is Verdict.ACCEPTED, "others are not bothered"
    clock.move(minutes=10)
    assert place.ask(place.code(), serial=SERIAL, **more) is Verdict.ACCEPTED, "a right code is not counted"
    for _ in range(9):
        clock.move(minutes=10)
        for count in range(30):
            if count % 5 == 4:
                place.change(failures=0, failures_total=0)
            place.ask("000000" if place.code() != "000000" else "000001", serial="no-such", **more)
    clock.move(minutes=10)
    with pytest.raises(TooOften) as told:
        place.window.ask(place.code(), serial=SERIAL, **more)
    assert told.value.until - place.now > timedelta(minutes=10), "the second wait is longer"


def test_wrong_codes_of_one_batch_count_together(place: Place) -> None:
    vault, client = place.sample.house.vault, "2001:db8::1"
    more = {"client": client, "client_keys": client_keys(client, vault)}
    results = place.window.ask_at_once(*[place.window.question("123456", serial="no-such", **more)] * 40)
    assert Counter(type(one) for one in results) == {Judged: 30, TooOften: 10}
    neighbour = {"client": "2001:db8::2", "client_keys": client_keys("2001:db8::2", vault)}
    with pytest.raises(TooOften):
        place.window.ask("123456", serial="no-such", **neighbour)


def test_a_fault_in_a_batch_changes_nothing(engine: sa.Engine, house: House) -> None:
    sample = make_sample(house)
    decide = partial(judge_batch, vault=house.vault, entropy=house.entropy)

    def spoiled(found: Sequence[Found], now: datetime) -> Batch:
        batch = decide(found, now)
        lines = [one and replace(one, line=replace(one.line, source=None)) for one in batch.filings]  # type: ignore[arg-type]
        return replace(batch, filings=lines)

    with window_on(engine, house, sample.api_key, spoiled) as window:
        place = Place(sample, window, engine)
        before = place.token()
        with pytest.raises((Unavailable, Unconfirmed)):
            window.ask(place.code(), serial=SERIAL)
        assert place.token() == before
        assert place.lines(event="code:accepted") == []


def test_a_hold_placed_by_others_is_seen_at_once(place: Place) -> None:
    for hold in (Hold.LOST, Hold.SUSPENDED):
        place.change(holds=frozenset({hold}))
        assert place.ask(place.code()) is Verdict.ON_HOLD
    place.change(holds=frozenset())
    assert place.ask(place.code()) is Verdict.ACCEPTED


def test_who_no_longer_listens_holds_nobody_up(place: Place) -> None:
    async def gone() -> None:
        for _ in range(50):
            waiting = asyncio.ensure_future(judge(place.window.judging, place.window.question("123456", serial="no-such")))
            await asyncio.sleep(0)
            waiting.cancel()

    place.window._portal.call(gone)
    assert place.ask(place.code()) is Verdict.ACCEPTED
