"""Records whose years are over are erased: applications by the policy they began under, the rest by the one in force."""

from datetime import datetime
from typing import Final

from otpward.clerk.policy import first_policy, policy_now, said_by
from otpward.core.audit import Actor, ActorKind, AuditEvent
from otpward.core.ids import InstitutionId
from otpward.core.policy.versions import years_before
from otpward.ports.desk import Desk

_BY: Final = Actor(kind=ActorKind.SYSTEM, source="deadline")
_AT_A_TIME: Final = 200


def erase_records(institution_id: InstitutionId, *, desk: Desk) -> int:
    """Erase some of what is due, and write down how much of each class; 0 once nothing is left."""
    with desk.uow as uow:
        terms = policy_now(institution_id, uow=uow, now=desk.now).retention
        strays = years_before(desk.now, terms.application_years)
        gone = {
            "applications": _drop_cases(institution_id, desk=desk),
            "other": uow.archive.drop_stray(before=strays, limit=_AT_A_TIME),
            "payments": uow.archive.drop_fees(before=years_before(desk.now, terms.payment_years), limit=_AT_A_TIME),
            "access": uow.archive.drop_access(before=years_before(desk.now, terms.access_years), limit=_AT_A_TIME),
        }
        if any(gone.values()):
            uow.audit.append(
                AuditEvent.RECORDS_ERASED,
                uow.institutions.get(institution_id),
                by=_BY,
                at=desk.now,
                institution_id=institution_id,
                detail={name: count for name, count in gone.items() if count},
            )
            uow.commit()
    return sum(gone.values())


def _drop_cases(institution_id: InstitutionId, *, desk: Desk) -> int:
    gone = 0
    for policy_id in desk.uow.archive.policies_of_ended():
        policy = first_policy(institution_id, uow=desk.uow) if policy_id is None else said_by(desk.uow.policies.get(policy_id))
        before: datetime = years_before(desk.now, policy.retention.application_years)
        gone += desk.uow.archive.drop_cases(policy_id=policy_id, ended_before=before, limit=_AT_A_TIME)
    return gone
