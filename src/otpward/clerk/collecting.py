"""Who comes to the counter for the device of a case."""

from datetime import datetime

from otpward.clerk.documents import sent_items
from otpward.clerk.policy import asked_of, policy_of
from otpward.core.model.case import Case
from otpward.core.policy.collecting import Collector, collector_of
from otpward.ports.unit_of_work import UnitOfWork


def who_collects(case: Case, *, uow: UnitOfWork, now: datetime) -> Collector:
    """Whose ID is compared when the device of this case is handed over: the member's, or that of their guardian, delegate or
    proxy, by name and as what (`acting`, `relation`; words for both in `edges.http.applicant_words`), with the paper they are
    known by and the papers they still bring. Names are personal: only for who hands over or reviews.
    """
    asked = asked_of(case, uow=uow, now=now)
    return collector_of(
        case,
        uow.members.get(case.member_id),
        kind=policy_of(case, uow=uow, now=now).kinds[case.applicant],
        asked=asked,
        sent=sent_items(case, asked, uow=uow, now=now),
    )
