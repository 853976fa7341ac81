"""The second pair of eyes: who asks, what, before and after, why; approve or send back."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.core.errors import Conflict, Denied, Invalid
from otpward.core.model.member import Area, Operator
from otpward.core.policy.case_acts import CaseAct
from otpward.core.policy.roles import Permission
from otpward.edges.http.address import key_of, pick
from otpward.edges.http.console.door import admit, allowed, told
from otpward.edges.http.console.requests import MOST, SHOWN, TITLES, Kind, Request, count_cases, see_requests
from otpward.edges.http.console.requests_devices import retirements, seed_exports
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.edges.http.words import later
from otpward.ports.unit_of_work import UnitOfWork
from otpward.services.apply.approve import approve
from otpward.services.apply.deny_act import deny_act
from otpward.services.apply.review import Decision, OwnRequest
from otpward.services.apply.send_back import send_back
from otpward.services.health.decide_campaign import DecideCampaign, OwnCampaign, send_back_campaign, start_campaign
from otpward.services.oversee.policies.approve_policy import DecidePolicy, approve_policy, send_back_policy
from otpward.services.oversee.policies.hands import OwnPolicy
from otpward.services.report_loss.lift_hold import ApproveLift, OwnLift, approve_lift
from otpward.services.report_loss.send_back_lift import SendBackLift, send_back_lift
from otpward.services.retire.ask_retire import OwnRetirement
from otpward.services.retire.decide_retire import DecideRetire, approve_retire, send_back_retire
from otpward.services.stock.approve_export import ApproveExport, approve_export
from otpward.services.stock.send_back_export import SendBackExport, send_back_export

PATH: Final = "/console/approvals"
SECOND: Final = (Permission.APPROVE, Permission.SET_POLICY)
_DONE: Final[Mapping[str, str]] = {
    "approved": later("Approved. It is done."),
    "sent_back": later("Sent back to whoever asked."),
}


def show_approvals(visit: Visit) -> Response:
    """All that waits for a second person."""
    return _page(visit, admit(visit, *SECOND))


def send_approval(visit: Visit) -> Response:
    """One of them is decided."""
    operator = admit(visit, *SECOND)
    kind = pick(Kind, visit.form.get("kind"))
    act = visit.form.get("act", "")
    if kind is None or act not in {"approve", "send_back"}:
        raise Invalid("no such act", field="act")
    request = _request(visit, operator, kind)
    if request is None:
        return _changed(visit, operator)
    reason = visit.form.get("reason", "").strip()
    if act == "send_back" and kind is Kind.CASE and not reason:
        wrong = visit.words._("Write why, for the colleague who reads it")
        return _page(visit, operator, errors={f"reason-{request.key}": wrong})
    try:
        _ACTS[kind](visit, operator, request, act)
    except (OwnRequest, OwnLift, OwnPolicy, OwnCampaign, OwnRetirement) as error:
        _write_down(visit, operator, request, error)
        return _page(visit, operator, errors={"": visit.words._("You cannot approve your own request")}, status=403)
    except Denied as error:
        _write_down(visit, operator, request, error)
        raise
    except Conflict:
        return _changed(visit, operator)
    return visit.go(f"{PATH}?done={'approved' if act == 'approve' else 'sent_back'}")


def _page(visit: Visit, operator: Operator, errors: Mapping[str, str] | None = None, status: int | None = None) -> Response:
    now = visit.front.house.clock.now()
    asked = _number(visit)

    def read(uow: UnitOfWork) -> tuple[list[Request], int]:
        found = _every(visit, operator, uow, now, min(asked * SHOWN, MOST))
        others = sum(one.kind is not Kind.CASE for one in found)
        return found, others + count_cases(operator, uow=uow)

    every, count = visit.look(read)
    number = min(asked, max(1, -(-count // SHOWN)))
    shown = every[(number - 1) * SHOWN : number * SHOWN]
    return visit.page(
        "console/approvals/list.html",
        errors=errors,
        status=status,
        requests=shown,
        pager=_pager(visit, number, count) if count > SHOWN else None,
        titles={kind: visit.words._(title) for kind, title in TITLES.items()},
        done=told(visit, _DONE) if errors is None else None,
    )


def _every(visit: Visit, operator: Operator, uow: UnitOfWork, now: datetime, cases: int = MOST) -> list[Request]:
    """All that this operator could be asked, what lapses first first; of applications so many."""
    found = see_requests(operator, visit.words, uow=uow, now=now, cases=cases)
    if allowed(operator, Permission.APPROVE):
        found += retirements(operator, visit.words, uow=uow, now=now)
    if allowed(operator, Permission.SET_POLICY):
        found += seed_exports(operator, visit.words, uow=uow, now=now)
    return sorted(found, key=lambda one: (one.until is None, one.until or now, one.key))


def _number(visit: Visit) -> int:
    typed = visit.query.get("page", "")
    return int(typed) if typed.isascii() and typed.isdigit() and 0 < len(typed) < 4 and int(typed) else 1


def _pager(visit: Visit, number: int, count: int) -> dict[str, str | None]:
    first, last = (number - 1) * SHOWN + 1, min(number * SHOWN, count)
    return {
        "text": visit.words._("{first}–{last} of {n}", first=first, last=last, n=count),
        "before": f"{PATH}?page={number - 1}" if number > 1 else None,
        "after": f"{PATH}?page={number + 1}" if last < count else None,
    }


def _changed(visit: Visit, operator: Operator) -> Response:
    sentence = visit.words._("It changed since you looked. What you see now is as it is")
    return _page(visit, operator, errors={"": sentence}, status=409)


def _request(visit: Visit, operator: Operator, kind: Kind) -> Request | None:
    """The one that the form names, if it still stands as it was shown."""
    now, key = visit.front.house.clock.now(), key_of(visit.form.get("key", ""))
    found = visit.look(lambda uow: _every(visit, operator, uow, now))
    one = next((one for one in found if one.kind is kind and one.key == key), None)
    return one if one is not None and str(one.seen) == visit.form.get("seen") else None


def _case(visit: Visit, operator: Operator, request: Request, act: str) -> None:
    case = visit.look(lambda uow: uow.cases.get(request.key))
    decision = Decision(case_id=case.id, operator=operator, seen_version=request.seen, reason=visit.form.get("reason", ""))
    visit.do(lambda desk: approve(decision, desk=desk) if act == "approve" else send_back(decision, desk=desk))


def _lift(visit: Visit, operator: Operator, request: Request, act: str) -> None:
    line = visit.look(lambda uow: uow.holds.get(request.key))
    if act == "approve":
        ask = ApproveLift(token_id=line.token_id, hold=line.hold, operator=operator)
        visit.do(lambda desk: approve_lift(ask, desk=desk))
    else:
        visit.do(lambda desk: send_back_lift(SendBackLift(hold_id=line.id, operator=operator), desk=desk))


def _policy(visit: Visit, operator: Operator, request: Request, act: str) -> None:
    number = visit.look(lambda uow: uow.policies.get(request.key)).number
    ask = DecidePolicy(institution_id=visit.institution.id, operator=operator, number=number, seen_version=request.seen)
    visit.do(lambda desk: (approve_policy if act == "approve" else send_back_policy)(ask, desk=desk))


def _campaign(visit: Visit, operator: Operator, request: Request, act: str) -> None:
    number = visit.look(lambda uow: uow.campaigns.get(request.key)).number
    ask = DecideCampaign(operator=operator, number=number, seen_version=request.seen)
    visit.do(lambda desk: (start_campaign if act == "approve" else send_back_campaign)(ask, desk=desk))


def _retire(visit: Visit, operator: Operator, request: Request, act: str) -> None:
    ask = DecideRetire(wish_id=request.key, operator=operator, seen_version=request.seen)
    if act == "approve":
        visit.do(lambda desk: approve_retire(ask, desk=desk))
    else:
        visit.do(lambda desk: send_back_retire(ask, desk=desk))


def _export(visit: Visit, operator: Operator, request: Request, act: str) -> None:
    if act == "approve":
        if request.own:
            raise OwnRequest("whoever asks for seeds does not approve it")
        person = visit.look(lambda uow: uow.members.get(operator.member_id)).login
        # the card says whether the file lies open, and the press is on the card
        ask = ApproveExport(export_id=request.key, by=operator.actor, person=person, clear=True)
        visit.do(lambda desk: approve_export(ask, desk=desk))
    else:
        visit.do(lambda desk: send_back_export(SendBackExport(export_id=request.key, by=operator.actor), desk=desk))


_ACTS: Final[Mapping[Kind, Callable[[Visit, Operator, Request, str], None]]] = {
    Kind.CASE: _case,
    Kind.LIFT: _lift,
    Kind.POLICY: _policy,
    Kind.RETIRE: _retire,
    Kind.EXPORT: _export,
    Kind.CAMPAIGN: _campaign,
}


def _write_down(visit: Visit, operator: Operator, request: Request, error: Denied) -> None:
    if request.kind is Kind.CASE:
        case = visit.look(lambda uow: uow.cases.get(request.key))
        visit.do(lambda desk: deny_act(case, CaseAct.APPROVE, operator, error.code, desk=desk))


def routes(front: Front) -> list[BaseRoute]:
    """The page of this room."""
    return [page_route(front, PATH, area=Area.CONSOLE, get=show_approvals, post=send_approval, explain=explain)]
