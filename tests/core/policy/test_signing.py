"""Is this the answer to that challenge, and what becomes of the token?"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otpward.core.errors import SealBroken
from otpward.core.ids import InstitutionId, MemberId, TokenId
from otpward.core.lifecycle.token import Hold, TokenState
from otpward.core.model.challenge import Challenge
from otpward.core.model.token import Token
from otpward.core.model.transaction import Transaction
from otpward.core.oath.model import TokenKind
from otpward.core.oath.ocra_suite import Suite, parse_suite
from otpward.core.oath.question import make_question, make_session
from otpward.core.oath.totp import time_step
from otpward.core.policy.signing import ONE_IN, PLACES_MAX, SigningKeys, answer_of_server, examine_answer, places
from otpward.core.policy.verification import Examined, Verdict, examine, examine_pair
from otpward.core.secret import Personal, Secret
from tests.fakes.signer import COUNTED, PLAIN, SEED, TIMED, WHOLE, Signer

NOW = datetime(2026, 11, 23, 3, 0, 20, tzinfo=UTC)
DATA = Transaction(amount="1000", currency="KRW", payee="김하나").canonical


def never() -> Secret:
    raise AssertionError("a sealed part was opened")


def keys_of(suite: Suite) -> SigningKeys:
    return SigningKeys(suite=suite, seed=lambda: Secret(SEED), pin_hash=lambda: Secret(b""))


def closed(suite: Suite) -> SigningKeys:
    return SigningKeys(suite=suite, seed=never, pin_hash=never)


def token_of(suite: Suite, **changes: Any) -> Token:
    made = Token(
        id=TokenId(UUID(int=1)),
        institution_id=InstitutionId(UUID(int=2)),
        serial="OC-1",
        state=TokenState.ACTIVE,
        kind=TokenKind.OCRA,
        algorithm=suite.algorithm,
        digits=suite.digits,
        period_s=suite.step_s,
        seed=b"sealed",
    )
    return replace(made, **changes)


def challenge_of(suite: Suite, **changes: Any) -> Challenge:
    nonce = bytes(32)
    made = Challenge(
        id=UUID(int=3),
        institution_id=InstitutionId(UUID(int=2)),
        token_id=TokenId(UUID(int=1)),
        member_id=MemberId(UUID(int=4)),
        question=make_question(suite, nonce, DATA),
        session=make_session(suite, DATA),
        nonce=nonce,
        transaction=Personal(DATA),
        made_at=NOW,
        expires_at=NOW + timedelta(minutes=3),
    )
    return replace(made, **changes)


def look(token: Token, challenge: Challenge | None, typed: str, suite: Suite, now: datetime = NOW) -> Examined:
    return examine_answer(token, challenge, typed, keys=keys_of(suite), now=now)


QN08 = parse_suite(PLAIN)
ANSWER = Signer(suite=PLAIN).to(challenge_of(QN08), NOW)


def test_a_right_answer_sets_everything_right() -> None:
    found = look(token_of(QN08, failures=3, failures_total=13), challenge_of(QN08), ANSWER, QN08)
    assert (found.verdict, found.changed, found.tries_left) == (Verdict.ACCEPTED, True, 10)
    after = found.token
    assert (after.failures, after.failures_total, after.used_at, after.high_water) == (0, 0, NOW, -1)


@pytest.mark.parametrize(
    ("changes", "challenge", "verdict"),
    [
        ({}, None, Verdict.CHALLENGE_UNKNOWN),
        ({}, {"token_id": TokenId(UUID(int=9))}, Verdict.CHALLENGE_UNKNOWN),
        ({}, {"spent_at": NOW}, Verdict.CHALLENGE_SPENT),
        ({}, {"expires_at": NOW}, Verdict.CHALLENGE_EXPIRED),
        ({}, {"spent_at": NOW, "expires_at": NOW}, Verdict.CHALLENGE_SPENT),
        ({"kind": TokenKind.HOTP}, {}, Verdict.CHALLENGE_UNFIT),
        ({"kind": TokenKind.TOTP, "period_s": 60}, {}, Verdict.CHALLENGE_UNFIT),
        ({"holds": frozenset({Hold.LOST})}, {}, Verdict.ON_HOLD),
        ({"state": TokenState.RETIRED}, None, Verdict.NOT_ACTIVE),
        ({"valid_until": NOW}, {"spent_at": NOW}, Verdict.EXPIRED),
    ],
)
def test_what_could_not_be_accepted_is_neither_opened_nor_counted(
    changes: dict[str, Any], challenge: dict[str, Any] | None, verdict: Verdict
) -> None:
    token = token_of(QN08, failures=2, **changes)
    asked = None if challenge is None else challenge_of(QN08, **challenge)
    found = examine_answer(token, asked, ANSWER, keys=closed(QN08), now=NOW)
    assert (found.verdict, found.changed, found.token) == (verdict, False, token)


@pytest.mark.parametrize("typed", ["", "1234567", "123456789", "1234567x", "1" * 65])
def test_what_cannot_be_an_answer_opens_nothing(typed: str) -> None:
    found = examine_answer(token_of(QN08), challenge_of(QN08), typed, keys=closed(QN08), now=NOW)
    assert (found.verdict, found.changed, found.tries_left) == (Verdict.WRONG_CODE, False, 10)


def test_codes_and_pairs_are_not_taken_from_a_token_that_is_asked() -> None:
    token = token_of(QN08)
    for found in (
        examine(token, ANSWER, seed=never, now=NOW),
        examine_pair(token, ANSWER, ANSWER, seed=never, now=NOW),
    ):
        assert (found.verdict, found.changed, found.tries_left) == (Verdict.CHALLENGE_NEEDED, False, 10)


@pytest.mark.parametrize(
    "changes",
    [{"question": "12345678"}, {"nonce": bytes(31) + b"\1"}, {"transaction": Personal(DATA + "x")}, {"session": "x"}],
)
def test_a_record_whose_parts_do_not_belong_together_is_a_fault(changes: dict[str, Any]) -> None:
    with pytest.raises(SealBroken):
        look(token_of(QN08), challenge_of(QN08, **changes), ANSWER, QN08)


@given(
    digits=st.integers(4, 10),
    counter=st.booleans(),
    step=st.sampled_from(["", "-T1S", "-T7S", "-T30S", "-T1M", "-T59M", "-T48H"]),
    drift=st.integers(-20, 20),
    used=st.integers(-1, 2**62),
)
def test_guesses_have_little_to_hit(digits: int, counter: bool, step: str, drift: int, used: int) -> None:
    suite = parse_suite(f"OCRA-1:HOTP-SHA1-{digits}:{'C-' if counter else ''}QN08{step}")
    found = places(suite, token_of(suite, high_water=used, drift_steps=drift), now=NOW)
    steps = {place.step for place in found}
    assert len(found) == len(set(found)) == len(steps) * len({place.counter for place in found})
    assert len(found) <= max(len(steps), min(PLACES_MAX, 10**digits // ONE_IN))
    assert all((place.counter is None) != counter for place in found)
    assert all(place.counter is None or place.counter > used for place in found)
    assert (steps == {None}) != bool(step)
    assert not step or time_step(NOW, suite.step_s) in steps


@pytest.mark.parametrize(
    ("suite", "counters", "steps"),
    [
        ("OCRA-1:HOTP-SHA1-4:C-QN08", 1, 1),
        ("OCRA-1:HOTP-SHA1-5:C-QN08", 10, 1),
        ("OCRA-1:HOTP-SHA1-6:C-QN08", 11, 1),
        ("OCRA-1:HOTP-SHA1-6:QN08-T1M", 1, 3),
        ("OCRA-1:HOTP-SHA1-6:QN08-T1S", 1, 61),
        ("OCRA-1:HOTP-SHA1-6:C-QN08-T1S", 1, 61),
        ("OCRA-1:HOTP-SHA1-5:QN08-T1S", 1, 9),
        ("OCRA-1:HOTP-SHA1-4:QN08-T1S", 1, 3),
        ("OCRA-1:HOTP-SHA1-4:C-QN08-T1M", 1, 3),
        ("OCRA-1:HOTP-SHA1-6:C-QN08-T20S", 11, 5),
    ],
)
def test_how_many_places_are_looked_at(suite: str, counters: int, steps: int) -> None:
    read = parse_suite(suite)
    found = places(read, token_of(read), now=NOW)
    assert (len({place.counter for place in found}), len({place.step for place in found})) == (counters, steps)


def test_the_counter_of_an_answer_becomes_the_high_water_mark() -> None:
    suite = parse_suite(COUNTED)
    challenge, signer = challenge_of(suite), Signer(suite=COUNTED, counter=44)
    found = look(token_of(suite, high_water=40), challenge, signer.to(challenge, NOW), suite)
    assert (found.verdict, found.token.high_water) == (Verdict.ACCEPTED, 44)
    again = look(found.token, challenge, signer.to(challenge, NOW), suite)
    assert (again.verdict, again.token.failures) == (Verdict.WRONG_CODE, 1)


@pytest.mark.parametrize("drift", [-3, 0, 3])
def test_a_drift_that_is_known_is_reckoned_with(drift: int) -> None:
    suite = parse_suite(TIMED)
    challenge = challenge_of(suite)
    answer = Signer(suite=TIMED).to(challenge, NOW + timedelta(minutes=3))
    verdict = look(token_of(suite, drift_steps=drift), challenge, answer, suite).verdict
    assert (verdict is Verdict.ACCEPTED) == (drift == 3)


@pytest.mark.parametrize("suite", [PLAIN, COUNTED, TIMED, WHOLE])
def test_the_server_answers_what_the_token_expects(suite: str) -> None:
    read, signer = parse_suite(suite), Signer(suite=suite)
    mine = "0" * (read.length - 1) + "7"
    challenge = challenge_of(read, client_challenge=mine)
    answer = answer_of_server(challenge, token_of(read), keys=closed_pin(read), now=NOW)
    assert answer == signer.server_answer(mine, challenge.question, NOW, session=challenge.session)
    assert answer != signer.to(challenge, NOW)


def closed_pin(suite: Suite) -> SigningKeys:
    """The server's own answer needs no PIN, so none is opened."""
    return SigningKeys(suite=suite, seed=lambda: Secret(SEED), pin_hash=never)
