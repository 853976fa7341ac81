"""The page of one application: facts and checks on the left, the decision or the next act on the right."""

from collections.abc import Mapping, Sequence
from typing import Final

from starlette.responses import Response

from otpward.clerk.collecting import who_collects
from otpward.clerk.documents import sent_items
from otpward.core.lifecycle.case import OPEN, CaseState
from otpward.core.model.case import CaseStep, Delivery, Documents
from otpward.core.model.document import Document
from otpward.core.model.member import Operator
from otpward.core.policy.asked_papers import asked_papers
from otpward.core.policy.case_acts import POSSIBLE, CaseAct, may_act
from otpward.core.policy.roles import Permission
from otpward.edges.http.applicant_words import acted_for
from otpward.edges.http.badges import CASES
from otpward.edges.http.check_words import CheckWords
from otpward.edges.http.console.case_changes import shown_fields
from otpward.edges.http.console.case_presence import presence
from otpward.edges.http.console.case_view import CaseView, Next, read_case
from otpward.edges.http.console.documents import kept_documents
from otpward.edges.http.console.door import LOSSES, MEMBERS, admit, allowed, told
from otpward.edges.http.console.fee_panel import fee_panel
from otpward.edges.http.console.labels import Labels
from otpward.edges.http.console.masks import masked_address, masked_birth
from otpward.edges.http.console.notice_rows import rows_of, told_in
from otpward.edges.http.console.rows import reviewers
from otpward.edges.http.documents_words import KINDS, item_title
from otpward.edges.http.front import Visit
from otpward.edges.http.words import Words, later

DONE: Final[Mapping[str, str]] = {
    "noted": later("Noted. Only colleagues see it."),
    "assigned": later("It is settled whose work this is."),
    "sent_back": later("Sent back to whoever checked it."),
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
    "erased": later("The picture is erased. If the paper is still needed, ask for it with the decision."),
    "fee_paid": later("The payment is recorded."),
    "fee_waived": later("The fee is waived."),
    "fee_refunded": later("The refund is recorded."),
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
    differences: Sequence[tuple[str, str, str]] = (),
) -> Response:
    """The page. `changed` is given when a decision came too late: what happened since the operator looked, and which
    fields are others now."""
    words = visit.words
    packing = view.next in {Next.PACK, Next.DISPATCH} and view.may_act
    address = view.case.address.reveal()
    return visit.page(
        "console/cases/case.html",
        errors=errors,
        status=status,
        view=view,
        case=view.case,
        documents=_documents(visit, view, operator),
        fee=fee_panel(visit, view, operator),
        told=rows_of(visit, visit.look(lambda uow: told_in(view.case, uow))),
        label=Labels(words),
        check_words=CheckWords(words),
        state_word=lambda state: words._(CASES[state][0]),
        done=told(visit, DONE) if errors is None and changed is None else None,
        changed=changed,
        differences=differences,
        shown=shown_fields(visit, view),
        viewing=presence(visit, view.case, operator),
        can={act.value: may_act(operator.role, act, view.case.state) for act in CaseAct if view.case.state in POSSIBLE[act]},
        staff=visit.look(reviewers) if may_act(operator.role, CaseAct.ASSIGN, view.case.state) else [],
        birth=masked_birth(view.member.birth_date.reveal()),
        address=(address if packing else masked_address(address)) if address else "",
        sees_member=allowed(operator, *MEMBERS),
        sees_loss=allowed(operator, *LOSSES),
        sees_tokens=allowed(operator, Permission.SEE_TOKENS),
        hands_over=allowed(operator, Permission.HAND_OVER),
        steps=_timeline(visit, view),
        sentences=_sentences(view, words),
        wanted=[(one.document.name, one.document.title.text(words.lang)) for one in view.asked.papers],
        papers=_papers(visit, view),
        kind=view.policy.kinds[view.case.applicant].title.text(words.lang),
        acting=_acting(view, operator, words),
        collects=_collects(visit, view),
        now=visit.front.house.clock.now(),
    )


def _documents(visit: Visit, view: CaseView, operator: Operator) -> list[tuple[Document, str]]:
    """Pictures of papers, each with what it is; none for a role that may not open them."""
    if not allowed(operator, Permission.REVIEW):
        return []
    found = visit.look(lambda uow: kept_documents(uow, view.case.id))
    return [(one, _titled(one, view, visit.words)) for one in found]


def _papers(visit: Visit, view: CaseView) -> list[str]:
    """Each paper that the application takes, and how it is shown."""
    words, now = visit.words, visit.front.house.clock.now()
    sent = visit.look(lambda uow: sent_items(view.case, view.asked, uow=uow, now=now))
    shown = view.case.documents in {Documents.AT_COUNTER, Documents.ON_DELIVERY}
    later_on = Labels(words)(view.case.documents) if shown else words._("The paper is missing")
    told = words._("A picture was sent")
    return [f"{one.title.text(words.lang)}: {told if one.item in sent else later_on}" for one in asked_papers(view.asked)]


def _acting(view: CaseView, operator: Operator, words: Words) -> str:
    """Who acts for the member; the name only to who compares it with the papers."""
    who = acted_for(view.case, words)
    return who if not who or allowed(operator, Permission.REVIEW) else "***"


def _collects(visit: Visit, view: CaseView) -> str:
    """By which paper who collects the device is known, and what else they bring; nothing where no device is handed over."""
    if view.case.delivery is not Delivery.BRANCH:
        return ""
    words, now = visit.words, visit.front.house.clock.now()
    comes = visit.look(lambda uow: who_collects(view.case, uow=uow, now=now))
    return ", ".join(title.text(words.lang) for title in (comes.id_title, *(one.title for one in comes.bring)))


def _titled(one: Document, view: CaseView, words: Words) -> str:
    """What the case's policy calls the paper, which kind it is, and when it was issued as far as that counts."""
    told = [words._(KINDS[one.paper])] if one.paper else []
    if one.issued_on is not None:
        told.append(words._("issued {day}", day=one.issued_on.isoformat()))
    title = item_title(one, view.policy, words)
    return f"{title} ({', '.join(told)})" if told else title


def _sentences(view: CaseView, words: Words) -> list[tuple[str, str]]:
    """The ready sentences of the case's policy that fit what can be decided now."""
    ask = view.policy.requests if view.case.state is CaseState.CHECKING else {}
    return [
        *((f"ask.{key}", words._("Ask: {sentence}", sentence=said.text(words.lang))) for key, said in ask.items()),
        *(
            (f"refuse.{key}", words._("Refuse: {sentence}", sentence=said.text(words.lang)))
            for key, said in view.policy.refusals.items()
        ),
    ]


def _timeline(visit: Visit, view: CaseView) -> list[dict[str, object]]:
    """The steps, and between them the notes of colleagues."""
    words, label = visit.words, Labels(visit.words)
    last = len(view.steps) - 1
    running = view.case.state in OPEN
    steps: list[dict[str, object]] = [
        {
            "title": words._(CASES[step.state][0]),
            "state": "now" if place == last and running else "done",
            "at": step.at,
            "actor": label(step.by_role),
            "note": step.note,
        }
        for place, step in enumerate(view.steps)
    ]
    for note, author in view.notes:
        told = {
            "title": words._("Note (staff only)"),
            "state": "done",
            "at": note.at,
            "actor": author.name.reveal(),
            "note": note.text.reveal(),
        }
        place = next((place for place, step in enumerate(view.steps) if step.at > note.at), len(view.steps))
        steps.insert(place + sum(1 for one in steps if one.get("staff")), {**told, "staff": True})
    return steps
