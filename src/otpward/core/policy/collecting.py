"""Who comes for a device, and which papers they show: the member themselves, or who acts for them (법정대리인, 담당자, 대리인).

Whoever stands at the counter is compared with these and nothing else. Only the member's birth date is on file, so of who acts
for them it cannot be compared; their name is what the application says, and is checked against the paper that binds them to
the member (family certificate, power of attorney).
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from otpward.core.model.case import Case
from otpward.core.model.member import Member
from otpward.core.policy.applicants import Acting, Relation, acting_for
from otpward.core.policy.asked_papers import AskedPaper, asked_papers
from otpward.core.policy.document.model import Kind, Said
from otpward.core.policy.document.requirement import Requirement
from otpward.core.policy.papers import Paper
from otpward.core.secret import NOTHING, Personal

_ANY_ID: Final = Said("신분증", "an ID card")
_MEMBER: Final = "applicant"


@dataclass(frozen=True, slots=True, kw_only=True)
class Collector:
    """Whoever stands at the counter for a device. `acting` and `relation` are None for the member; `name` is empty where nobody
    was named, as in an application taken at the counter, and `birth_date` of everybody but the member. `id_kinds` are the
    papers of which one will do, `id_sent` whether a picture of one was kept; `bring` is what else is shown. `member_instead`:
    the member, of age and with a proxy, may come themselves."""

    acting: Acting | None
    relation: Relation | None
    name: Personal
    birth_date: Personal
    id_title: Said
    id_kinds: tuple[Paper, ...]
    id_sent: bool
    bring: tuple[AskedPaper, ...]
    member_instead: bool


def collector_of(case: Case, member: Member, *, kind: Kind, asked: Requirement, sent: Collection[str]) -> Collector:
    """Who collects the device of this case: whoever applied for it. Of what it takes, `sent` are the papers that were sent."""
    acting, papers = acting_for(kind), asked_papers(asked)
    identity = next((one for one in papers if one.kinds and _is_theirs(one.item, acting, asked)), None)
    relation = next((one for one in Relation if one == case.acting_as.reveal()), None)
    return Collector(
        acting=acting,
        relation=None if acting is None else relation,
        name=member.name if acting is None else case.acting_name,
        birth_date=member.birth_date if acting is None else NOTHING,
        id_title=_ANY_ID if identity is None else identity.title,
        id_kinds=tuple(Paper) if identity is None else identity.kinds,
        id_sent=identity is not None and identity.item in sent,
        bring=tuple(one for one in papers if one is not identity and one.shown and one.item not in sent),
        member_instead=acting is Acting.PROXY,
    )


def _is_theirs(item: str, acting: Acting | None, asked: Requirement) -> bool:
    """Whether the policy says of this paper that it is of whoever comes."""
    whom = next(one.document.whom for one in asked.papers if one.document.name == item)
    return whom == (_MEMBER if acting is None else acting.value)
