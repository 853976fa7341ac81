"""An application as this interface tells it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from otpward.core.model.case import Case, CaseStep
from otpward.core.model.fee import Fee
from otpward.core.model.review import CaseNote
from otpward.edges.http.api.said import stamp
from otpward.ports.unit_of_work import Among, UnitOfWork


class FeeAnswer(BaseModel):
    """What it costs, and what has become of that: `due`, `waived`, `paid`, `refunded`."""

    state: str
    amount_won: int
    refunded_won: int
    waiver: str | None = None
    means: str | None = None
    due_at: str | None = None
    settled_at: str | None = None
    refunded_at: str | None = None


class CaseAnswer(BaseModel):
    """One application. `member`, `assigned_to`, `checked_by` and `decided_by` are logins; `message` is what the member reads.
    Addresses, answers and notes are not here."""

    number: str
    state: str
    reason: str
    applicant: str
    member: str
    old_serial: str | None = None
    new_serial: str | None = None
    delivery: str | None = None
    branch: str | None = None
    documents: str | None = None
    message: str | None = None
    assigned_to: str | None = None
    checked_by: str | None = None
    decided_by: str | None = None
    opened_at: str
    submitted_at: str | None = None
    closed_at: str | None = None
    deadline_at: str | None = None
    approval_until: str | None = None
    fee: FeeAnswer | None = None


class CaseListAnswer(BaseModel):
    """A page of applications. `next` is the cursor of the one after it; null on the last."""

    cases: list[CaseAnswer]
    next: str | None


class StepAnswer(BaseModel):
    """One line of the timeline: the state that was entered, when, and by whom as a role only."""

    state: str
    at: str
    by: str
    note: str | None = None


class TimelineAnswer(BaseModel):
    """From the beginning."""

    steps: list[StepAnswer]


class NoteAnswer(BaseModel):
    """A note was kept."""

    id: str
    at: str


def cases_told(cases: Sequence[Case], uow: UnitOfWork) -> list[dict[str, Any]]:
    """These applications, with few looks however many they are."""
    people = {key for case in cases for key in (case.member_id, case.assigned_to, case.checked_by, case.decided_by) if key}
    logins = {one.id: one.login for one in uow.members.find(id=Among(frozenset(people)))} if people else {}
    branches = {one.id: one.code for one in uow.branches.find(id=Among(frozenset(c.branch_id for c in cases if c.branch_id)))}
    fees = {one.case_id: one for one in uow.fees.find(case_id=Among(frozenset(case.id for case in cases)))} if cases else {}
    return [_case(case, logins, branches, fees.get(case.id), uow) for case in cases]


def _case(case: Case, logins: dict[Any, str], branches: dict[Any, str], fee: Fee | None, uow: UnitOfWork) -> dict[str, Any]:
    told = {
        "number": case.number,
        "state": case.state.value,
        "reason": case.reason.value,
        "applicant": case.applicant,
        "member": logins.get(case.member_id, ""),
        "old_serial": case.old_serial or None,
        "new_serial": uow.tokens.get(case.new_token_id).serial if case.new_token_id else None,
        "delivery": case.delivery,
        "branch": branches.get(case.branch_id),
        "documents": case.documents,
        "message": case.message or None,
        **{name: logins.get(key) for name, key in _people(case).items()},
        "opened_at": stamp(case.opened_at),
        "submitted_at": stamp(case.submitted_at),
        "closed_at": stamp(case.closed_at),
        "deadline_at": stamp(case.deadline_at),
        "approval_until": stamp(case.approval_until),
        "fee": None if fee is None else fee_told(fee),
    }
    return {name: value for name, value in told.items() if value is not None}


def _people(case: Case) -> dict[str, UUID | None]:
    return {"assigned_to": case.assigned_to, "checked_by": case.checked_by, "decided_by": case.decided_by}


def fee_told(fee: Fee) -> dict[str, Any]:
    """A fee."""
    told = {
        "state": fee.state.value,
        "amount_won": fee.amount_won,
        "refunded_won": fee.refunded_won,
        "waiver": fee.waiver or None,
        "means": fee.means,
        "due_at": stamp(fee.due_at),
        "settled_at": stamp(fee.settled_at),
        "refunded_at": stamp(fee.refunded_at),
    }
    return {name: value for name, value in told.items() if value is not None}


def step_told(step: CaseStep) -> dict[str, Any]:
    """One line of the timeline."""
    told = {"state": step.state.value, "at": stamp(step.at), "by": step.by_role}
    return {**told, "note": step.note} if step.note else told


def note_told(note: CaseNote) -> dict[str, Any]:
    """That a note was kept."""
    return {"id": str(note.id), "at": stamp(note.at)}
