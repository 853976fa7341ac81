"""What there is: every version with where it stands, and one with what it changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from otpward.clerk.policy import first_policy, said_by, version_now
from otpward.core.errors import NotFound
from otpward.core.ids import InstitutionId
from otpward.core.model.policy_version import PolicyVersion
from otpward.core.policy.document.difference import Difference, differences
from otpward.core.policy.document.model import Policy
from otpward.core.policy.versions import Standing, first_text, standing
from otpward.ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A version, and where it stands."""

    version: PolicyVersion
    standing: Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One version: its policy, and what differs from `before`, which is the one in force unless another was named. Version 0 is
    the default with what the institution was opened with."""

    number: int
    text: str
    policy: Policy
    old: Policy
    before: int
    differences: Sequence[Difference]
    listed: Listed | None


def see_policies(institution_id: InstitutionId, *, uow: UnitOfWork, now: datetime) -> list[Listed]:
    """Every version that somebody wrote, the newest first."""
    current = version_now(institution_id, uow=uow, now=now)
    found = uow.policies.find(institution_id=institution_id, order="-number")
    return [Listed(version=one, standing=standing(one, current, now)) for one in found if one.number]


def number_now(institution_id: InstitutionId, *, uow: UnitOfWork, now: datetime) -> int:
    """The number of the version in force; 0 while none was approved."""
    current = version_now(institution_id, uow=uow, now=now)
    return 0 if current is None else current.number


def see_policy(
    institution_id: InstitutionId, number: int, *, uow: UnitOfWork, now: datetime, before: int | None = None
) -> Seen:
    """This version, beside another; raises `NotFound`."""
    against = number_now(institution_id, uow=uow, now=now) if before is None else before
    text, policy, version = _read(institution_id, number, uow)
    _, old, _ = _read(institution_id, against, uow)
    current = version_now(institution_id, uow=uow, now=now)
    return Seen(
        number=number,
        text=text,
        policy=policy,
        old=old,
        before=against,
        differences=differences(old, policy),
        listed=None if version is None else Listed(version=version, standing=standing(version, current, now)),
    )


def _read(institution_id: InstitutionId, number: int, uow: UnitOfWork) -> tuple[str, Policy, PolicyVersion | None]:
    if number == 0:
        return first_text(uow.institutions.get(institution_id)), first_policy(institution_id, uow=uow), None
    found = uow.policies.first(institution_id=institution_id, number=number)
    if found is None:
        raise NotFound("no such version of the policy")
    return found.text, said_by(found), found
