"""Taking up, asking for more, refusing: the other decisions, and the answer to the question."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from otpward.clerk.cases import StaleCase
from otpward.core.errors import Denied, Invalid, NotFound
from otpward.core.lifecycle.case import CaseState
from otpward.core.lifecycle.table import IllegalTransition
from otpward.core.model.case import Case
from otpward.core.model.member import Role
from otpward.ports.desk import Desk
from otpward.services.apply.answer_request import AnswerRequest, answer_request
from otpward.services.apply.ask_for_more import ask_for_more
from otpward.services.apply.refuse import refuse
from otpward.services.apply.review import Decision, OwnRequest
from otpward.services.apply.take_up import take_up
from tests.services.walk import SOURCE, Walk

Service = Callable[..., Case]
EACH = pytest.mark.parametrize(
    ("service", "begin"),
    [(take_up, Walk.submitted), (ask_for_more, Walk.checking), (refuse, Walk.checking)],
    ids=["take_up", "ask_for_more", "refuse"],
)


def decide(walk: Walk, service: Service, decision: Decision) -> Case:
    def act(desk: Desk) -> Case:
        return service(decision, desk=desk)

    return walk.do(act)


def answer(walk: Walk, case: Case, text: str) -> Case:
    ask = AnswerRequest(case_id=case.id, member_id=walk.member.id, answer=text, source=SOURCE)
    return walk.do(lambda desk: answer_request(ask, desk=desk))


@EACH
def test_nobody_decides_their_own_case(walk: Walk, service: Service, begin: Callable[[Walk], Case]) -> None:
    case = begin(walk)
    mine = replace(walk.operator, member_id=walk.member.id)
    with pytest.raises(OwnRequest):
        decide(walk, service, walk.decision(case, mine, "왜"))


@EACH
@pytest.mark.parametrize("role", [Role.STOCK, Role.AUDITOR])
def test_only_the_desk_decides(walk: Walk, service: Service, begin: Callable[[Walk], Case], role: Role) -> None:
    case = begin(walk)
    with pytest.raises(Denied):
        decide(walk, service, walk.decision(case, walk.colleague(role), "왜"))


@EACH
def test_a_decision_is_made_on_what_was_seen(walk: Walk, service: Service, begin: Callable[[Walk], Case]) -> None:
    case = begin(walk)
    with pytest.raises(StaleCase):
        decide(walk, service, replace(walk.decision(case, message="왜"), seen_version=case.version - 1))


@EACH
def test_a_decision_is_made_once(walk: Walk, service: Service, begin: Callable[[Walk], Case]) -> None:
    decision = replace(walk.decision(begin(walk), message="왜"), seen_version=None)
    decide(walk, service, decision)
    with pytest.raises(IllegalTransition):
        decide(walk, service, decision)


@pytest.mark.parametrize("service", [ask_for_more, refuse])
def test_the_member_must_be_told_why(walk: Walk, service: Service) -> None:
    case = walk.checking()
    with pytest.raises(Invalid) as wrong:
        decide(walk, service, walk.decision(case, message="  "))
    assert wrong.value.field == "message"


def test_taken_up_is_checking(walk: Walk) -> None:
    assert walk.checking().state is CaseState.CHECKING
    assert walk.events()[-1] == "case:taken_up=checking"


def test_refused_ends_it_and_the_token_stays_stopped(walk: Walk) -> None:
    walk.report()
    case = decide(walk, refuse, walk.decision(walk.checking(), message="사진이 다릅니다"))
    assert (case.state, case.message, case.open_key, case.closed_at) == (CaseState.REFUSED, "사진이 다릅니다", None, walk.now)
    assert walk.token("SN-00").holds
    assert walk.events()[-1] == "case:refused=refused"
    assert walk.told("refused") == {("m1001", "case_refused", "sms"), ("m1001", "case_refused", "mail")}


def test_more_is_asked_and_answered(walk: Walk) -> None:
    case = decide(walk, ask_for_more, walk.decision(walk.checking(), message="주소를 확인해 주세요"))
    assert (case.state, case.message) == (CaseState.MORE_NEEDED, "주소를 확인해 주세요")
    assert walk.told("more") == {("m1001", "case_more", "sms"), ("m1001", "case_more", "mail")}
    with pytest.raises(Invalid) as wrong:
        answer(walk, case, " ")
    assert wrong.value.field == "answer"
    answered = answer(walk, case, " 맞습니다 ")
    assert (answered.state, answered.answer.reveal()) == (CaseState.CHECKING, "맞습니다")
    assert walk.events()[-2:] == ["case:more_asked=more_needed", "case:answered=checking"]
    with pytest.raises(IllegalTransition):
        answer(walk, answered, "다시")


def test_only_the_member_answers(walk: Walk) -> None:
    case = decide(walk, ask_for_more, walk.decision(walk.checking(), message="주소"))
    walk.member = walk.sample.other
    with pytest.raises(NotFound):
        answer(walk, case, "네")
