"""A page of the application is filled in and kept."""

from dataclasses import dataclass, replace

from otpward.clerk.applying import applicant_actor, reasons_for
from otpward.clerk.cases import refuse_stale
from otpward.clerk.documents import papers_of
from otpward.clerk.in_person import admit_to_counter
from otpward.clerk.policy import asked_of, policy_of
from otpward.core.audit import AuditEvent
from otpward.core.errors import Conflict, Invalid, NotFound
from otpward.core.ids import BranchId, CaseId, MemberId
from otpward.core.lifecycle.case import CaseState
from otpward.core.model.case import Case, Delivery, Reason
from otpward.core.model.member import Operator
from otpward.core.policy.applicants import ACTING_LETTERS, RELATIONS, Relation, acting_for
from otpward.core.secret import Personal
from otpward.ports.desk import Desk

_SERIAL_LONGEST = 128
_ADDRESS_LONGEST = 300


class NotWritable(Conflict):
    """The application was sent already; it can be followed or cancelled, not rewritten."""

    code = "not_writable"


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveApplication:
    """What was filled in; None leaves a part as it is. `operator` if staff do it for the member, on the version that they saw
    (`seen`)."""

    case_id: CaseId
    member_id: MemberId
    source: str
    reason: Reason | None = None
    old_serial: str | None = None
    delivery: Delivery | None = None
    branch_id: BranchId | None = None
    address: str | None = None
    acting_name: str | None = None
    acting_as: Relation | None = None
    operator: Operator | None = None
    seen: int | None = None


def save_application(ask: SaveApplication, *, desk: Desk) -> Case:
    """The draft with these parts.

    Raises:
        NotFound: not this member's case.
        NotWritable: it was sent already.
        Invalid: a branch is missing (field `branch`), an address is missing (`address`), the reason does not fit (`reason`), it
            is not sent or handed out that way (`delivery`), who acts for the member is not named or not of a kind that can
            (`acting_name`, `acting_as`).
        Denied, OwnPerson, StaleCase: not this role, an operator's own, or it changed since they saw it.
    """
    if ask.operator is not None:
        admit_to_counter(ask.operator, ask.member_id)
    with desk.uow as uow:
        case = own_case(ask.case_id, ask.member_id, desk=desk)
        refuse_stale(case, ask.seen)
        if case.state is not CaseState.DRAFT:
            raise NotWritable(f"case {case.number} is {case.state}")
        changed = case
        if ask.reason is not None:
            if ask.reason not in reasons_for(case, uow=uow):
                raise Invalid("this cannot be the reason", field="reason")
            changed = replace(changed, reason=ask.reason)
        if ask.old_serial is not None:
            changed = replace(changed, old_serial=ask.old_serial.strip()[:_SERIAL_LONGEST])
        if ask.acting_name is not None:
            changed = _acted_for(changed, ask, desk=desk)
        if ask.delivery is not None:
            changed = _delivered(changed, ask, desk=desk)
        if changed.delivery is not None and not asked_of(changed, uow=uow, now=desk.now).offered:
            if ask.delivery is not None:
                raise Invalid("not offered in this way", field="delivery")
            changed = replace(changed, delivery=None, branch_id=None, address=Personal(""))
        saved = uow.cases.save(replace(changed, documents=papers_of(changed, uow=uow, now=desk.now)))
        by = applicant_actor(ask.member_id, ask.source, ask.operator)
        uow.audit.append(
            AuditEvent.CASE_SAVED, saved, by=by, at=desk.now, institution_id=saved.institution_id, case_id=saved.id
        )
        uow.commit()
    return saved


def own_case(case_id: CaseId, member_id: MemberId, *, desk: Desk) -> Case:
    """The case, if it is this member's; raises `NotFound`, and does not tell whose it is."""
    case = desk.uow.cases.get(case_id)
    if case.member_id != member_id:
        raise NotFound("no such case")
    return case


def _acted_for(case: Case, ask: SaveApplication, *, desk: Desk) -> Case:
    acting = acting_for(policy_of(case, uow=desk.uow, now=desk.now).kinds[case.applicant])
    name = " ".join((ask.acting_name or "").split())[:ACTING_LETTERS]
    if not name:
        raise Invalid("nobody named", field="acting_name")
    if acting is None or ask.acting_as not in RELATIONS[acting]:
        raise Invalid("nobody acts so for this kind of applicant", field="acting_as")
    return replace(case, acting_name=Personal(name), acting_as=Personal(ask.acting_as.value))


def _delivered(case: Case, ask: SaveApplication, *, desk: Desk) -> Case:
    branch_id, address = None, Personal("")
    if ask.delivery is Delivery.BRANCH:
        if ask.branch_id is None or desk.uow.branches.first(id=ask.branch_id) is None:
            raise Invalid("no branch chosen", field="branch")
        branch_id = ask.branch_id
    elif ask.delivery is Delivery.POST:
        address = Personal((ask.address or "").strip()[:_ADDRESS_LONGEST])
        if not address:
            raise Invalid("no address", field="address")
    return replace(case, delivery=ask.delivery, branch_id=branch_id, address=address)
