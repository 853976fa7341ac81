"""A draft becomes another kind of application: what was given for it, and is then no longer asked for, goes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from otpward.clerk.documents import LIVING, erase_document
from otpward.clerk.policy import asked_of, policy_of
from otpward.core.audit import Actor
from otpward.core.lifecycle.document import DocumentState
from otpward.core.model.case import Case
from otpward.core.model.document import Document
from otpward.core.policy.applicants import acting_for
from otpward.core.policy.asked_papers import asked_papers
from otpward.core.policy.document.requirement import Requirement
from otpward.core.secret import NOTHING
from otpward.ports.desk import Desk
from otpward.ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A draft before and after: what it took, what it takes then, and what goes."""

    after: Case
    took: Requirement
    takes: Requirement
    acting_goes: bool
    delivery_goes: bool
    pictures: Sequence[Document]
    """Pictures that were kept, of papers that are no longer asked for."""

    @property
    def print(self) -> str:
        """What goes, in short: an agreement to this is no agreement to something else."""
        goes = ("acting" * self.acting_goes, "delivery" * self.delivery_goes, *(str(one.id) for one in self.pictures))
        return " ".join(part for part in goes if part)


def change_of_kind(case: Case, kind: str, *, uow: UnitOfWork, now: datetime) -> Change:
    """The draft as this kind of applicant. Who acts goes with the kind that wanted them, and the way of receiving where it is
    not offered to the new one."""
    kinds = policy_of(case, uow=uow, now=now).kinds
    after = replace(case, applicant=kind)
    if acting_for(kinds[kind]) is not acting_for(kinds[case.applicant]):
        after = replace(after, acting_name=NOTHING, acting_as=NOTHING)
    if case.delivery is not None and not asked_of(after, uow=uow, now=now).offered:
        after = replace(after, delivery=None, branch_id=None, address=NOTHING)
    kept = uow.documents.find(case_id=case.id, state=DocumentState.KEPT, order="sent_at")
    takes = asked_of(after, uow=uow, now=now)
    still = {one.item for one in asked_papers(takes)}
    return Change(
        after=after,
        took=asked_of(case, uow=uow, now=now),
        takes=takes,
        acting_goes=bool(case.acting_name) and not after.acting_name,
        delivery_goes=case.delivery is not None and after.delivery is None,
        pictures=[one for one in kept if one.item not in still],
    )


def erase_unasked(case: Case, *, desk: Desk, by: Actor) -> None:
    """Pictures of papers that this application no longer takes, since it was changed after they were sent."""
    asked = {one.item for one in asked_papers(asked_of(case, uow=desk.uow, now=desk.now))}
    for document in desk.uow.documents.find(case_id=case.id, state=LIVING):
        if document.item not in asked:
            erase_document(document, desk=desk, by=by, why="not_asked")
