"""Why an OTP number was not taken, in words for the one who typed it and has shown who they are."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, assert_never

from otpward.core.lifecycle.token import Hold
from otpward.core.model.token import Token
from otpward.core.policy.verification import LIMITS, Verdict, standing
from otpward.edges.http.front import Visit

_ABOUT_THE_CODE: Final = frozenset({Verdict.WRONG_CODE, Verdict.REPLAYED, Verdict.RESYNC_NEEDED, Verdict.CHALLENGE_NEEDED})


def refusal(visit: Visit, verdict: Verdict, tokens: Sequence[Token], *, despite: frozenset[Hold] = frozenset()) -> str:
    """The sentence for a verdict; `tokens` are those that could have shown the number, as they are after it. `despite` are the
    holds that this page overlooks."""
    _, now, phone = visit.words._, visit.front.house.clock.now(), visit.institution.phone
    locked = locked_until(tokens, now, despite=despite)
    if locked is not None and verdict in _ABOUT_THE_CODE | {Verdict.LOCKED}:
        minutes = max(1, -(-int((locked - now).total_seconds()) // 60))
        time = visit.front.pages.show(visit.lang).time(locked)
        return _("Too many wrong tries. Try again in {n} min, after {time}, or call {phone}", n=minutes, time=time, phone=phone)
    usable = [token for token in tokens if standing(token, now=now, despite=despite) is None]
    if usable and verdict not in _ABOUT_THE_CODE:
        verdict = Verdict.WRONG_CODE  # one device is stopped, but the number was tried on another that works
    match verdict:
        case Verdict.WRONG_CODE:
            left = min((LIMITS.in_a_row - token.failures for token in usable), default=0)
            return _("That is not the right number. {left} tries left", left=left)
        case Verdict.REPLAYED:
            return _("That number was used. Enter the next one")
        case Verdict.RESYNC_NEEDED:
            return _("Enter two numbers in a row to adjust the time")
        case Verdict.LOCKED | Verdict.BLOCKED:
            return _("This OTP is blocked after too many wrong numbers. Visit a branch, or call {phone}", phone=phone)
        case Verdict.ON_HOLD:
            return _("This OTP is stopped. Apply for a new one, or call {phone}", phone=phone)
        case Verdict.EXPIRED:
            return _("This OTP has expired. Apply for a new one, or call {phone}", phone=phone)
        case Verdict.NOT_ACTIVE | Verdict.NOT_REGISTERED | Verdict.UNKNOWN:
            return _("You have no OTP in use. Apply for one, or call {phone}", phone=phone)
        case (
            Verdict.CHALLENGE_NEEDED
            | Verdict.CHALLENGE_UNFIT
            | Verdict.CHALLENGE_UNKNOWN
            | Verdict.CHALLENGE_SPENT
            | Verdict.CHALLENGE_EXPIRED
        ):
            return _("This OTP only signs transactions. Here another OTP is needed")
        case Verdict.ACCEPTED:
            return ""
        case unknown:
            assert_never(unknown)


def locked_until(tokens: Sequence[Token], now: datetime, *, despite: frozenset[Hold] = frozenset()) -> datetime | None:
    """When the first of these can be tried again, if all that could be are locked for a time."""
    ends = [token.locked_until for token in tokens if Hold.LOCKED in token.holds and token.locked_until is not None]
    running = [end for end in ends if end > now]
    free = any(standing(token, now=now, despite=despite) is None for token in tokens)
    return None if free or not running else min(running)
