"""A second person approves what was put forward, or sends it back."""

from dataclasses import dataclass, replace

from otpward.clerk.policy import version_now
from otpward.core.audit import AuditEvent
from otpward.core.ids import InstitutionId
from otpward.core.lifecycle.policy import PolicyEvent, PolicyState, advance_policy
from otpward.core.model.member import Operator
from otpward.core.model.policy_version import PolicyVersion
from otpward.core.policy.document.build import read_policy, whole_of
from otpward.core.policy.roles import Permission, require
from otpward.core.policy.versions import begins, day_of
from otpward.ports.desk import Desk
from otpward.services.oversee.policies.hands import OwnPolicy, version_of


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidePolicy:
    """Who decides on which version. Only a person can: an administrator whose hand is not in it."""

    institution_id: InstitutionId
    operator: Operator
    number: int
    seen_version: int | None = None


def approve_policy(ask: DecidePolicy, *, desk: Desk) -> PolicyVersion:
    """The version, approved. One whose day is today is in force from this moment, and the one before it is over.

    Raises:
        OwnPolicy: the operator wrote in it, or put it forward.
        PastDate: its day has passed meanwhile; it is sent back and put forward again.
        BadPolicy, IllegalTransition, NotFound, StalePolicy, Denied.
    """
    require(ask.operator.role, Permission.SET_POLICY)
    with desk.uow as uow:
        found = version_of(ask.number, ask.seen_version, desk=desk)
        state = advance_policy(found.state, PolicyEvent.APPROVE)
        if str(ask.operator.member_id) in {*found.written_by, found.proposed_by}:
            raise OwnPolicy("a second person must approve")
        whole = whole_of(read_policy(found.text))
        effective_at = begins(day_of(found.effective_at or desk.now), desk.now)
        saved = uow.policies.save(
            replace(
                found,
                state=state,
                whole=whole,
                effective_at=effective_at,
                decided_by=ask.operator.member_id,
                decided_at=desk.now,
            )
        )
        _audit(AuditEvent.POLICY_APPROVED, saved, ask, desk=desk)
        _supersede(ask, desk=desk)
        uow.commit()
    return saved


def send_back_policy(ask: DecidePolicy, *, desk: Desk) -> PolicyVersion:
    """The version is a draft again. Raises `IllegalTransition`, `NotFound`, `StalePolicy`, `Denied`."""
    require(ask.operator.role, Permission.SET_POLICY)
    with desk.uow as uow:
        found = version_of(ask.number, ask.seen_version, desk=desk)
        state = advance_policy(found.state, PolicyEvent.SEND_BACK)
        saved = uow.policies.save(replace(found, state=state, proposed_by="", proposed_at=None, effective_at=None))
        _audit(AuditEvent.POLICY_SENT_BACK, saved, ask, desk=desk)
        uow.commit()
    return saved


def _supersede(ask: DecidePolicy, *, desk: Desk) -> None:
    """What the one in force has replaced is over, for good."""
    current = version_now(ask.institution_id, uow=desk.uow, now=desk.now)
    for one in desk.uow.policies.find(state=PolicyState.APPROVED):
        begun = one.effective_at is not None and one.effective_at <= desk.now
        if begun and current is not None and one.id != current.id:
            over = desk.uow.policies.save(replace(one, state=advance_policy(one.state, PolicyEvent.SUPERSEDE)))
            _audit(AuditEvent.POLICY_SUPERSEDED, over, ask, desk=desk)


def _audit(event: AuditEvent, version: PolicyVersion, ask: DecidePolicy, *, desk: Desk) -> None:
    desk.uow.audit.append(
        event,
        version,
        by=ask.operator.actor,
        at=desk.now,
        institution_id=ask.institution_id,
        detail={"number": version.number},
    )
