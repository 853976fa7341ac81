"""The institution's own rules: every version, one beside the one in force, tried on a sample member, and put into force by two
people."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.core.errors import Invalid, NotFound
from otpward.core.lifecycle.table import IllegalTransition
from otpward.core.model.member import Area, Operator
from otpward.core.model.policy_version import PolicyVersion
from otpward.core.policy.document.faults import BadPolicy
from otpward.core.policy.roles import Permission
from otpward.core.policy.versions import FarDate, PastDate
from otpward.edges.http.console.door import admit, told
from otpward.edges.http.console.policy_view import (
    PATH,
    POLICIES,
    list_page,
    look_at,
    new_page,
    policy_page,
)
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.edges.http.words import later
from otpward.services.oversee.policies.approve_policy import DecidePolicy, approve_policy, send_back_policy
from otpward.services.oversee.policies.hands import OwnPolicy, StalePolicy
from otpward.services.oversee.policies.propose_policy import ProposePolicy, propose_policy
from otpward.services.oversee.policies.save_policy import NoDraft, SavePolicy, TooManyDrafts, save_policy
from otpward.services.oversee.policies.withdraw_policy import InForce, WithdrawPolicy, withdraw_policy

_DONE: Final[Mapping[str, str]] = {
    "saved": later("Saved as a draft. Nothing changes until a second person has approved it."),
    "proposed": later("Sent for approval. A second person decides."),
    "approved": later("Approved. It is in force from its day; what began earlier keeps its own version."),
    "sent_back": later("Sent back. It is a draft again."),
    "withdrawn": later("Withdrawn."),
}


def show_policies(visit: Visit) -> Response:
    """Every version, the newest first."""
    admit(visit, *POLICIES)
    return list_page(visit)


def show_new(visit: Visit) -> Response:
    """A new draft, from the version in force or the one that the address names."""
    admit(visit, Permission.SET_POLICY)
    return new_page(visit)


def send_new(visit: Visit) -> Response:
    """It is checked, or kept as a draft."""
    operator = admit(visit, Permission.SET_POLICY)
    return _write(visit, operator, None)


def show_policy(visit: Visit) -> Response:
    """One version: its text, what it changes, what it would ask of a sample member, and what can be done with it."""
    operator = admit(visit, *POLICIES)
    return policy_page(visit, operator, look_at(visit), done=told(visit, _DONE))


def send_policy(visit: Visit) -> Response:
    """What the form of the page asks for."""
    operator = admit(visit, Permission.SET_POLICY)
    act = _ACTS.get(visit.form.get("act", ""))
    if act is None:
        return _write(visit, operator, _number(visit))
    try:
        done = act(visit, operator)
    except (PastDate, FarDate) as error:
        return policy_page(visit, operator, look_at(visit), errors={"effective_on": _day_sentence(visit, error)})
    except OwnPolicy:
        return policy_page(visit, operator, look_at(visit), errors={"": visit.words._("You cannot approve your own request")})
    except BadPolicy as error:
        return policy_page(visit, operator, look_at(visit), errors={"": error.faults[0].sentence(visit.lang)})
    except (StalePolicy, IllegalTransition, InForce):
        return _changed(visit, operator)
    return visit.go(f"{PATH}/{_number(visit)}?done={done}")


def _write(visit: Visit, operator: Operator, number: int | None) -> Response:
    """The text is checked; and kept, unless it was only to be checked."""
    text, checking = visit.form.get("text", ""), visit.form.get("act") == "check"
    show: Callable[..., Response] = (
        (lambda **more: new_page(visit, **more))
        if number is None
        else (lambda **more: policy_page(visit, operator, look_at(visit), **more))
    )
    if checking:
        return show(checked=text)
    ask = SavePolicy(
        institution_id=visit.institution.id,
        author=operator,
        text=text,
        note=visit.form.get("note", ""),
        number=number,
        seen_version=_seen(visit) if number is not None else None,
    )
    try:
        saved: PolicyVersion = visit.do(lambda desk: save_policy(ask, desk=desk))
    except BadPolicy as error:
        sentences = [fault.sentence(visit.lang) for fault in error.faults]
        return show(checked=text, errors={"text": sentences[0]}, faults=sentences)
    except TooManyDrafts:
        return show(errors={"": visit.words._("There are too many drafts. Withdraw one first")})
    except (StalePolicy, NoDraft):
        return _changed(visit, operator)
    return visit.go(f"{PATH}/{saved.number}?done=saved")


def _changed(visit: Visit, operator: Operator) -> Response:
    sentence = visit.words._("It changed since you looked. What you see now is as it is")
    return policy_page(visit, operator, look_at(visit), errors={"": sentence}, status=409)


def _propose(visit: Visit, operator: Operator) -> str:
    ask = ProposePolicy(
        institution_id=visit.institution.id,
        author=operator,
        number=_number(visit),
        effective_on=_day(visit.form.get("effective_on", "")),
        seen_version=_seen(visit),
    )
    visit.do(lambda desk: propose_policy(ask, desk=desk))
    return "proposed"


def _approve(visit: Visit, operator: Operator) -> str:
    visit.do(lambda desk: approve_policy(_decision(visit, operator), desk=desk))
    return "approved"


def _send_back(visit: Visit, operator: Operator) -> str:
    visit.do(lambda desk: send_back_policy(_decision(visit, operator), desk=desk))
    return "sent_back"


def _withdraw(visit: Visit, operator: Operator) -> str:
    ask = WithdrawPolicy(institution_id=visit.institution.id, author=operator, number=_number(visit), seen_version=_seen(visit))
    visit.do(lambda desk: withdraw_policy(ask, desk=desk))
    return "withdrawn"


_ACTS: Final[Mapping[str, Callable[[Visit, Operator], str]]] = {
    "propose": _propose,
    "approve": _approve,
    "send_back": _send_back,
    "withdraw": _withdraw,
}


def _decision(visit: Visit, operator: Operator) -> DecidePolicy:
    return DecidePolicy(
        institution_id=visit.institution.id, operator=operator, number=_number(visit), seen_version=_seen(visit)
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise PastDate("no day", field="effective_on") from None


def _day_sentence(visit: Visit, error: Invalid) -> str:
    _ = visit.words._
    if isinstance(error, FarDate):
        return _("Choose a day within the next two years")
    return _("Choose today or a later day")


def _number(visit: Visit) -> int:
    text = visit.path("name")
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise NotFound("no such version")
    return int(text)


def _seen(visit: Visit) -> int | None:
    text = visit.form.get("seen", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def routes(front: Front) -> list[BaseRoute]:
    """The pages of this room."""
    area = Area.CONSOLE
    return [
        page_route(front, PATH, area=area, get=show_policies, explain=explain),
        page_route(front, f"{PATH}/new", area=area, get=show_new, post=send_new, explain=explain),
        page_route(front, PATH + "/{name}", area=area, get=show_policy, post=send_policy, explain=explain),
    ]
