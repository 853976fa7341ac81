"""Somebody writes a note for colleagues."""

from dataclasses import dataclass

from otpward.clerk.notes import write_note
from otpward.core.errors import Invalid
from otpward.core.ids import CaseId
from otpward.core.model.member import Operator
from otpward.core.model.review import CaseNote
from otpward.core.policy.case_acts import CaseAct, require_act
from otpward.ports.desk import Desk


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteCase:
    """What is to be remembered."""

    case_id: CaseId
    operator: Operator
    text: str


def note_case(ask: NoteCase, *, desk: Desk) -> CaseNote:
    """The note, kept. It changes nothing about the case, so it is never too late for one.

    Raises:
        Invalid: nothing was written (field `note`).
        Denied, NotFound.
    """
    text = ask.text.strip()
    if not text:
        raise Invalid("nothing was written", field="note")
    with desk.uow as uow:
        case = uow.cases.get(ask.case_id)
        require_act(ask.operator.role, CaseAct.NOTE, case.state)
        note = write_note(case, text, author_id=ask.operator.member_id, by=ask.operator.actor, desk=desk)
        uow.commit()
    return note
