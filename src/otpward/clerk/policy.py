"""Which policy counts: the one in force for what begins now, and for a case the one that it began under.

A text is parsed once and kept (`read_policy`); asking again costs one look at the table.
"""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from otpward.core.ids import InstitutionId, TokenId
from otpward.core.lifecycle.case import CaseState
from otpward.core.lifecycle.policy import PolicyState
from otpward.core.model.case import Case, Delivery
from otpward.core.model.institution import Institution
from otpward.core.model.member import Member
from otpward.core.model.policy_version import PolicyVersion
from otpward.core.policy.applicants import born_on, whole_months
from otpward.core.policy.document.build import read_policy, read_whole
from otpward.core.policy.document.model import Policy
from otpward.core.policy.document.requirement import Facts, Requirement, requirement
from otpward.core.policy.versions import day_of, first_text, in_force
from otpward.ports.unit_of_work import UnitOfWork


def version_now(institution_id: InstitutionId, *, uow: UnitOfWork, now: datetime) -> PolicyVersion | None:
    """The version in force; None while the institution has approved none."""
    return in_force(uow.policies.find(institution_id=institution_id, state=PolicyState.APPROVED), now)


def policy_now(institution_id: InstitutionId, *, uow: UnitOfWork, now: datetime) -> Policy:
    """The policy in force."""
    current = version_now(institution_id, uow=uow, now=now)
    return said_by(current) if current is not None else first_policy(institution_id, uow=uow)


def said_by(version: PolicyVersion) -> Policy:
    """What this version means: since its approval, what it meant then."""
    return read_whole(version.whole) if version.whole else read_policy(version.text)


def first_policy(institution_id: InstitutionId, *, uow: UnitOfWork) -> Policy:
    """The policy before any was approved: version 0, since it is kept (`keep_meanings`) what it meant then."""
    kept = uow.policies.first(institution_id=institution_id, number=0)
    return said_by(kept) if kept is not None else read_policy(first_text(uow.institutions.get(institution_id)))


def as_published(institution: Institution, *, uow: UnitOfWork, now: datetime) -> Institution:
    """The institution with the phone numbers that its policy names, where it names any."""
    contact = policy_now(institution.id, uow=uow, now=now).contact
    return replace(
        institution,
        phone=contact.phone or institution.phone,
        phone_abroad=contact.phone_abroad or institution.phone_abroad,
    )


def policy_id_now(institution_id: InstitutionId, *, uow: UnitOfWork, now: datetime) -> UUID | None:
    """What a case that begins now keeps as `policy_id`."""
    current = version_now(institution_id, uow=uow, now=now)
    return None if current is None else current.id


def policy_of(case: Case, *, uow: UnitOfWork, now: datetime) -> Policy:
    """The policy that the case began under; of a mere report, from which no application has been made yet, the one in force."""
    if case.policy_id is not None:
        return said_by(uow.policies.get(case.policy_id))
    if case.state is CaseState.REPORTED:
        return policy_now(case.institution_id, uow=uow, now=now)
    return first_policy(case.institution_id, uow=uow)


def asked_of(case: Case, *, uow: UnitOfWork, now: datetime, delivery: Delivery | None = None) -> Requirement:
    """What this case takes; while the way of receiving is open, as if it were collected."""
    policy = policy_of(case, uow=uow, now=now)
    facts = facts_of(uow.members.get(case.member_id), case.old_token_id, uow=uow, now=case.submitted_at or now)
    way = delivery or case.delivery or Delivery.BRANCH
    return requirement(policy, case.applicant, case.reason, way, facts)


def facts_of(member: Member, old_token_id: TokenId | None, *, uow: UnitOfWork, now: datetime) -> Facts:
    """What a fee can depend on: how old the member is, and since when they have had the device."""
    born = born_on(member.birth_date.reveal())
    age = None if born is None else whole_months(born, day_of(now)) // 12
    had = (
        uow.registrations.first(token_id=old_token_id, member_id=member.id, order="begun_at")
        if old_token_id is not None
        else None
    )
    months = None if had is None else whole_months(day_of(had.begun_at), day_of(now))
    return Facts(age=age, device_months=months)
