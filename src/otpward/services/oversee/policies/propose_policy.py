"""A draft is put forward, to be in force from a day."""

from dataclasses import dataclass, replace
from datetime import date

from otpward.core.audit import AuditEvent
from otpward.core.ids import InstitutionId
from otpward.core.lifecycle.policy import PolicyEvent, advance_policy
from otpward.core.model.policy_version import PolicyVersion
from otpward.core.policy.document.build import read_policy
from otpward.core.policy.versions import begins
from otpward.ports.desk import Desk
from otpward.services.oversee.policies.hands import Author, actor_of, hand_of, version_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposePolicy:
    """Which draft, and from which day."""

    institution_id: InstitutionId
    author: Author
    number: int
    effective_on: date
    seen_version: int | None = None


def propose_policy(ask: ProposePolicy, *, desk: Desk) -> PolicyVersion:
    """The version, which waits for a second person.

    Raises:
        PastDate, FarDate: the day is over, or too far off.
        BadPolicy: the default changed since it was written, and it is no policy any more.
        IllegalTransition: it is no draft; and NotFound, StalePolicy, Denied.
    """
    by = actor_of(ask.author)
    with desk.uow as uow:
        found = version_of(ask.number, ask.seen_version, desk=desk)
        state = advance_policy(found.state, PolicyEvent.PROPOSE)
        effective_at = begins(ask.effective_on, desk.now)
        read_policy(found.text)
        saved = uow.policies.save(
            replace(found, state=state, proposed_by=hand_of(by), proposed_at=desk.now, effective_at=effective_at)
        )
        uow.audit.append(
            AuditEvent.POLICY_PROPOSED,
            saved,
            by=by,
            at=desk.now,
            institution_id=ask.institution_id,
            detail={"number": saved.number, "effective_on": ask.effective_on.isoformat()},
        )
        uow.commit()
    return saved
