"""What a policy says is what happens: proofs, deadlines, who approves, what can be applied for, what it costs."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from otpward.clerk.policy import asked_of
from otpward.core.errors import Denied, Invalid
from otpward.core.lifecycle.case import CaseState
from otpward.core.model.case import Case, Delivery, Reason
from otpward.core.model.member import Role
from otpward.core.model.proof import Act
from otpward.core.policy.document.requirement import Requirement
from otpward.core.policy.proofs import ProofNeeded
from otpward.core.policy.verification import Verdict
from otpward.core.secret import Personal
from otpward.ports.judging import Verification
from otpward.services.apply.save_application import SaveApplication, save_application
from otpward.services.apply.start_application import StartApplication, start_application
from tests.services.oversee.policies.writing import desks
from tests.services.walk import SOURCE, Walk, shown

Ruled = Callable[[str], Walk]


@pytest.fixture
def ruled(walk: Walk) -> Ruled:
    """A member's way under these rules."""

    def put(text: str) -> Walk:
        desks(walk.sample).put_in_force(text)
        return walk

    return put


def asked(walk: Walk, case: Case) -> Requirement:
    return walk.look(lambda uow: asked_of(case, uow=uow, now=walk.now))


def save(walk: Walk, case: Case, reason: Reason) -> Case:
    ask = SaveApplication(case_id=case.id, member_id=walk.member.id, source=SOURCE, reason=reason)
    return walk.do(lambda desk: save_application(ask, desk=desk))


def test_a_way_of_proving_that_is_not_named_is_no_way(ruled: Ruled) -> None:
    walk = ruled("[proofs.apply]\nany = [['certificate']]")
    with pytest.raises(Denied):
        walk.begin(Act.APPLY)
    assert walk.prove(Act.FOLLOW).passed_at == walk.now


def test_where_two_proofs_are_asked_for_one_is_not_enough(ruled: Ruled) -> None:
    walk = ruled("[proofs.apply]\nany = [['phone_code', 'passkey']]")
    case = walk.fill_in(walk.start())
    walk.prove()
    with pytest.raises(ProofNeeded):
        walk.submit(case)
    assert walk.case(case.id).state is CaseState.DRAFT


def test_for_a_kind_of_device_more_can_be_asked_for(ruled: Ruled) -> None:
    walk = ruled("[proofs.apply.fob]\nany = [['certificate']]")
    case = walk.fill_in(walk.start())
    walk.prove()
    with pytest.raises(ProofNeeded):
        walk.submit(case)


def test_days_are_those_of_the_policy(ruled: Ruled) -> None:
    walk = ruled("[deadlines]\ndraft_days = 3\npick_up_days = 5")
    assert walk.start().deadline_at == walk.now + timedelta(days=3)
    _, pick_up = walk.ready()
    assert pick_up.until == walk.now + timedelta(days=5)


def test_only_the_roles_that_it_names_approve(ruled: Ruled) -> None:
    walk = ruled("[rules.all]\napprovers = ['administrator']")
    branch = walk.colleague(Role.BRANCH)
    case = walk.approve(walk.checking(), branch)
    assert case.state is CaseState.AWAITING_APPROVAL
    with pytest.raises(Denied):
        walk.approve(case, replace(branch, member_id=walk.sample.operator.member_id))
    assert walk.approve(case).state is CaseState.APPROVED


def test_two_people_only_where_it_says_so(ruled: Ruled) -> None:
    walk = ruled("[rules.post]\ndeliveries = ['post']\ntwo_people = true")
    assert walk.approve(walk.checking(Delivery.POST)).state is CaseState.AWAITING_APPROVAL


def test_what_is_not_offered_is_not_taken(ruled: Ruled) -> None:
    walk = ruled("[rules.no_post]\ndeliveries = ['post']\noffered = false")
    case = walk.start()
    with pytest.raises(Invalid) as caught:
        walk.fill_in(case, Delivery.POST)
    assert caught.value.field == "delivery"
    assert walk.case(case.id).delivery is None


def test_a_reason_for_which_it_is_not_offered_opens_the_way_of_receiving_again(ruled: Ruled) -> None:
    walk = ruled("[rules.no]\nreasons = ['expiring']\ndeliveries = ['branch']\noffered = false")
    case = save(walk, walk.fill_in(walk.start()), Reason.EXPIRING)
    assert (case.delivery, case.branch_id, case.documents) == (None, None, None)
    assert save(walk, case, Reason.FAULTY).delivery is None


@pytest.mark.parametrize("kind", ["ghost", "minor"])
def test_a_kind_that_may_not_apply_does_not_begin(ruled: Ruled, kind: str) -> None:
    walk = ruled("[kinds.minor]\noffered = false")
    ask = StartApplication(
        institution_id=walk.inside, member_id=walk.member.id, browser=walk.browser, source=SOURCE, applicant=kind
    )
    with pytest.raises(Invalid) as caught:
        walk.do(lambda desk: start_application(ask, desk=desk))
    assert caught.value.field == "applicant"
    assert walk.look(lambda uow: uow.cases.find()) == []


def test_a_kind_keeps_to_its_case(ruled: Ruled) -> None:
    walk = ruled("")
    ask = StartApplication(
        institution_id=walk.inside, member_id=walk.member.id, browser=walk.browser, source=SOURCE, applicant="proxy"
    )
    case = walk.do(lambda desk: start_application(ask, desk=desk))
    assert case.applicant == "proxy"
    assert asked(walk, case).papers[0].document.name == "proxy_id"


@pytest.mark.parametrize(("days", "fee"), [(0, 0), (364, 0), (366, 5000)])
def test_a_device_that_breaks_early_costs_nothing(ruled: Ruled, days: int, fee: int) -> None:
    walk = ruled("[rules.all]\nfee_won = 5000")
    walk.clock.move(days=days)
    assert asked(walk, walk.start()).fee_won == fee


@pytest.mark.parametrize(("from_age", "fee"), [(46, 0), (47, 5000)])
def test_age_is_counted_in_whole_years(ruled: Ruled, from_age: int, fee: int) -> None:
    waivers = f"[waivers.senior]\nused = true\nage_from = {from_age}\n[waivers.faulty]\nused = false"
    walk = ruled(f"[rules.all]\nfee_won = 5000\n{waivers}")
    assert asked(walk, walk.start()).fee_won == fee


def test_a_case_of_before_keeps_to_what_the_institution_was_opened_with(ruled: Ruled, walk: Walk) -> None:
    case = walk.start()
    ruled("[rules.all]\nfee_won = 9000\n[waivers.faulty]\nused = false")
    assert asked(walk, walk.case(case.id)).fee_won == 0
    assert case.policy_id is None


def test_a_company_has_no_age(ruled: Ruled) -> None:
    walk = ruled("[rules.all]\nfee_won = 5000\n[waivers.senior]\nused = true\n[waivers.faulty]\nused = false")
    member = walk.look(lambda uow: uow.members.get(walk.member.id))
    walk.edit(lambda uow: uow.members.save(replace(member, birth_date=Personal("123-45-67891"))))
    assert asked(walk, walk.start("corporation")).fee_won == 5000


def test_members_are_told_to_call_the_number_that_it_names(ruled: Ruled) -> None:
    walk = ruled("[contact]\nphone = '1599-0001'")
    walk.submitted()
    told = walk.look(lambda uow: uow.notices.find(template="case_submitted"))
    assert told
    assert all("1599-0001" in one.text.reveal() for one in told)


def accepted(walk: Walk) -> Verification:
    answer = walk.ask(shown("SN-02", walk.now), serial="SN-02")
    assert answer.verdict is Verdict.ACCEPTED
    return answer


def test_a_new_otp_is_held_to_be_new_for_as_long_as_the_rule_says(ruled: Ruled) -> None:
    walk = ruled("[rules.by_post]\nhold_hours = 1\n[rules.at_branch]\ndeliveries = ['branch']\nhold_hours = 24")
    walk.done()
    until = walk.now.replace(microsecond=0) + timedelta(hours=24, seconds=1)
    walk.clock.move(minutes=1)
    answer = accepted(walk)
    assert (answer.age_s, answer.hold_until) == (60, until)
    walk.clock.move(hours=24)
    answer = accepted(walk)
    assert (answer.age_s, answer.hold_until) == (24 * 3600 + 60, None)


def test_without_such_a_rule_only_its_age_is_told(ruled: Ruled) -> None:
    walk = ruled("")
    walk.done()
    walk.clock.move(minutes=2)
    assert (accepted(walk).age_s, accepted_before(walk)) == (120, (None, None))


def accepted_before(walk: Walk) -> tuple[int | None, object]:
    """What is said of a code that is refused: nothing of the token."""
    answer = walk.ask(shown("SN-02", walk.now), serial="SN-02")
    assert answer.verdict is Verdict.REPLAYED
    return answer.age_s, answer.hold_until
