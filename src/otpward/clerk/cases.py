"""A case moves on: new state, timeline, audit, all three or none."""

from dataclasses import replace
from typing import Any, Final

from otpward.clerk.documents import end_documents
from otpward.clerk.fees import end_fee
from otpward.clerk.passes import end_passes_of_case
from otpward.core.audit import Actor, ActorKind, AuditEvent
from otpward.core.errors import Conflict, Moved, Taken
from otpward.core.lifecycle.case import OPEN, CaseEvent, CaseState, advance
from otpward.core.model.case import Case, CaseStep
from otpward.core.secret import NOTHING
from otpward.ports.desk import Desk

_EVENTS: Final = {
    CaseEvent.START: AuditEvent.CASE_OPENED,
    CaseEvent.SUBMIT: AuditEvent.CASE_SUBMITTED,
    CaseEvent.TAKE_UP: AuditEvent.CASE_TAKEN_UP,
    CaseEvent.ASK_FOR_MORE: AuditEvent.CASE_MORE_ASKED,
    CaseEvent.ANSWER: AuditEvent.CASE_ANSWERED,
    CaseEvent.PROPOSE: AuditEvent.CASE_CHECKED,
    CaseEvent.APPROVE: AuditEvent.CASE_APPROVED,
    CaseEvent.SEND_BACK: AuditEvent.CASE_SENT_BACK,
    CaseEvent.LAPSE: AuditEvent.CASE_LAPSED,
    CaseEvent.REFUSE: AuditEvent.CASE_REFUSED,
    CaseEvent.PREPARE: AuditEvent.CASE_PREPARED,
    CaseEvent.SEND_OUT: AuditEvent.SHIPMENT_DISPATCHED,
    CaseEvent.SET_OUT: AuditEvent.CASE_READY,
    CaseEvent.COME_BACK: AuditEvent.SHIPMENT_RETURNED,
    CaseEvent.RECEIVE: AuditEvent.CASE_RECEIVED,
    CaseEvent.EXCHANGE: AuditEvent.CASE_RECEIVED,
    CaseEvent.REGISTER: AuditEvent.CASE_REGISTERED,
    CaseEvent.FINISH: AuditEvent.CASE_DONE,
    CaseEvent.CANCEL: AuditEvent.CASE_CANCELLED,
    CaseEvent.EXPIRE: AuditEvent.CASE_EXPIRED,
    CaseEvent.LIFT: AuditEvent.LOSS_LIFTED,
}

_ROLE_WORDS: Final = {
    ActorKind.STRANGER: "member",
    ActorKind.MEMBER: "member",
    ActorKind.STAFF: "staff",
    ActorKind.API_KEY: "system",
    ActorKind.OPERATOR: "staff",
    ActorKind.SYSTEM: "system",
}


class StaleCase(Conflict):
    """The case changed since the page was shown; the decision was made on something that is no longer so."""

    code = "stale_case"


def open_case(case: Case, *, desk: Desk, by: Actor) -> None:
    """File a new case with the first line of its timeline.

    Raises:
        Moved: another one about this member and token was opened at the same moment; done again, that one is found.
    """
    try:
        desk.uow.cases.add(case)
    except Taken:
        raise Moved("another case was opened at the same moment") from None
    _step(case, desk=desk, by=by, note="")
    desk.uow.audit.append(AuditEvent.CASE_OPENED, case, by=by, at=desk.now, institution_id=case.institution_id, case_id=case.id)


def move_case(case: Case, event: CaseEvent, *, desk: Desk, by: Actor, note: str = "", **changes: Any) -> Case:
    """The case after `event` with these other changes, saved, on the timeline and in the audit.

    Raises:
        IllegalTransition: not possible in this state.
    """
    state = advance(case.state, event)
    closing = {} if state in OPEN else {"open_key": None, "closed_at": desk.now, "deadline_at": None}
    asked = {} if state is CaseState.AWAITING_APPROVAL else {"approval_until": None, "approval_reason": NOTHING}
    saved = desk.uow.cases.save(replace(case, state=state, **{**changes, **closing, **asked}))
    _step(saved, desk=desk, by=by, note=note)
    if closing:
        end_documents(saved, desk=desk)
        end_passes_of_case(saved.id, "case_ended", desk=desk, by=by)
        end_fee(saved, desk=desk, by=by)
    desk.uow.audit.append(
        _EVENTS[event], saved, by=by, at=desk.now, institution_id=saved.institution_id, case_id=saved.id, result=state
    )
    return saved


def refuse_stale(case: Case, seen_version: int | None) -> None:
    """Let a decision go on only if it was made on the case as it is; raises `StaleCase`."""
    if seen_version is not None and seen_version != case.version:
        raise StaleCase("the case changed since it was shown")


def _step(case: Case, *, desk: Desk, by: Actor, note: str) -> None:
    desk.uow.steps.add(
        CaseStep(
            id=desk.new_id(),
            institution_id=case.institution_id,
            case_id=case.id,
            state=case.state,
            at=desk.now,
            by_role=_ROLE_WORDS[by.kind],
            note=note,
        )
    )
