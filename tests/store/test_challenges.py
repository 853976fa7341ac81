"""What the store promises of challenges, alike in memory, on SQLite and on PostgreSQL; and that races change nothing."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from otpward.core.errors import Moved, SealBroken, TooOften
from otpward.core.lifecycle.token import Hold
from otpward.core.model.challenge import Challenge
from otpward.core.policy.rates import CHALLENGES_OPEN
from otpward.core.policy.verification import Verdict
from otpward.ports.desk import House
from otpward.services.verify.make_challenge import MadeChallenge
from otpward.store import tables
from otpward.store.engine import open_engine
from tests.fakes.house import memory_house, sql_house, sqlite_engine
from tests.fakes.sample import make_sample
from tests.fakes.signer import COUNTED, PLAIN, WHOLE
from tests.services.verify.signing import RENT, Signing
from tests.services.walk import Walk, other_than

HIDDEN = ("amount=650000", "김하나", "110-123-456789", RENT.canonical)


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sa.Engine]:
    made = sqlite_engine(tmp_path) if request.param == "sqlite" else open_engine(request.getfixturevalue("postgres_url"))
    yield made
    made.dispose()


@pytest.fixture
def on_disk(engine: sa.Engine) -> Walk:
    return Walk(make_sample(sql_house(engine)))


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    if request.param == "memory":
        yield memory_house()
        return
    engine = sqlite_engine(tmp_path) if request.param == "sqlite" else open_engine(request.getfixturevalue("postgres_url"))
    yield sql_house(engine)
    engine.dispose()


@pytest.fixture
def walk(house: House) -> Walk:
    return Walk(make_sample(house))


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each returned or raised; they begin together."""
    start, results = threading.Barrier(len(acts)), list[Any]()

    def run(act: Callable[[], Any]) -> None:
        start.wait(30)
        try:
            results.append(act())
        except Exception as error:
            results.append(error)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert len(results) == len(acts)
    return results


def test_a_challenge_and_its_signer_come_back_as_they_were(walk: Walk) -> None:
    signing = Signing.begun(walk, WHOLE)
    challenge = signing.ask()
    assert signing.kept(challenge) == challenge
    assert walk.look(lambda uow: uow.challenges.find(token_id=challenge.token_id, spent_at=None)) == [challenge]
    signer = walk.look(lambda uow: uow.signers.get(challenge.token_id))
    assert (signer.suite, signer.version) == (WHOLE, 1)


def test_the_latest_to_expire_are_found_first(walk: Walk) -> None:
    signing = Signing.begun(walk)
    made = []
    for _ in range(3):
        made.append(signing.ask())
        walk.clock.move(seconds=10)
    latest = walk.look(lambda uow: uow.challenges.find(token_id=made[0].token_id, spent_at=None, order="-expires_at", limit=2))
    assert [one.id for one in latest] == [made[2].id, made[1].id]


def test_a_challenge_is_spent_by_compare_and_set(walk: Walk) -> None:
    signing = Signing.begun(walk)
    challenge = signing.ask()
    spent = replace(challenge, spent_at=walk.now)
    walk.edit(lambda uow: uow.challenges.save(spent))
    with pytest.raises(Moved):
        walk.edit(lambda uow: uow.challenges.save(spent))


def test_what_was_refused_half_way_spent_nothing(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    signing = Signing.begun(walk, COUNTED)
    challenge = signing.ask()

    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("on purpose")

    with monkeypatch.context() as patch:
        patch.setattr("otpward.services.verify.answer_challenge.replace", fails)
        with pytest.raises(RuntimeError):
            signing.verdict(challenge.id, signing.answer(challenge))
    assert signing.kept(challenge).spent_at is None
    assert walk.token("OC-1").high_water == -1
    assert signing.verdict(challenge.id, signing.answer(challenge)) is Verdict.ACCEPTED


def dump(engine: sa.Engine) -> bytes:
    """Every value of every table of ours, octets as octets and as hexadecimal."""
    octets = bytearray()
    with engine.connect() as connection:
        for table in tables.metadata.sorted_tables:
            for row in connection.exec_driver_sql(f'SELECT * FROM "{table.name}"'):
                for value in row:
                    one = bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
                    octets += one + b"\n" + one.hex().encode() + b"\n"
    return bytes(octets)


def test_what_is_signed_and_the_pin_cannot_be_read_from_the_tables(on_disk: Walk, engine: sa.Engine) -> None:
    pin = b"a PIN of many letters, to be looked for"
    signing = Signing.begun(on_disk, WHOLE, pin=pin)
    challenge = signing.ask()
    assert signing.verdict(challenge.id, signing.answer(challenge)) is Verdict.ACCEPTED
    octets = dump(engine)
    assert challenge.question.encode() in octets, "the question is no secret, and shows that this dump is one"
    hidden = [*(text.encode() for text in HIDDEN), pin, sha256(pin).digest(), signing.signer.seed]
    assert [one for one in hidden if one in octets or one.hex().encode() in octets] == []


def test_a_pin_opens_in_its_own_row_only(on_disk: Walk, engine: sa.Engine) -> None:
    mine, other = Signing.begun(on_disk, WHOLE), Signing.begun(on_disk, WHOLE, serial="OC-2", pin=b"0000")
    challenge = mine.ask()
    stolen = on_disk.look(lambda uow: uow.signers.get(on_disk.token("OC-2").id)).pin_hash
    with engine.begin() as connection:
        row = tables.signer.c.id == challenge.token_id
        connection.execute(sa.update(tables.signer).where(row).values(pin_hash=stolen))
    mine.signer.pin = other.signer.pin
    with pytest.raises(SealBroken):
        mine.verdict(challenge.id, mine.answer(challenge))


def test_a_transaction_opens_in_its_own_row_only(on_disk: Walk, engine: sa.Engine) -> None:
    signing = Signing.begun(on_disk)
    one, other = signing.ask(), signing.ask(replace(RENT, amount="6500000"))
    with engine.begin() as connection:
        table = tables.challenge
        sealed = connection.execute(sa.select(table.c.transaction).where(table.c.id == other.id)).scalar_one()
        connection.execute(sa.update(table).where(table.c.id == one.id).values(transaction=sealed))
    with pytest.raises(SealBroken):
        signing.verdict(one.id, signing.answer(one))


def test_an_answer_that_comes_sixteen_times_at_once_is_accepted_once(on_disk: Walk) -> None:
    for suite, serial in ((PLAIN, "OC-1"), (COUNTED, "OC-2")):
        signing = Signing.begun(on_disk, suite, serial=serial)
        for _ in range(5):
            challenge = signing.ask()
            answer = signing.answer(challenge)
            told = Counter(at_once(*[lambda c=challenge, a=answer, s=signing: s.verdict(c.id, a)] * 16))
            assert told == {Verdict.ACCEPTED: 1, Verdict.CHALLENGE_SPENT: 15}, told
            signing.signer.counter += 1
        assert signing.failures == (0, 0)
    assert on_disk.look(lambda uow: len(uow.audit.find(event="challenge:answered", limit=1000))) == 10


def test_of_forty_wrong_answers_at_once_ten_are_looked_at(on_disk: Walk) -> None:
    signing = Signing.begun(on_disk)
    challenges = [signing.ask() for _ in range(CHALLENGES_OPEN)]
    wrong = [other_than(signing.answer(one)) for one in challenges]
    tries = [
        lambda c=challenge, w=typed: signing.verdict(c.id, w)
        for challenge, typed in list(zip(challenges, wrong, strict=True)) * 8
    ]
    told = Counter(at_once(*tries))
    assert told == {Verdict.WRONG_CODE: 10, Verdict.LOCKED: 30}
    assert on_disk.token("OC-1").holds == frozenset({Hold.LOCKED})


def test_of_twenty_challenges_wished_for_at_once_five_are_made(on_disk: Walk) -> None:
    signing = Signing.begun(on_disk)
    results = at_once(*[signing.make] * 20)
    made = [one for one in results if isinstance(one, MadeChallenge)]
    assert len(made) == CHALLENGES_OPEN, results
    assert all(isinstance(one, TooOften) for one in results if not isinstance(one, MadeChallenge)), results
    assert len({one.challenge.question for one in made}) == CHALLENGES_OPEN


def test_two_challenges_answered_at_once_are_both_accepted(on_disk: Walk) -> None:
    signing = Signing.begun(on_disk)
    asked: list[Challenge] = [signing.ask() for _ in range(2)]
    acts = [lambda c=one: signing.verdict(c.id, signing.answer(c)) for one in asked]
    assert at_once(*acts) == [Verdict.ACCEPTED, Verdict.ACCEPTED]
    assert all(signing.kept(one).spent_at for one in asked)


def test_one_institution_never_sees_the_challenges_of_another(walk: Walk, house: House) -> None:
    there = Walk(make_sample(house, code="other"))
    challenge = Signing.begun(walk).ask()
    assert there.look(lambda uow: uow.challenges.first(id=challenge.id)) is None
    assert there.look(lambda uow: uow.signers.first(id=challenge.token_id)) is None
    assert challenge.expires_at - challenge.made_at == timedelta(minutes=3)
