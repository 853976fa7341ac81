"""What a policy means is kept where it was not yet: of version 0, and of what was approved before meanings were kept."""

from dataclasses import replace
from typing import Final

from otpward.clerk.policy import first_policy
from otpward.core.audit import Actor, ActorKind, AuditEvent
from otpward.core.ids import InstitutionId
from otpward.core.lifecycle.policy import PolicyState
from otpward.core.model.policy_version import PolicyVersion
from otpward.core.policy.document.build import read_policy, whole_of
from otpward.core.policy.versions import first_text
from otpward.ports.desk import Desk
from otpward.ports.unit_of_work import Among

_BY: Final = Actor(kind=ActorKind.SYSTEM, source="default")
_MEANT: Final = Among(frozenset({PolicyState.APPROVED, PolicyState.SUPERSEDED}))


def keep_meanings(institution_id: InstitutionId, *, desk: Desk) -> int:
    """How many versions keep from now on what they mean today. A default of ours that changes with a release then changes
    neither what an institution asks, nor an application that is under way; it comes with the next version that two people
    approve."""
    with desk.uow as uow:
        loose = uow.policies.find(institution_id=institution_id, state=_MEANT, whole="")
        kept = [uow.policies.save(replace(one, whole=whole_of(read_policy(one.text)))) for one in loose]
        if uow.policies.first(institution_id=institution_id, number=0) is None:
            kept.append(_first(institution_id, desk=desk))
        for one in kept:
            uow.audit.append(
                AuditEvent.POLICY_SAVED,
                one,
                by=_BY,
                at=desk.now,
                institution_id=institution_id,
                detail={"number": one.number},
            )
        if kept:
            uow.commit()
    return len(kept)


def _first(institution_id: InstitutionId, *, desk: Desk) -> PolicyVersion:
    """Version 0, which nobody wrote and nothing can be done with."""
    first = PolicyVersion(
        id=desk.new_id(),
        institution_id=institution_id,
        number=0,
        state=PolicyState.SUPERSEDED,
        text=first_text(desk.uow.institutions.get(institution_id)),
        whole=whole_of(first_policy(institution_id, uow=desk.uow)),
        written_by=frozenset(),
        made_at=desk.now,
    )
    desk.uow.policies.add(first)
    return first
