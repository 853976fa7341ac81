"""The application of a swap: taken, approved and given its device in one go, by the services that a longer way takes one by
one."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from starlette.responses import Response

from otpward.clerk.places import find_scanned
from otpward.core.errors import Conflict, Invalid
from otpward.core.ids import BranchId, ProofId
from otpward.core.lifecycle.case import CaseState
from otpward.core.model.case import Case, Reason
from otpward.core.model.member import Operator
from otpward.core.model.proof import Act
from otpward.core.policy.applicants import RELATIONS, Relation
from otpward.core.policy.papers import DATED, Paper, PapersUnfit, Seen
from otpward.core.policy.pick_ups import Who
from otpward.core.policy.shelf import Unfit, unfit_of
from otpward.edges.http.address import key_of, pick
from otpward.edges.http.applicant_words import ACTING, RELATED
from otpward.edges.http.console.counter_words import say_unfit
from otpward.edges.http.console.labels import Labels
from otpward.edges.http.console.papers_form import HINTS, say_flaws, seen_in
from otpward.edges.http.console.swap_view import Step, Swap
from otpward.edges.http.front import Visit
from otpward.ports.unit_of_work import UnitOfWork
from otpward.services.apply.apply_at_counter import ApplyAtCounter, RunningAlready, apply_at_counter
from otpward.services.apply.approve import approve
from otpward.services.apply.review import Decision
from otpward.services.apply.take_up import take_up
from otpward.services.deliver.compare_id import CompareId, compare_id
from otpward.services.deliver.look_at_device import Looked
from otpward.services.deliver.set_out import SetOut, set_out
from otpward.services.issue.reserve_device import NotThisDevice, ReserveDevice, TooOldDevice, reserve_device
from otpward.services.prove_identity.prove_in_person import ProveInPerson, prove_in_person

_UNTAKEN: Final = frozenset({CaseState.REPORTED, CaseState.DRAFT})
_GIVEN_OUT: Final = frozenset({CaseState.READY_TO_COLLECT, CaseState.RECEIVED, CaseState.REGISTERED})


def is_taken(case: Case | None) -> bool:
    """Whether an application for this device is under way."""
    return case is not None and case.state not in _UNTAKEN


def go_on(visit: Visit, swap: Swap) -> Response:
    """Where the swap stands: the new device, the test, or what it waits for."""
    case = swap.case
    if case is None:
        return visit.go(swap.here)
    if case.state in {CaseState.APPROVED, CaseState.PREPARING}:
        return visit.go(f"{swap.here}/device") if not visit.request.url.path.endswith("/device") else _device(visit, swap)
    if swap.pick_up is not None and case.state in _GIVEN_OUT:
        return visit.go(_test(visit, swap.pick_up.id))
    if case.state is CaseState.AWAITING_APPROVAL:
        return visit.page("console/swap/waits.html", step=Step.DEVICE, swap=swap, case=case, values={})
    return visit.go(f"/console/cases/{case.number}")


def person_page(visit: Visit, swap: Swap, errors: Mapping[str, str] | None = None) -> Response:
    """What to compare, and at an operator without a branch, where the device lies."""
    label, operator = Labels(visit.words), visit.operator()
    branches = visit.look(lambda uow: uow.branches.find(order="code")) if operator.branch_id is None else []
    return visit.page(
        "console/swap/person.html",
        errors=errors,
        step=Step.PERSON,
        swap=swap,
        name=swap.member.name.reveal() if swap.acting is None else "",
        birth_date=swap.member.birth_date.reveal() if swap.acting is None else "",
        acts="" if swap.acting is None else visit.words._(ACTING[swap.acting]),
        relations=[(one.value, visit.words._(RELATED[one])) for one in RELATIONS[swap.acting]] if swap.acting else [],
        bring=[{"value": one.item, "label": one.title.text(visit.lang)} for one in swap.papers or []] if swap.acting else [],
        papers=[{"value": one.value, "label": label(one), "hint": visit.words._(HINTS[DATED[one]])} for one in Paper],
        branches=[(str(one.id), one.name(visit.lang)) for one in branches],
        action=f"{swap.here}/person",
        key=visit.form.get("key") or visit.front.house.desk(visit.institution.id).new_id(),
    )


def send_person(visit: Visit, swap: Swap, operator: Operator, check: UUID) -> Response:
    """Proof, application, decision, in this order; each stands by itself if the next does not come about."""
    seen = seen_in(visit.form)
    branch_id = operator.branch_id or _branch(visit)
    if branch_id is None:
        return person_page(visit, swap, {"branch": visit.words._("Choose a branch")})
    relation, shown = pick(Relation, visit.form.get("relation")), visit.form.get("shown", "").split(",")
    if swap.acting is not None and (missing := _unnamed(visit, swap, relation, shown)):
        return person_page(visit, swap, missing)
    prove = ProveInPerson(
        key=ProofId(key_of(visit.form.get("key", ""))),
        institution_id=visit.institution.id,
        member_id=swap.member.id,
        operator=operator,
        act=Act.APPLY,
        seen=seen,
        acting_as=relation if swap.acting is not None else None,
    )
    ask = ApplyAtCounter(
        institution_id=visit.institution.id,
        member_id=swap.member.id,
        operator=operator,
        reason=Reason.FAULTY,
        branch_id=branch_id,
        token_id=swap.token.id,
        check_id=check,
        acting_name=visit.form.get("person", "") if swap.acting is not None else "",
        acting_as=relation if swap.acting is not None else None,
        shown=shown if swap.acting is not None else None,
    )
    try:
        visit.do(lambda desk: prove_in_person(prove, desk=desk))
        case = visit.do(lambda desk: apply_at_counter(ask, desk=desk))
    except PapersUnfit as error:
        return person_page(visit, swap, say_flaws(visit, seen, error.flaws))
    except RunningAlready:  # the second press of a double one
        return visit.go(f"{swap.here}/device")
    _decide(visit, swap, case, operator, seen)
    return visit.go(f"{swap.here}/device")


def send_device(visit: Visit, swap: Swap, operator: Operator) -> Response:
    """The scanned device is this case's, and lies ready at this counter; or why it cannot be."""
    typed, case = visit.form.get("serial", "").strip(), swap.case
    assert case is not None, "whoever sends this looked"
    if case.state is CaseState.APPROVED:
        if not typed:
            return _device(visit, swap, {"serial": visit.words._("Scan or type the serial number")})
        looked = visit.look(lambda uow: _look(typed, case, operator, swap, uow))
        if looked.token is None or not looked.fits:
            return _device(visit, swap, {"serial": say_unfit(looked, visit.words)})
        take = ReserveDevice(case_id=case.id, serial=looked.token.serial, operator=operator)
        try:
            visit.do(lambda desk: reserve_device(take, desk=desk))
        except TooOldDevice:
            old = Looked(token=looked.token, unfit=Unfit.EXPIRED, set_aside=False)
            return _device(visit, swap, {"serial": say_unfit(old, visit.words)})
        except NotThisDevice:
            taken = visit.words._("This device was taken meanwhile. Take another")
            return _device(visit, swap, {"serial": taken})
    ready = visit.do(lambda desk: set_out(SetOut(case_id=case.id, operator=operator, present=True), desk=desk))
    return visit.go(_test(visit, ready.id))


def _decide(visit: Visit, swap: Swap, case: Case, operator: Operator, seen: Seen) -> None:
    """Taken up, decided, and the papers that were just seen noted for the hand-over. Where two people decide, or this role only
    checks, it waits for the second; whatever else stands in the way, the case's own page says."""
    why = str(visit.words._("Broken OTP swapped at the counter; papers seen"))
    if swap.acting is not None and swap.papers:
        why += ": " + ", ".join(one.title.text(visit.lang) for one in swap.papers)
    decision = Decision(case_id=case.id, operator=operator, reason=why)
    who = Who.MEMBER if swap.acting is None else Who.ACTING
    compared = CompareId(case_id=case.id, operator=operator, who=who, seen=seen)
    try:
        visit.do(lambda desk: take_up(decision, desk=desk))
        visit.do(lambda desk: approve(decision, desk=desk))
        visit.do(lambda desk: compare_id(compared, desk=desk))
    except (Conflict, Invalid):
        return


def _unnamed(visit: Visit, swap: Swap, relation: Relation | None, shown: list[str]) -> dict[str, str]:
    """What is not said yet of who acts for the member."""
    _, errors = visit.words._, dict[str, str]()
    if not visit.form.get("person", "").strip():
        errors["person"] = _("Enter the name as it stands on the ID card")
    if swap.acting is None or relation not in RELATIONS[swap.acting]:
        errors["relation"] = _("Choose what fits")
    if {one.item for one in swap.papers or []} - set(shown):
        errors["shown"] = _("Look at each of these papers, and tick it")
    return errors


def _look(typed: str, case: Case, operator: Operator, swap: Swap, uow: UnitOfWork) -> Looked:
    token, device = find_scanned(typed, uow=uow)
    branch_id = case.branch_id or operator.branch_id
    if token is None or device is None or branch_id is None:
        return Looked(token=None, unfit=None, set_aside=False)
    return Looked(token=token, unfit=unfit_of(token, device, case, branch_id, swap.now), set_aside=False)


def _branch(visit: Visit) -> BranchId | None:
    branches = visit.look(lambda uow: uow.branches.find(order="code"))
    return next((one.id for one in branches if str(one.id) == visit.form.get("branch")), None)


def _test(visit: Visit, pick_up_id: UUID) -> str:
    """The counter's test, with the device that was taken for this."""
    fresh = visit.look(lambda uow: uow.pick_ups.get(pick_up_id))
    serial = visit.look(lambda uow: uow.tokens.get(fresh.token_id)).serial
    return f"/console/counter/{pick_up_id}/test?{urlencode({'serial': serial})}"


def _device(visit: Visit, swap: Swap, errors: Mapping[str, str] | None = None) -> Response:
    return visit.page("console/swap/device.html", errors=errors, step=Step.DEVICE, swap=swap, case=swap.case, camera=True)
