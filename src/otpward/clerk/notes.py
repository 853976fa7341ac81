"""A note among colleagues is written beside the case; the audit says that it was, and not what it says."""

from otpward.core.audit import Actor, AuditEvent
from otpward.core.ids import MemberId
from otpward.core.model.case import Case
from otpward.core.model.review import CaseNote
from otpward.core.secret import Personal
from otpward.ports.desk import Desk

NOTE_LONGEST = 2000


def write_note(case: Case, text: str, *, author_id: MemberId, by: Actor, desk: Desk) -> CaseNote:
    """Keep it, in this transaction."""
    note = CaseNote(
        id=desk.new_id(),
        institution_id=case.institution_id,
        case_id=case.id,
        member_id=case.member_id,
        author_id=author_id,
        at=desk.now,
        text=Personal(text[:NOTE_LONGEST]),
    )
    desk.uow.notes.add(note)
    desk.uow.audit.append(AuditEvent.CASE_NOTED, note, by=by, at=desk.now, institution_id=case.institution_id, case_id=case.id)
    return note
