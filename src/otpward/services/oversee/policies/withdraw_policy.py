"""A version that is not in force yet is withdrawn."""

from dataclasses import dataclass, replace

from otpward.core.audit import AuditEvent
from otpward.core.errors import Conflict
from otpward.core.ids import InstitutionId
from otpward.core.lifecycle.policy import PolicyEvent, PolicyState, advance_policy
from otpward.core.model.policy_version import PolicyVersion
from otpward.ports.desk import Desk
from otpward.services.oversee.policies.hands import Author, actor_of, version_of


class InForce(Conflict):
    """What is in force is replaced by another version, never taken away."""

    code = "in_force"


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawPolicy:
    """Which one."""

    institution_id: InstitutionId
    author: Author
    number: int
    seen_version: int | None = None


def withdraw_policy(ask: WithdrawPolicy, *, desk: Desk) -> PolicyVersion:
    """The version, withdrawn. Raises `InForce`, `IllegalTransition`, `NotFound`, `StalePolicy`, `Denied`."""
    by = actor_of(ask.author)
    with desk.uow as uow:
        found = version_of(ask.number, ask.seen_version, desk=desk)
        begun = found.effective_at is not None and found.effective_at <= desk.now
        if found.state is PolicyState.APPROVED and begun:
            raise InForce(f"version {found.number} has come into force")
        saved = uow.policies.save(replace(found, state=advance_policy(found.state, PolicyEvent.WITHDRAW)))
        uow.audit.append(
            AuditEvent.POLICY_WITHDRAWN,
            saved,
            by=by,
            at=desk.now,
            institution_id=ask.institution_id,
            detail={"number": saved.number},
        )
        uow.commit()
    return saved
