"""Whether a member agreed to something, and agrees still."""

from typing import ClassVar

from otpward.core.audit import Actor, AuditEvent
from otpward.core.errors import Denied
from otpward.core.ids import MemberId
from otpward.core.model.case import Case
from otpward.core.model.consent import Consent, Purpose
from otpward.ports.desk import Desk
from otpward.ports.unit_of_work import UnitOfWork


class ConsentNeeded(Denied):
    """This is not done with a member's data before they agreed to it."""

    code: ClassVar[str] = "consent_needed"


def live_key(member_id: MemberId, purpose: Purpose) -> str:
    """What is unique while a consent holds."""
    return f"{member_id}:{purpose}"


def consent_to(purpose: Purpose, member_id: MemberId, *, uow: UnitOfWork) -> Consent | None:
    """The consent that holds now, or None."""
    return uow.consents.first(live_for=live_key(member_id, purpose))


def pictures_allowed(case: Case, *, uow: UnitOfWork) -> bool:
    """Whether pictures of papers may be taken in for this application: the member agreed since it was begun."""
    given = consent_to(Purpose.DOCUMENTS, case.member_id, uow=uow)
    return given is not None and given.given_at >= case.opened_at


def write_consent(event: AuditEvent, consent: Consent, *, desk: Desk, by: Actor) -> None:
    """The line of the audit."""
    desk.uow.audit.append(
        event,
        consent,
        by=by,
        at=desk.now,
        institution_id=consent.institution_id,
        result=consent.purpose,
        detail={"words": consent.words},
    )
