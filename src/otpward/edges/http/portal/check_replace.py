"""Beyond help: what its holder can still try, and the application for a new one, filled in with what was found."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.core.lifecycle.case import CaseState
from otpward.core.model.case import Reason
from otpward.core.model.device_check import Complaint
from otpward.core.policy.applicants import WrongKind, kinds_for
from otpward.core.policy.versions import day_of
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.edges.http.portal.check_move import may_be_moved
from otpward.edges.http.portal.checked_device import Owned, checking, complaint_of, kept, now_of, with_any_device
from otpward.edges.http.portal.terms import policy_here
from otpward.edges.http.words import later
from otpward.services.apply.start_application import StartApplication, start_application
from otpward.services.resync.give_up import GiveUp, give_up


@dataclass(frozen=True, slots=True)
class Advice:
    """What the page of one complaint says, and what to try before a new one is asked for."""

    title: str
    tries: tuple[str, ...]


ADVICE: Final[Mapping[Complaint, Advice]] = {
    Complaint.DARK: Advice(
        later("The screen stays dark"),
        (
            later("Press the button for two seconds."),
            later("Warm it in your hand if it was in the cold, and press again."),
            later("It has no battery to change: if it stays dark, a new one is needed."),
        ),
    ),
    Complaint.DAMAGED: Advice(
        later("The screen is damaged"),
        (
            later("If you can still read the whole number, check it: it may work until the new one comes."),
            later("If parts of the number are missing, do not guess. Wrong numbers lock it."),
        ),
    ),
    Complaint.PHONE_CHANGED: Advice(
        later("I changed my phone"),
        (
            later("Keep the old phone until the end: its OTP works until the new one does."),
            later("The OTP does not move with a copy of the phone. The app on the new phone is registered anew."),
            later("If the old phone is lost or sold, report the OTP lost first."),
        ),
    ),
    Complaint.APP_DELETED: Advice(
        later("I deleted the app"),
        (
            later("Install the app again. Some apps bring your OTP back from their own backup: then check it with one number."),
            later("If your OTP is not in the app, its key is gone. The app is registered anew."),
        ),
    ),
    Complaint.REFUSED: Advice(
        later("We could not adjust it. You may need a new device"),
        (later("The numbers do not belong to this device any more. A new one is needed."),),
    ),
}


def show_replace(visit: Visit, owned: Owned) -> Response:
    """What can be tried, and the button for a new one."""
    complaint = complaint_of(visit)
    advice = ADVICE.get(complaint)
    if advice is None:
        return visit.go("/check")
    return visit.page(
        "portal/check/replace.html",
        values=kept(visit, owned),
        owned=owned,
        why=complaint,
        title=visit.words._(advice.title),
        tries=[visit.words._(text) for text in advice.tries],
        free_months=_free_months(visit, complaint),
        may_move=complaint is Complaint.PHONE_CHANGED and may_be_moved(visit, owned),
    )


def send_replace(visit: Visit, owned: Owned) -> Response:
    """The check ends, and the application begins with its reason and device filled in, or the open one goes on."""
    seat, complaint = visit.seat, complaint_of(visit)
    if seat is None or complaint not in ADVICE:
        return visit.go("/check")
    member = seat.member
    ask = GiveUp(token_id=owned.chosen.token.id, member_id=member.id, where=checking(visit), by=visit.actor())
    check = visit.do(lambda desk: give_up(ask, desk=desk))
    kinds = kinds_for(policy_here(visit), member.birth_date.reveal(), day_of(now_of(visit)))
    kind = kinds[0].name if kinds else "individual"
    begin = StartApplication(
        institution_id=visit.institution.id,
        member_id=member.id,
        browser=visit.browser,
        source=visit.source,
        applicant=kind,
        check_id=check.id,
    )
    try:
        case = visit.do(lambda desk: start_application(begin, desk=desk))
    except WrongKind:
        return visit.go(f"/apply?{urlencode({'kind': kind})}")
    return visit.go("/apply/tasks" if case.state is CaseState.DRAFT else f"/cases/{case.number}")


def _free_months(visit: Visit, complaint: Complaint) -> int:
    """Within how many months a broken device is replaced free of charge; 0 if that is not promised or not the case."""
    if complaint in {Complaint.PHONE_CHANGED, Complaint.APP_DELETED}:
        return 0
    waivers = policy_here(visit).waivers
    return max((one.device_months for one in waivers if Reason.FAULTY in one.scope.reasons and not one.age_from), default=0)


def routes(front: Front) -> list[BaseRoute]:
    """One page for each complaint that no number can help."""
    shown, sent = with_any_device(show_replace), with_any_device(send_replace)
    return [page_route(front, "/check/replace", get=shown, post=sent, explain=explain)]
