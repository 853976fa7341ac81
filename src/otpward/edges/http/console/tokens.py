"""OTP devices: found by serial; tested, adjusted and stopped on one page, each act with its consequence."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.clerk.asking import KINDS as LETTERS
from otpward.clerk.checks import Checking
from otpward.core.errors import Invalid
from otpward.core.lifecycle.token import TRANSITIONS, Hold, TokenEvent, TokenState
from otpward.core.model.device_check import CheckDoor
from otpward.core.model.member import Area, Operator
from otpward.core.policy.roles import Permission, require
from otpward.core.policy.verification import LIMITS, Verdict, standing
from otpward.edges.http.check_words import CheckWords
from otpward.edges.http.console.door import MEMBERS, admit, allowed, told
from otpward.edges.http.console.forecast import CAUSES
from otpward.edges.http.console.history import Historian
from otpward.edges.http.console.labels import Labels
from otpward.edges.http.console.lifts import lifts, may_unlock, seen, send_approval, send_lift, send_unlock
from otpward.edges.http.console.notice_labels import KINDS
from otpward.edges.http.console.token_search import search_page
from otpward.edges.http.console.token_view import TokenView, read_token, sentence
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.edges.http.words import Words, later
from otpward.services.resync.check_device import CheckDevice, check_device
from otpward.services.resync.resync import Resync, resync
from otpward.services.resync.stop_token import StopToken, stop_token
from otpward.services.retire.ask_retire import AskedAlready, AskRetire, ask_retire

PATH: Final = "/console/tokens"
_AT_THE_DESK: Final = Checking(door=CheckDoor.CONSOLE)
_DONE: Final = {
    "tested": later("The OTP number is right. It has been used up; the next one is good again."),
    "adjusted": later("Time adjusted"),
    "stopped": later("Stopped. From this moment every OTP number of it is refused."),
    "asked": later("Sent for approval"),
    "unlocked": later("Unlocked. The next number is good again. The member has been told."),
    "lifted": later("The stop is lifted. The member has been told."),
}
_ALIVE: Final = frozenset(TokenState) - {TokenState.RETIRED, TokenState.DESTROYED}


def show_tokens(visit: Visit) -> Response:
    """The search; a serial that exists leads to its device at once."""
    operator = admit(visit, Permission.SEE_TOKENS)
    asked = visit.query.get("q", "").strip()[:128]
    if asked:
        token = visit.look(lambda uow: uow.tokens.first(serial=asked) or uow.tokens.first(serial=asked.upper()))
        if token is not None:
            return visit.go(address(token.serial))
    return search_page(visit, operator, asked)


def address(serial: str) -> str:
    """Where the device of this serial is shown."""
    return f"{PATH}/{quote(serial, safe='')}"


def show_token(visit: Visit) -> Response:
    """One device."""
    operator = admit(visit, Permission.SEE_TOKENS)
    return _page(visit, operator)


def send_act(visit: Visit) -> Response:
    """Test, adjust, stop it, lift a stop, or open a lock."""
    operator = admit(visit, Permission.SEE_TOKENS)
    view = visit.look(lambda uow: read_token(visit.path("serial"), uow=uow))
    match visit.form.get("act"):
        case "lift":
            done, errors = send_lift(visit, view, operator)
        case "approve_lift":
            done, errors = send_approval(visit, view, operator)
        case "unlock":
            done, errors = send_unlock(visit, view, operator)
        case "test":
            errors = _test(visit, view, operator)
            done = "tested"
        case "adjust":
            errors = _adjust(visit, view, operator)
            done = "adjusted"
        case "stop":
            errors = _stop(visit, view, operator)
            done = "stopped"
        case "retire":
            errors = _retire(visit, view, operator)
            done = "asked"
        case _:
            raise Invalid("no such act", field="act")
    return _page(visit, operator, errors) if errors else visit.go(f"{address(view.token.serial)}?done={done}")


def _page(visit: Visit, operator: Operator, errors: Mapping[str, str] | None = None) -> Response:
    view = visit.look(lambda uow: read_token(visit.path("serial"), uow=uow))
    token, now = view.token, visit.front.house.clock.now()
    looked_at = standing(token, now=now, despite=frozenset({Hold.DRIFTED})) is None
    # a number that was typed is spent or wrong: it is never shown again
    kept = {name: visit.form.get(name, "") for name in ("reason", "why")}
    return visit.page(
        "console/tokens/token.html",
        errors=errors,
        values=kept,
        view=view,
        token=token,
        sentence=sentence(view, visit.words),
        label=Labels(visit.words),
        ends=[(visit.words._(CAUSES[cause]), day) for cause, day in view.forecast.days],
        letter=visit.words._(KINDS[LETTERS[view.reminded.occasion]]) if view.reminded else "",
        historian=Historian(visit.words),
        check_words=CheckWords(visit.words),
        done=told(visit, _DONE) if not errors else None,
        action=address(token.serial),
        may_test=allowed(operator, Permission.TEST_TOKEN) and looked_at,
        may_adjust=allowed(operator, Permission.RESYNC) and looked_at,
        may_stop=allowed(operator, Permission.STOP_TOKEN) and token.state in _ALIVE and Hold.SUSPENDED not in token.holds,
        may_retire=_may_retire(view, operator),
        retiring=visit.look(lambda uow: uow.retirements.first(open_key=str(token.id))) is not None,
        lifts=lifts(view, operator, now),
        may_unlock=may_unlock(view, operator, now),
        seen=seen(visit, view, operator),
        prove=_prove(view, operator),
        sees_member=allowed(operator, *MEMBERS),
        most_wrong=LIMITS.in_a_row,
        now=now,
    )


def _may_retire(view: TokenView, operator: Operator) -> bool:
    held = view.member is None or view.member.id != operator.member_id
    return allowed(operator, Permission.STOP_TOKEN) and TokenEvent.RETIRE in TRANSITIONS[view.token.state] and held


def _prove(view: TokenView, operator: Operator) -> str:
    """Where the holder's papers are compared, for the act that is put behind it; empty if this operator cannot do so."""
    may = allowed(operator, Permission.HAND_OVER) and view.member is not None and view.member.id != operator.member_id
    return f"/console/members/{view.member.id}/prove?act=" if may and view.member is not None else ""


def _test(visit: Visit, view: TokenView, operator: Operator) -> dict[str, str]:
    require(operator.role, Permission.TEST_TOKEN)
    code = visit.form.get("code", "")
    if not code.strip():
        return {"code": visit.words._("Enter the number that the OTP shows")}
    ask = CheckDevice(token_id=view.token.id, code=code, where=_AT_THE_DESK, by=operator.actor)
    examined = visit.do(lambda desk: check_device(ask, desk=desk)).examined
    text = verdict_text(examined.verdict, examined.tries_left, visit.words)
    return {"code": text} if text else {}


def _adjust(visit: Visit, view: TokenView, operator: Operator) -> dict[str, str]:
    require(operator.role, Permission.RESYNC)
    _ = visit.words._
    first, second = visit.form.get("first", ""), visit.form.get("second", "")
    typed = {"first": first, "second": second}
    missing = {name: _("Enter the number that the OTP shows") for name, code in typed.items() if not code.strip()}
    if missing:
        return missing
    ask = Resync(token_id=view.token.id, first=first, second=second, by=operator.actor, where=_AT_THE_DESK)
    examined = visit.do(lambda desk: resync(ask, desk=desk))
    match examined.verdict:
        case Verdict.ACCEPTED:
            return {}
        case Verdict.WRONG_CODE:
            return {"first": _("These are not two numbers in a row. Wait for a new one and enter it and the next")}
        case verdict:
            return {"first": verdict_text(verdict, examined.tries_left, visit.words)}


def _stop(visit: Visit, view: TokenView, operator: Operator) -> dict[str, str]:
    ask = StopToken(token_id=view.token.id, operator=operator, reason=visit.form.get("reason", ""))
    try:
        visit.do(lambda desk: stop_token(ask, desk=desk))
    except Invalid:
        return {"reason": visit.words._("Write why it is stopped")}
    return {}


def _retire(visit: Visit, view: TokenView, operator: Operator) -> dict[str, str]:
    ask = AskRetire(token_id=view.token.id, operator=operator, reason=visit.form.get("why", ""))
    try:
        visit.do(lambda desk: ask_retire(ask, desk=desk))
    except Invalid:
        return {"why": visit.words._("Write why it is retired")}
    except AskedAlready:
        return {"why": visit.words._("A colleague has asked for it already. It waits for approval")}
    return {}


def verdict_text(verdict: Verdict, tries_left: int, words: Words) -> str:
    """What is said to staff of a number that was not taken; nothing if it was."""
    _ = words._
    match verdict:
        case Verdict.ACCEPTED:
            return ""
        case Verdict.WRONG_CODE:
            return _("That is not the right number. {left} tries left", left=tries_left)
        case Verdict.REPLAYED:
            return _("That number was used. Enter the next one")
        case Verdict.RESYNC_NEEDED:
            return _("Enter two numbers in a row to adjust the time")
        case Verdict.LOCKED:
            return _("It is locked after wrong numbers. Try again when the time is over")
        case Verdict.BLOCKED:
            return _("It is blocked after too many wrong numbers. A new OTP is needed")
        case Verdict.ON_HOLD:
            return _("It is stopped, so no number is looked at")
        case Verdict.EXPIRED:
            return _("Its validity is over")
        case Verdict.NOT_ACTIVE | Verdict.NOT_REGISTERED | Verdict.UNKNOWN:
            return _("It is not in use, so no number is looked at")
        case (
            Verdict.CHALLENGE_NEEDED
            | Verdict.CHALLENGE_UNFIT
            | Verdict.CHALLENGE_UNKNOWN
            | Verdict.CHALLENGE_SPENT
            | Verdict.CHALLENGE_EXPIRED
        ):
            return _("It only signs transactions, so it shows no number by itself")


def routes(front: Front) -> list[BaseRoute]:
    """The pages of this room."""
    area = Area.CONSOLE
    return [
        page_route(front, PATH, area=area, get=show_tokens, explain=explain),
        page_route(front, PATH + "/{serial:path}", area=area, get=show_token, post=send_act, explain=explain),
    ]
