"""Who may do what to an application, through the page: every act, every state, every role, as the tables of the core say."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

import pytest

from otpward.core.audit import AuditEvent
from otpward.core.lifecycle.case import CaseState
from otpward.core.model.case import Case, Delivery
from otpward.core.model.member import Member, Operator, Role
from otpward.core.policy.case_acts import POSSIBLE, CaseAct, may_act
from otpward.ports.desk import House
from otpward.services.apply.approve import approve
from otpward.services.apply.ask_for_more import ask_for_more
from otpward.services.apply.review import Decision
from otpward.services.apply.take_up import take_up
from otpward.services.deliver.plan_shipment import PlanShipment, plan_shipment
from otpward.services.issue.reserve_device import ReserveDevice, reserve_device
from tests.edges.http.console.staffed import appoint, session_of, story
from tests.edges.http.portal.seated import TRACKING, Story
from tests.fakes.house import memory_house
from tests.fakes.sample import Sample
from tests.fakes.surroundings import FixedClock

DELIVERY: Final = {CaseAct.MAKE_APP: Delivery.APP} | dict.fromkeys(
    (CaseAct.PACK, CaseAct.DISPATCH, CaseAct.DELIVERED, CaseAct.RETURNED, CaseAct.MISSING), Delivery.POST
)
"""What an act is done to; everything else is collected at the branch."""


def form_of(act: CaseAct, sample: Sample, case: Case) -> dict[str, str]:
    """The form as the page sends it, complete."""
    decide = {"act": "decide", "message": "왜", "reason": "왜"}
    forms: Mapping[CaseAct, dict[str, str]] = {
        CaseAct.NOTE: {"note": "전화함"},
        CaseAct.ASSIGN: {"to": "nobody" if case.assigned_to else str(sample.operator.member_id)},
        CaseAct.APPROVE: {**decide, "decision": "approve"},
        CaseAct.ASK_FOR_MORE: {**decide, "decision": "ask"},
        CaseAct.REFUSE: {**decide, "decision": "refuse"},
        CaseAct.SEND_BACK: {**decide, "decision": "send_back"},
        CaseAct.RESERVE: {"serial": sample.shelf[0]},
        CaseAct.DISPATCH: {"serial": sample.shelf[0], "tracking_number": TRACKING},
    }
    return {"act": act.value, "seen": str(case.version), **forms.get(act, {})}


class Rows:
    """What the store holds, set aside and put back."""

    def __init__(self, house: House) -> None:
        with house.open(None, writes=True) as uow:
            self._store: Any = uow._store  # type: ignore[attr-defined]
        self._rows = {name: dict(rows) for name, rows in self._store.rows.items()}
        self._audit = list(self._store.audit)

    def put_back(self) -> None:
        self._store.rows = {name: dict(rows) for name, rows in self._rows.items()}
        self._store.audit = list(self._audit)


@pytest.fixture
def house(clock: FixedClock) -> House:
    return memory_house(clock)


@pytest.fixture
def judging() -> Any:
    """Nobody asks about a code here."""
    return None


def reach(state: CaseState, act: CaseAct, sample: Sample, checker: Operator) -> Case:
    """The member's application in this state: by the services where staff act in it, and else as if it had come so far."""
    one, delivery = story(sample), DELIVERY.get(act, Delivery.BRANCH)
    ways: Mapping[CaseState, Callable[[], object]] = {
        CaseState.SUBMITTED: lambda: one.sent(delivery),
        CaseState.CHECKING: lambda: checked(one, delivery, sample),
        CaseState.MORE_NEEDED: lambda: decide(sample, ask_for_more, checked(one, delivery, sample), sample.operator),
        CaseState.AWAITING_APPROVAL: lambda: decide(sample, approve, checked(one, delivery, sample), checker),
        CaseState.APPROVED: lambda: one.approved(delivery),
        CaseState.PREPARING: lambda: prepared(one, act, sample),
        CaseState.IN_TRANSIT: lambda: one.on_its_way(sample.shelf[0]),
        CaseState.READY_TO_COLLECT: lambda: one.ready_to_collect(sample.shelf[0]),
    }
    if state in ways:
        ways[state]()
        return one.case
    case = one.sent(delivery)
    with sample.house.open(sample.institution.id, writes=True) as uow:
        forced = uow.cases.save(replace(case, state=state))
        uow.commit()
    return forced


def decide(sample: Sample, service: Any, case: Case, operator: Operator) -> Case:
    ask = Decision(case_id=case.id, operator=operator, message="왜", reason="왜")
    return sample.house.do(sample.institution.id, lambda desk: service(ask, desk=desk))  # type: ignore[no-any-return]


def checked(one: Story, delivery: Delivery, sample: Sample) -> Case:
    return decide(sample, take_up, one.sent(delivery), sample.operator)


def prepared(one: Story, act: CaseAct, sample: Sample) -> None:
    """Set aside, and in its envelope where that is what the act begins with."""
    case = one.approved(DELIVERY.get(act, Delivery.BRANCH) if act is not CaseAct.MAKE_APP else Delivery.BRANCH)
    inside, by = sample.institution.id, sample.operator
    ask = ReserveDevice(case_id=case.id, serial=sample.shelf[0], operator=by)
    sample.house.do(inside, lambda desk: reserve_device(ask, desk=desk))
    if act is CaseAct.DISPATCH:
        sample.house.do(inside, lambda desk: plan_shipment(PlanShipment(case_id=case.id, operator=by), desk=desk))


def expected(role: Role, act: CaseAct, state: CaseState) -> str:
    if not may_act(role, act, state):
        return "denied"
    return "done" if state in POSSIBLE[act] else "too late"


def told(answer: Any) -> str:
    """What the page said, in one word."""
    if answer.status_code == 200 and "done=" in str(answer.url):
        return "done"
    return {403: "denied", 409: "too late"}.get(answer.status_code, f"{answer.status_code} {answer.url}")


@pytest.mark.parametrize("act", list(CaseAct))
def test_every_role_may_do_in_every_state_what_the_tables_say_and_no_more(act: CaseAct, browser: Any, sample: Sample) -> None:
    staff: dict[Role, Member] = {role: appoint(sample, role, sample.branch.id) for role in Role}
    seats = {role: session_of(sample, member) for role, member in staff.items()}
    checker = Operator(member_id=staff[Role.HELP_DESK].id, role=Role.HELP_DESK, branch_id=None)
    browser._client.cookies.set("lang", "en")
    browser._client.cookies.set("otpward-console", seats[Role.ADMINISTRATOR])
    csrf = browser.get("/console").text.partition('name="csrf" value="')[2].partition('"')[0]
    empty, wrong = Rows(sample.house), []
    for state in CaseState:
        empty.put_back()
        case = reach(state, act, sample, checker)
        assert case.state is state
        before = Rows(sample.house)
        for role in Role:
            before.put_back()
            browser._client.cookies.set("otpward-console", seats[role])
            answer = told(browser.post(f"/console/cases/{case.number}", {"csrf": csrf, **form_of(act, sample, case)}))
            now, denied, noted = _after(sample, case)
            changed = now.version != case.version or noted
            right = {"done": (True, False), "denied": (False, True), "too late": (False, False)}[expected(role, act, state)]
            if answer != expected(role, act, state) or (changed, denied) != right:
                wrong.append((state.value, role.value, expected(role, act, state), answer, changed, denied))
    assert not wrong


def _after(sample: Sample, case: Case) -> tuple[Case, bool, bool]:
    """The case; whether a denied try was written down, and whether a note was kept."""
    with sample.house.open(sample.institution.id, writes=False) as uow:
        denied = bool(uow.audit.find(case_id=case.id, event=AuditEvent.CASE_DENIED))
        return uow.cases.get(case.id), denied, uow.notes.count(case_id=case.id) > 0


def test_each_act_is_possible_somewhere_and_to_somebody() -> None:
    for act in CaseAct:
        assert POSSIBLE[act]
        assert any(may_act(role, act, state) for role in Role for state in POSSIBLE[act])
        assert not any(may_act(Role.AUDITOR, act, state) for state in CaseState), "an auditor reads"
