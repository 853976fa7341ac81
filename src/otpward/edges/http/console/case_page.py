"""The page of one application: facts and checks on the left, the decision or the next act on the right."""

from collections.abc import Mapping, Sequence
from typing import Final

from starlette.responses import Response

from otpward.core.lifecycle.case import OPEN, CaseState
from otpward.core.model.case import CaseStep
from otpward.core.model.member import Operator
from otpward.core.policy.roles import Permission
from otpward.edges.http.badges import CASES
from otpward.edges.http.console.case_view import CaseView, Next, read_case
from otpward.edges.http.console.door import LOSSES, MEMBERS, admit, allowed, told
from otpward.edges.http.console.labels import Labels
from otpward.edges.http.console.masks import masked_address, masked_birth
from otpward.edges.http.console.sentences import ASK, REFUSE
from otpward.edges.http.front import Visit
from otpward.edges.http.words import Words, later

DONE: Final[Mapping[str, str]] = {
    "taken_up": later("You have taken this application up."),
    "proposed": later("Sent for approval. A second person decides."),
    "approved": later("Approved. The member has been told."),
    "asked": later("The member has been asked for more."),
    "refused": later("Refused. The member has been told why."),
    "reserved": later("The device is set aside for this application."),
    "made": later("The app token is made. The member can register it now."),
    "set_out": later("Ready to collect. The member has been sent the place and the last day."),
    "packed": later("The parcel is planned. Now hand it in and scan it."),
    "sent": later("On its way. The member has been sent the tracking number."),
    "delivered": later("Delivered. The member has been told to register the device."),
    "returned": later("Returned. The device is set aside; choose another one."),
    "missing": later("Missing. The device will never work; choose another one."),
}


def show_case(visit: Visit) -> Response:
    """The application under this number."""
    operator = admit(visit, Permission.SEE_CASES)
    return case_response(visit, operator, look_at(visit, operator))


def look_at(visit: Visit, operator: Operator) -> CaseView:
    """The case that the address names; raises `NotFound`."""
    number, now = visit.path("no"), visit.front.house.clock.now()
    return visit.look(lambda uow: read_case(number, operator=operator, uow=uow, now=now))


def case_response(
    visit: Visit,
    operator: Operator,
    view: CaseView,
    *,
    errors: Mapping[str, str] | None = None,
    status: int | None = None,
    changed: Sequence[CaseStep] | None = None,
) -> Response:
    """The page. `changed` is given when a decision came too late: what happened since the operator looked."""
    words = visit.words
    packing = view.next in {Next.PACK, Next.DISPATCH} and view.may_act
    address = view.case.address.reveal()
    return visit.page(
        "console/cases/case.html",
        errors=errors,
        status=status,
        view=view,
        case=view.case,
        label=Labels(words),
        state_word=lambda state: words._(CASES[state][0]),
        done=told(visit, DONE) if errors is None and changed is None else None,
        changed=changed,
        birth=masked_birth(view.member.birth_date.reveal()),
        address=(address if packing else masked_address(address)) if address else "",
        sees_member=allowed(operator, *MEMBERS),
        sees_loss=allowed(operator, *LOSSES),
        sees_tokens=allowed(operator, Permission.SEE_TOKENS),
        steps=_timeline(visit, view),
        sentences=_sentences(view, words),
        now=visit.front.house.clock.now(),
    )


def _sentences(view: CaseView, words: Words) -> list[tuple[str, str]]:
    """The ready sentences that fit what can be decided now."""
    ask = ASK if view.case.state is CaseState.CHECKING else {}
    return [
        *((f"ask.{key}", words._("Ask: {sentence}", sentence=words._(text))) for key, text in ask.items()),
        *((f"refuse.{key}", words._("Refuse: {sentence}", sentence=words._(text))) for key, text in REFUSE.items()),
    ]


def _timeline(visit: Visit, view: CaseView) -> list[dict[str, object]]:
    words, label = visit.words, Labels(visit.words)
    last = len(view.steps) - 1
    running = view.case.state in OPEN
    return [
        {
            "title": words._(CASES[step.state][0]),
            "state": "now" if place == last and running else "done",
            "at": step.at,
            "actor": label(step.by_role),
            "note": step.note,
        }
        for place, step in enumerate(view.steps)
    ]
