"""Is this the answer to that challenge, and what becomes of the token? Wrong answers count as wrong codes do, here as there."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from otpward.core.errors import SealBroken
from otpward.core.model.challenge import Challenge
from otpward.core.model.token import Token
from otpward.core.oath.judge import STANDARD, Match, Window
from otpward.core.oath.model import TokenKind
from otpward.core.oath.ocra import DataInput, Place, find_answers, ocra
from otpward.core.oath.ocra_suite import Suite
from otpward.core.oath.question import make_question, make_session
from otpward.core.oath.totp import time_step
from otpward.core.oath.typed_code import normalise_code
from otpward.core.oath.window import hotp_candidates, totp_candidates
from otpward.core.policy.verification import LIMITS, Examined, Limits, Verdict, settle, standing
from otpward.core.secret import Secret

PLACES_MAX: Final = 100
ONE_IN: Final = 10_000
"""Of so many guesses about one is right, so ten before a lock have a chance of one in a thousand. The slack of time and the
look-ahead of the counter give way to it: with four digits only the step beside now is left, with six and more there are at most
a hundred places."""
SLACK_S: Final = 30
"""So long between reading the answer off the device and its arrival, or so wrong its clock, beside the steps of the window."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKeys:
    """How the sealed parts of a token are opened, once they are needed."""

    suite: Suite
    seed: Callable[[], Secret]
    pin_hash: Callable[[], Secret]


def examine_answer(
    token: Token,
    challenge: Challenge | None,
    typed: str,
    *,
    keys: SigningKeys | None,
    now: datetime,
    limits: Limits = LIMITS,
    window: Window = STANDARD,
) -> Examined:
    """Judge the answer `typed` to `challenge`, None where there is none of this token. As with codes, it is evaluated only
    where a right one would be accepted; then the caller also saves the challenge as spent, in the same transaction. `keys` are
    there for an OCRA token.

    Raises:
        SealBroken: the question is not the one that was made for this transaction.
    """
    reason = standing(token, now=now)
    if reason is not None:
        return Examined(verdict=reason, token=token, changed=False, tries_left=0)
    left = limits.in_a_row - token.failures
    unfit = _unfit(token, challenge, now)
    if unfit is not None or challenge is None or keys is None:
        return Examined(verdict=unfit or Verdict.CHALLENGE_UNFIT, token=token, changed=False, tries_left=left)
    code = normalise_code(typed, token.digits)
    if code is None:
        return Examined(verdict=Verdict.WRONG_CODE, token=token, changed=False, tries_left=left)
    _refuse_changed(challenge, keys.suite)
    asked = DataInput(
        question=challenge.question + challenge.client_challenge, pin_hash=keys.pin_hash(), session=challenge.session
    )
    found = find_answers(keys.seed(), keys.suite, asked, code, places(keys.suite, token, now=now, window=window))
    if not found:
        return settle(token, None, now=now, limits=limits)
    counter = found[0].counter
    position = token.high_water if counter is None else counter
    return settle(token, Match(position=position, drift_steps=token.drift_steps), now=now, limits=limits)


def answer_of_server(challenge: Challenge, token: Token, *, keys: SigningKeys, now: datetime) -> str:
    """What the server answers in mutual mode, for the token to check before it answers itself (RFC 6287 §7.3)."""
    suite = keys.suite.of_server
    step = max(0, time_step(now, suite.step_s) + token.drift_steps) if suite.step_s else None
    place = Place(counter=token.high_water + 1 if suite.counter else None, step=step)
    asked = DataInput(question=challenge.client_challenge + challenge.question, session=challenge.session)
    return ocra(keys.seed(), suite, asked, place)


def places(suite: Suite, token: Token, *, now: datetime, window: Window = STANDARD) -> list[Place]:
    """Where on its way the token may be now: the counters after the last accepted one, the time steps around now."""
    most = min(PLACES_MAX, 10**suite.digits // ONE_IN)
    steps: Iterable[int | None] = (None,)
    if suite.step_s:
        slack = min(-(-SLACK_S // suite.step_s), (most - 1) // 2)
        before, after = max(window.before_steps, slack), max(window.after_steps, slack)
        steps = totp_candidates(time_step(now, suite.step_s), token.drift_steps, before=before, after=after)
    steps = tuple(steps)
    counters: Iterable[int | None] = (None,)
    if suite.counter:
        counters = hotp_candidates(token.high_water + 1, min(window.look_ahead, max(0, most // len(steps) - 1)))
    return [Place(counter=counter, step=step) for counter in counters for step in steps]


def _unfit(token: Token, challenge: Challenge | None, now: datetime) -> Verdict | None:
    if token.kind is not TokenKind.OCRA:
        return Verdict.CHALLENGE_UNFIT
    if challenge is None or challenge.token_id != token.id:
        return Verdict.CHALLENGE_UNKNOWN
    if challenge.spent_at is not None:
        return Verdict.CHALLENGE_SPENT
    return Verdict.CHALLENGE_EXPIRED if now >= challenge.expires_at else None


def _refuse_changed(challenge: Challenge, suite: Suite) -> None:
    """The transaction is sealed and the question is not: they must still belong together."""
    canonical = challenge.transaction.reveal()
    made = (make_question(suite, challenge.nonce, canonical), make_session(suite, canonical))
    if made != (challenge.question, challenge.session):
        raise SealBroken("challenge.question: not made for this transaction")
