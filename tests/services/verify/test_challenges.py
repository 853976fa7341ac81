"""A transaction is signed: asked once, answered once, in time, by the right token."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from otpward.core.errors import Invalid, SealBroken, TooOften
from otpward.core.lifecycle.others import RegistrationState
from otpward.core.lifecycle.token import Hold, TokenState
from otpward.core.model.transaction import Transaction
from otpward.core.oath.model import TokenKind
from otpward.core.oath.ocra_suite import parse_suite
from otpward.core.oath.question import make_question
from otpward.core.policy.rates import CHALLENGE_LIFE, CHALLENGES_OPEN
from otpward.core.policy.verification import Verdict
from otpward.core.secret import Personal
from otpward.ports.desk import House
from otpward.services.resync.resync import Resync, resync
from otpward.services.verify.make_challenge import NoChallenge, NoQuestionLeft
from tests.fakes.sample import make_sample
from tests.fakes.signer import COUNTED, PLAIN, TIMED, WHOLE, Signer, give
from tests.services.verify.signing import RENT, Signing
from tests.services.walk import RELYING, Walk, other_than, shown

SUITES = [PLAIN, COUNTED, TIMED, WHOLE]
UNCOUNTED = (0, 0)


@pytest.fixture
def signing(walk: Walk) -> Signing:
    return Signing.begun(walk)


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("whose", [{}, {"serial": None, "login": "m1001"}, {"serial": None, "login": " M1001 "}])
def test_a_good_answer_is_accepted_once(walk: Walk, suite: str, whose: dict[str, Any]) -> None:
    signing = Signing.begun(walk, suite)
    challenge = signing.ask(**whose)
    answer = signing.answer(challenge)
    first = signing.send(challenge.id, answer, **whose)
    assert (first.verdict, first.serial) == (Verdict.ACCEPTED, "OC-1")
    assert signing.kept(challenge).spent_at == walk.now
    assert signing.verdict(challenge.id, answer, **whose) is Verdict.CHALLENGE_SPENT
    assert signing.failures == UNCOUNTED
    assert walk.events()[-4:] == [
        "challenge:made=done",
        "code:accepted=accepted",
        "challenge:answered=done",
        "code:refused=challenge_spent",
    ]


def test_the_record_shows_what_was_signed(signing: Signing) -> None:
    challenge = signing.kept(signing.ask())
    assert challenge.transaction.reveal() == RENT.canonical
    assert challenge.question == make_question(parse_suite(PLAIN), challenge.nonce, RENT.canonical)
    assert (challenge.member_id, challenge.spent_at) == (signing.walk.member.id, None)
    assert challenge.expires_at - challenge.made_at == CHALLENGE_LIFE
    assert "650000" not in repr(challenge)


@pytest.mark.parametrize("suite", SUITES)
def test_wrong_answers_count_as_wrong_codes_do(walk: Walk, suite: str) -> None:
    signing = Signing.begun(walk, suite)
    challenge = signing.ask()
    right = signing.answer(challenge)
    left = [signing.send(challenge.id, other_than(right)).tries_left for _ in range(10)]
    assert left == [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]
    assert walk.token("OC-1").holds == frozenset({Hold.LOCKED})
    assert signing.verdict(challenge.id, right) is Verdict.LOCKED
    assert signing.kept(challenge).spent_at is None
    assert walk.told("locked")


def test_a_right_answer_after_wrong_ones_begins_anew(signing: Signing) -> None:
    challenge = signing.ask()
    right = signing.answer(challenge)
    for _ in range(9):
        assert signing.verdict(challenge.id, other_than(right)) is Verdict.WRONG_CODE
    assert signing.failures == (9, 9)
    assert signing.verdict(challenge.id, right) is Verdict.ACCEPTED
    assert signing.failures == UNCOUNTED


def test_the_hundredth_wrong_answer_blocks(signing: Signing) -> None:
    for _ in range(10):
        challenge = signing.ask()
        wrong = other_than(signing.answer(challenge))
        for _ in range(10):
            signing.send(challenge.id, wrong)
        signing.walk.clock.move(days=2)
    assert Hold.BLOCKED in signing.walk.token("OC-1").holds
    refused = signing.try_to_make()
    assert isinstance(refused, NoChallenge)
    assert refused.reason is Verdict.BLOCKED


def test_an_answer_that_comes_too_late_is_refused_without_counting(signing: Signing) -> None:
    challenge = signing.ask()
    answer = signing.answer(challenge)
    signing.walk.clock.move(seconds=CHALLENGE_LIFE.total_seconds())
    assert signing.verdict(challenge.id, answer) is Verdict.CHALLENGE_EXPIRED
    assert signing.verdict(challenge.id, other_than(answer)) is Verdict.CHALLENGE_EXPIRED
    assert signing.failures == UNCOUNTED


def test_an_answer_in_the_last_moment_is_good(signing: Signing) -> None:
    challenge = signing.ask()
    signing.walk.clock.move(seconds=CHALLENGE_LIFE.total_seconds() - 0.001)
    assert signing.verdict(challenge.id, signing.answer(challenge)) is Verdict.ACCEPTED


@pytest.mark.parametrize(
    "typed", ["", "1", "123456789", "abcdefgh", "1234567a", "12-345678", "१२३४५६७८", "1" * 10_240, "\0" * 8]
)
def test_what_cannot_be_an_answer_is_not_counted(signing: Signing, typed: str) -> None:
    assert signing.verdict(signing.ask().id, typed) is Verdict.WRONG_CODE
    assert signing.failures == UNCOUNTED


def test_spaces_and_full_width_digits_are_what_the_person_meant(signing: Signing) -> None:
    challenge = signing.ask()
    answer = signing.answer(challenge)
    wide = answer.translate({48 + n: 0xFF10 + n for n in range(10)})
    assert signing.verdict(challenge.id, f" {wide[:4]} {wide[4:]} ") is Verdict.ACCEPTED


def test_each_challenge_wants_its_own_answer(signing: Signing) -> None:
    first, second = signing.ask(), signing.ask()
    assert first.question != second.question
    answer = signing.answer(first)
    assert signing.verdict(second.id, answer) is Verdict.WRONG_CODE
    assert signing.verdict(first.id, answer) is Verdict.ACCEPTED
    assert signing.verdict(second.id, signing.answer(second)) is Verdict.ACCEPTED


def test_an_answer_to_another_amount_is_wrong(signing: Signing) -> None:
    # The relying system shows one amount and asks us about another: the questions differ, and so do the answers.
    harmless, harmful = signing.ask(), signing.ask(replace(RENT, amount="6500000"))
    assert signing.verdict(harmful.id, signing.answer(harmless)) is Verdict.WRONG_CODE


def test_an_answer_cannot_be_carried_over_by_changing_the_record(signing: Signing) -> None:
    # Who can write to the database puts the question that was answered under another transaction, and the other way round.
    signed, wanted = signing.ask(), signing.ask(replace(RENT, amount="6500000"))
    answer = signing.answer(signed)
    walk = signing.walk
    walk.edit(lambda uow: uow.challenges.save(replace(signing.kept(wanted), question=signed.question, nonce=signed.nonce)))
    with pytest.raises(SealBroken):
        signing.verdict(wanted.id, answer)
    walk.edit(lambda uow: uow.challenges.save(replace(signing.kept(signed), transaction=wanted.transaction)))
    with pytest.raises(SealBroken):
        signing.verdict(signed.id, answer)
    walk.edit(lambda uow: uow.challenges.save(replace(signing.kept(signed), transaction=Personal(""))))
    with pytest.raises(SealBroken):
        signing.verdict(signed.id, answer)


def test_the_challenge_of_another_token_is_unknown_here(walk: Walk) -> None:
    mine, theirs = Signing.begun(walk), Signing(walk, Signer(suite=PLAIN, serial="OC-2"))
    give(walk.sample, theirs.signer, login="m1002")
    challenge = theirs.ask()
    answer = theirs.answer(challenge)  # both have one seed, so that only the challenge tells them apart
    assert mine.verdict(challenge.id, answer) is Verdict.CHALLENGE_UNKNOWN
    assert mine.verdict(challenge.id, answer, serial=None, login="m1001") is Verdict.CHALLENGE_UNKNOWN
    assert (mine.failures, theirs.failures) == (UNCOUNTED, UNCOUNTED)
    assert theirs.verdict(challenge.id, answer) is Verdict.ACCEPTED


def test_of_two_tokens_of_a_member_the_one_that_was_asked_answers(walk: Walk) -> None:
    first, second = Signing.begun(walk), Signing.begun(walk, serial="OC-2", seed=b"the seed of another token......")
    challenge = first.ask()
    by_member: dict[str, Any] = {"serial": None, "login": "m1001"}
    assert first.verdict(challenge.id, second.answer(challenge), **by_member) is Verdict.WRONG_CODE
    assert (first.failures, second.failures) == ((1, 1), UNCOUNTED)
    assert first.send(challenge.id, first.answer(challenge), **by_member).serial == "OC-1"


def test_another_institution_does_not_know_the_challenge(walk: Walk, house: House) -> None:
    here = Signing.begun(walk)
    there = Signing.begun(Walk(make_sample(house, code="other")))
    challenge = here.ask()
    assert there.verdict(challenge.id, here.answer(challenge)) is Verdict.CHALLENGE_UNKNOWN
    assert there.failures == UNCOUNTED
    assert here.verdict(challenge.id, here.answer(challenge)) is Verdict.ACCEPTED


@pytest.mark.parametrize("challenge", [UUID(int=0), UUID("ffffffff-ffff-ffff-ffff-ffffffffffff")])
def test_a_challenge_that_was_never_made_is_refused_without_counting(signing: Signing, challenge: UUID) -> None:
    assert signing.verdict(challenge, "12345678") is Verdict.CHALLENGE_UNKNOWN
    assert signing.failures == UNCOUNTED
    assert signing.walk.events()[-1] == "code:refused=challenge_unknown"


def test_a_token_that_went_to_somebody_else_meanwhile_is_not_answered_for(signing: Signing) -> None:
    walk, challenge = signing.walk, signing.ask()
    token = walk.token("OC-1")
    bound = walk.look(lambda uow: uow.registrations.first(token_id=token.id, state=RegistrationState.LIVE))
    assert bound is not None
    walk.edit(lambda uow: uow.registrations.save(replace(bound, member_id=walk.sample.other.id)))
    assert signing.verdict(challenge.id, signing.answer(challenge)) is Verdict.CHALLENGE_UNKNOWN


def test_without_a_challenge_such_a_token_shows_nothing(signing: Signing) -> None:
    challenge = signing.ask()
    assert signing.verdict(None, signing.answer(challenge)) is Verdict.CHALLENGE_NEEDED
    pair = Resync(token_id=signing.walk.token("OC-1").id, first="12345678", second="12345679", by=RELYING)
    assert signing.walk.do(lambda desk: resync(pair, desk=desk)).verdict is Verdict.CHALLENGE_NEEDED
    assert signing.failures == UNCOUNTED


def test_a_token_of_another_kind_is_not_asked(signing: Signing) -> None:
    walk, code = signing.walk, shown("SN-00", signing.walk.now)
    challenge = signing.ask()
    assert signing.verdict(challenge.id, code, serial="SN-00") is Verdict.CHALLENGE_UNFIT
    assert signing.verdict(challenge.id, other_than(code), serial="SN-00") is Verdict.CHALLENGE_UNFIT
    assert walk.token("SN-00").failures == 0
    assert walk.verify(code, serial="SN-00") is Verdict.ACCEPTED
    refused = signing.try_to_make(serial="SN-00")
    assert isinstance(refused, NoChallenge)
    assert refused.reason is Verdict.CHALLENGE_UNFIT


def test_beside_it_another_token_goes_on_as_ever(signing: Signing) -> None:
    walk = signing.walk
    assert walk.verify(other_than(shown("SN-00", walk.now))) is Verdict.WRONG_CODE
    assert signing.failures == UNCOUNTED
    assert walk.verify(shown("SN-00", walk.now)) is Verdict.ACCEPTED
    assert "challenge_needed" not in " ".join(walk.events())


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"state": TokenState.RETIRED}, Verdict.NOT_ACTIVE),
        ({"state": TokenState.REGISTERED}, Verdict.NOT_ACTIVE),
        ({"holds": frozenset({Hold.LOST})}, Verdict.ON_HOLD),
        ({"holds": frozenset({Hold.BLOCKED})}, Verdict.BLOCKED),
        ({"valid_until": "now"}, Verdict.EXPIRED),
    ],
)
def test_a_token_that_cannot_answer_is_not_asked(signing: Signing, change: dict[str, Any], reason: Verdict) -> None:
    walk, challenge = signing.walk, signing.ask()
    answer = signing.answer(challenge)
    change = {name: walk.now if value == "now" else value for name, value in change.items()}
    walk.edit(lambda uow: uow.tokens.save(replace(walk.token("OC-1"), **change)))
    refused = signing.try_to_make()
    assert isinstance(refused, NoChallenge)
    assert refused.reason is reason
    assert walk.events()[-1] == f"challenge:refused={reason}"
    assert signing.verdict(challenge.id, answer) is reason
    assert signing.kept(challenge).spent_at is None


@pytest.mark.parametrize(
    ("whose", "reason"),
    [
        ({"serial": "OC-9"}, Verdict.UNKNOWN),
        ({"serial": "SN-02"}, Verdict.NOT_REGISTERED),
        ({"serial": None, "login": "nobody"}, Verdict.UNKNOWN),
        ({"serial": None, "login": "m1002"}, Verdict.NOT_REGISTERED),
        ({"serial": None, "login": "teller"}, Verdict.CHALLENGE_UNFIT),
    ],
)
def test_who_cannot_be_asked_is_not(signing: Signing, whose: dict[str, Any], reason: Verdict) -> None:
    refused = signing.try_to_make(**whose)
    assert isinstance(refused, NoChallenge)
    assert refused.reason is reason


def test_who_has_left_is_asked_nothing_and_answers_nothing(signing: Signing) -> None:
    challenge, walk = signing.ask(), signing.walk
    answer = signing.answer(challenge)
    walk.edit(lambda uow: uow.members.save(replace(walk.member, left_at=walk.now)))
    asked: list[tuple[dict[str, Any], Verdict]] = [
        ({}, Verdict.NOT_REGISTERED),
        ({"serial": None, "login": "m1001"}, Verdict.UNKNOWN),
    ]
    for whose, reason in asked:
        refused = signing.try_to_make(**whose)
        assert isinstance(refused, NoChallenge)
        assert refused.reason is reason
        assert signing.verdict(challenge.id, answer, **whose) is reason


def test_five_may_be_open_at_once(signing: Signing) -> None:
    made = [signing.ask() for _ in range(CHALLENGES_OPEN)]
    with pytest.raises(TooOften) as caught:
        signing.ask()
    assert caught.value.until == made[0].expires_at
    assert signing.verdict(made[2].id, signing.answer(made[2])) is Verdict.ACCEPTED
    made.append(signing.ask())
    with pytest.raises(TooOften):
        signing.ask()
    signing.walk.clock.move(seconds=CHALLENGE_LIFE.total_seconds())
    assert signing.ask().question not in {one.question for one in made}


def test_a_counter_moves_only_on_and_may_be_a_little_ahead(walk: Walk) -> None:
    signing = Signing.begun(walk, COUNTED)
    for counter, expected in ((0, 0), (11, 11), (12, 12)):
        challenge = signing.ask()
        signing.signer.counter = counter
        assert signing.verdict(challenge.id, signing.answer(challenge)) is Verdict.ACCEPTED
        assert walk.token("OC-1").high_water == expected
    challenge = signing.ask()
    for counter in (12, 0, 24):
        signing.signer.counter = counter
        assert signing.verdict(challenge.id, signing.answer(challenge)) is Verdict.WRONG_CODE
    signing.signer.counter = 23
    assert signing.verdict(challenge.id, signing.answer(challenge)) is Verdict.ACCEPTED


@pytest.mark.parametrize(("minutes", "verdict"), [(-2, "wrong_code"), (-1, "accepted"), (1, "accepted"), (2, "wrong_code")])
def test_time_may_be_a_step_off(walk: Walk, minutes: int, verdict: str) -> None:
    signing = Signing.begun(walk, TIMED)
    challenge = signing.ask()
    answer = signing.signer.to(challenge, walk.now + timedelta(minutes=minutes))
    assert signing.verdict(challenge.id, answer) == verdict


def test_a_wrong_pin_is_a_wrong_answer(walk: Walk) -> None:
    signing = Signing.begun(walk, WHOLE)
    challenge = signing.ask()
    signing.signer.pin = b"4822"
    assert signing.verdict(challenge.id, signing.answer(challenge)) is Verdict.WRONG_CODE
    signing.signer.pin = b"4821"
    assert signing.verdict(challenge.id, signing.answer(challenge)) is Verdict.ACCEPTED


def test_a_session_is_the_hash_that_the_device_can_make_itself(walk: Walk) -> None:
    signing = Signing.begun(walk, WHOLE)
    challenge = signing.ask()
    other = signing.ask(replace(RENT, account="110-999-999999"))
    answer = signing.signer.answer(challenge.question, walk.now, session=other.session)
    assert signing.verdict(challenge.id, answer) is Verdict.WRONG_CODE


@pytest.mark.parametrize(
    ("suite", "mine"),
    [("OCRA-1:HOTP-SHA256-8:QA08", "CLI22220"), (PLAIN, "00000042"), ("OCRA-1:HOTP-SHA512-8:C-QH08-PSHA1-T1M", "00abCDEF")],
)
def test_in_mutual_mode_each_side_answers_the_other(walk: Walk, suite: str, mine: str) -> None:
    signing = Signing.begun(walk, suite)
    made = signing.make(client_challenge=mine)
    challenge = made.challenge
    assert made.server_code == signing.signer.server_answer(mine, challenge.question, walk.now)
    assert signing.verdict(challenge.id, made.server_code) is Verdict.WRONG_CODE, "our own answer played back"
    assert signing.verdict(challenge.id, signing.signer.answer(challenge.question, walk.now)) is Verdict.WRONG_CODE
    assert signing.verdict(challenge.id, signing.answer(challenge)) is Verdict.ACCEPTED


def test_without_a_question_of_the_token_the_server_answers_nothing(signing: Signing) -> None:
    assert signing.make().server_code == ""


@pytest.mark.parametrize("mine", ["1234", "123456789", "1234567x", "１２３４５６７８", "1" * 10_240])
def test_a_question_of_the_token_that_does_not_fit_is_refused(signing: Signing, mine: str) -> None:
    with pytest.raises(Invalid) as caught:
        signing.ask(client_challenge=mine)
    assert caught.value.field == "client_challenge"


def test_our_question_does_not_come_back_as_the_tokens_own(signing: Signing) -> None:
    # Else whoever was asked asks us the same, and hands our answer back as theirs.
    question = signing.ask().question
    with pytest.raises(Invalid) as caught:
        signing.ask(client_challenge=question)
    assert caught.value.field == "client_challenge"


def test_nor_does_it_in_other_letters(walk: Walk) -> None:
    signing = Signing.begun(walk, "OCRA-1:HOTP-SHA256-8:QH16")
    question = signing.ask().question
    with pytest.raises(Invalid) as caught:
        signing.ask(client_challenge=question.lower())
    assert caught.value.field == "client_challenge"


def test_a_question_is_never_asked_twice_of_one_token(walk: Walk) -> None:
    signing = Signing.begun(walk, "OCRA-1:HOTP-SHA1-6:QN04")
    token, desk = walk.token("OC-1"), walk.house.desk(walk.inside)
    one = signing.ask()
    made = [replace(one, id=desk.new_id(), question=f"{n:04d}", spent_at=walk.now) for n in range(1, 10_000, 250)]

    def keep(uow: Any) -> None:
        for row in made:
            uow.challenges.add(row)

    walk.edit(keep)
    asked = {one.question}
    for _ in range(30):
        challenge = signing.ask()
        assert challenge.question not in asked | {row.question for row in made}
        assert challenge.question.strip("0")
        asked.add(challenge.question)
        walk.clock.move(minutes=1)
    assert walk.look(lambda uow: uow.challenges.count(token_id=token.id)) == 71


def test_when_every_question_was_asked_that_is_said(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    signing = Signing.begun(walk)
    once = signing.ask()
    monkeypatch.setattr("otpward.services.verify.make_challenge.make_question", lambda *_: once.question)
    with pytest.raises(NoQuestionLeft):
        signing.ask()


def test_other_transactions_are_other_questions_with_the_same_chance(walk: Walk) -> None:
    suite = parse_suite("OCRA-1:HOTP-SHA256-8:QA20")
    one = make_question(suite, bytes(32), RENT.canonical)
    for name, value in RENT.values.items():
        changed = {name: "USD" if name == "currency" else value + "1"}
        assert make_question(suite, bytes(32), Transaction(**{**RENT.values, **changed}).canonical) != one


def test_an_imported_token_has_its_set_up_beside_it_and_no_pin_in_the_clear(walk: Walk) -> None:
    signing = Signing.begun(walk, WHOLE)
    token = walk.token(signing.signer.serial)
    assert (token.kind, token.digits, token.period_s, token.high_water) == (TokenKind.OCRA, 10, 30, -1)
    signer = walk.look(lambda uow: uow.signers.get(token.id))
    assert signer.suite == WHOLE
    assert len(signer.pin_hash) > 32
    assert walk.look(lambda uow: uow.signers.first(id=walk.token("SN-00").id)) is None
