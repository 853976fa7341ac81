"""A policy is written, put forward, approved by somebody else, and in force from its day; each step once, and in the audit."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from otpward.clerk.policy import policy_of, said_by
from otpward.core.audit import Actor, ActorKind
from otpward.core.errors import Denied, NotFound
from otpward.core.lifecycle.policy import PolicyState
from otpward.core.lifecycle.table import IllegalTransition
from otpward.core.model.case import Delivery, Reason
from otpward.core.model.member import Role
from otpward.core.policy.document import check
from otpward.core.policy.document.build import read_policy, read_whole
from otpward.core.policy.document.default import DEFAULT
from otpward.core.policy.document.faults import BadPolicy, Flaw
from otpward.core.policy.document.requirement import requirement
from otpward.core.policy.document.text import read_text
from otpward.core.policy.versions import FarDate, PastDate, Standing
from otpward.services.oversee.policies.approve_policy import send_back_policy
from otpward.services.oversee.policies.hands import OwnPolicy, StalePolicy
from otpward.services.oversee.policies.keep_meanings import keep_meanings
from otpward.services.oversee.policies.save_policy import DRAFTS_MAX, NoDraft, TooManyDrafts
from otpward.services.oversee.policies.see_policies import see_policies, see_policy
from otpward.services.oversee.policies.withdraw_policy import InForce, WithdrawPolicy, withdraw_policy
from tests.fakes.house import memory_house
from tests.fakes.sample import Sample, make_sample
from tests.fakes.surroundings import FixedClock
from tests.services.oversee.policies.writing import FEE, SHELL, TODAY, Desks, desks, someone
from tests.services.walk import Walk


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def sample(clock: FixedClock) -> Sample:
    return make_sample(memory_house(clock))


@pytest.fixture
def two(sample: Sample) -> Desks:
    return desks(sample)


def fee(two: Desks) -> int:
    return requirement(two.now(), "individual", Reason.LOST, Delivery.BRANCH).fee_won


def listed(two: Desks) -> dict[int, Standing]:
    inside, house = two.sample.institution.id, two.sample.house
    found = house.look(inside, lambda uow: see_policies(inside, uow=uow, now=house.clock.now()))
    return {one.version.number: one.standing for one in found}


def test_before_any_is_approved_the_institution_has_what_it_was_opened_with() -> None:
    two = desks(make_sample(memory_house(), two_people=True))
    asked = requirement(two.now(), "individual", Reason.LOST, Delivery.POST)
    assert (asked.fee_won, asked.two_people, asked.working_days) == (0, True, 4)


def test_what_a_second_person_approved_for_today_is_in_force_at_once(two: Desks) -> None:
    number = two.save().number
    assert (fee(two), listed(two)) == (0, {1: Standing.DRAFT})
    two.propose(number)
    assert (fee(two), listed(two)) == (0, {1: Standing.PROPOSED})
    two.approve(number)
    assert (fee(two), listed(two)) == (7000, {1: Standing.IN_FORCE})


def test_what_is_meant_for_a_later_day_waits_for_its_midnight_in_seoul(two: Desks, clock: FixedClock) -> None:
    two.put_in_force(FEE, TODAY + timedelta(days=1))
    assert (fee(two), listed(two)) == (0, {1: Standing.COMING})
    clock.move(hours=11, minutes=59)
    assert fee(two) == 0
    clock.move(minutes=1)
    assert (fee(two), listed(two)) == (7000, {1: Standing.IN_FORCE})


def test_the_one_before_is_over_and_stays_as_it_was(two: Desks) -> None:
    two.put_in_force(FEE)
    two.put_in_force("[rules.all]\nfee_won = 9000\n")
    assert fee(two) == 9000
    assert listed(two) == {2: Standing.IN_FORCE, 1: Standing.OVER}
    old = two.do(lambda desk: desk.uow.__enter__().policies.first(number=1))
    assert (old.state, old.text) == (PolicyState.SUPERSEDED, FEE)


def test_a_case_keeps_the_policy_that_it_began_under(sample: Sample, two: Desks) -> None:
    two.put_in_force(FEE)
    walk = Walk(sample)
    walk.prove()
    case = walk.start()
    two.put_in_force("[rules.all]\nfee_won = 9000\n")
    kept = walk.look(lambda uow: policy_of(uow.cases.get(case.id), uow=uow, now=walk.now))
    assert requirement(kept, case.applicant, case.reason, Delivery.BRANCH).fee_won == 7000


@pytest.mark.parametrize("who", ["who wrote it", "who wrote in it", "who put it forward"])
def test_nobody_approves_what_their_own_hand_is_in(two: Desks, sample: Sample, who: str) -> None:
    third = someone(sample, "third", Role.ADMINISTRATOR)
    number = two.save().number
    if who == "who wrote in it":
        two.save(FEE + "working_days = 3\n", author=two.second, number=number)
    two.propose(number, author=two.second if who == "who put it forward" else third)
    own = two.first if who == "who wrote it" else two.second
    with pytest.raises(OwnPolicy):
        two.approve(number, by=own)
    assert fee(two) == 0


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_only_an_administrator_writes_puts_forward_and_approves(two: Desks, sample: Sample, role: Role) -> None:
    other = someone(sample, "other", role)
    with pytest.raises(Denied):
        two.save(author=other)
    number = two.save().number
    with pytest.raises(Denied):
        two.propose(number, author=other)
    two.propose(number)
    with pytest.raises(Denied):
        two.approve(number, by=other)
    with pytest.raises(Denied):
        two.do(lambda desk: send_back_policy(two.decide(number, by=other), desk=desk))


@pytest.mark.parametrize("by", [SHELL, Actor(kind=ActorKind.API_KEY, source="127.0.0.1")], ids=["shell", "key"])
def test_a_shell_or_a_key_writes_and_a_person_approves(two: Desks, by: Actor) -> None:
    number = two.save(author=by).number
    two.propose(number, author=by)
    two.approve(number)
    assert fee(two) == 7000


def test_a_bad_text_leaves_nothing_behind(two: Desks) -> None:
    with pytest.raises(BadPolicy) as caught:
        two.save("[rules.all]\nfee_won = -1\n")
    assert caught.value.faults[0].flaw is Flaw.NEGATIVE
    assert listed(two) == {}


def test_a_draft_that_becomes_bad_stays_what_it_was(two: Desks) -> None:
    number = two.save().number
    with pytest.raises(BadPolicy):
        two.save("fee: 1", number=number)
    assert two.save(FEE, number=number).text == FEE


@pytest.mark.parametrize(
    ("day", "error"),
    [(date(2026, 11, 22), PastDate), (date(1970, 1, 1), PastDate), (date(2029, 1, 1), FarDate), (date.max, FarDate)],
    ids=["yesterday", "long ago", "far off", "the last day of all"],
)
def test_a_day_that_is_over_or_far_off_is_refused(two: Desks, day: date, error: type[Exception]) -> None:
    number = two.save().number
    with pytest.raises(error):
        two.propose(number, day)
    assert listed(two) == {1: Standing.DRAFT}


def test_a_day_that_passes_while_it_waits_is_noticed(two: Desks, clock: FixedClock) -> None:
    number = two.save().number
    two.propose(number)
    clock.move(days=1)
    with pytest.raises(PastDate):
        two.approve(number)
    two.do(lambda desk: send_back_policy(two.decide(number), desk=desk))
    two.propose(number, TODAY + timedelta(days=1))
    assert two.approve(number).effective_at == clock.now()


def test_what_was_put_forward_is_not_rewritten(two: Desks) -> None:
    number = two.save().number
    two.propose(number)
    with pytest.raises(NoDraft):
        two.save("", number=number)
    with pytest.raises(IllegalTransition):
        two.propose(number)


def test_what_was_sent_back_is_a_draft_again(two: Desks) -> None:
    number = two.save().number
    two.propose(number)
    back = two.do(lambda desk: send_back_policy(two.decide(number), desk=desk))
    assert (back.state, back.effective_at, back.proposed_by) == (PolicyState.DRAFT, None, "")
    with pytest.raises(IllegalTransition):
        two.approve(number)


def test_a_decision_on_what_changed_since_is_refused(two: Desks) -> None:
    draft = two.save()
    two.save(FEE + "working_days = 9\n", number=draft.number)
    with pytest.raises(StalePolicy):
        two.save(FEE, number=draft.number, seen_version=draft.version)
    two.propose(draft.number)
    with pytest.raises(StalePolicy):
        two.approve(draft.number, seen_version=draft.version)


def test_what_is_not_in_force_can_be_withdrawn_and_what_is_cannot(two: Desks) -> None:
    def withdraw(number: int) -> None:
        ask = WithdrawPolicy(institution_id=two.sample.institution.id, author=two.first, number=number)
        two.do(lambda desk: withdraw_policy(ask, desk=desk))

    two.put_in_force(FEE)
    with pytest.raises(InForce):
        withdraw(1)
    two.put_in_force("", TODAY + timedelta(days=3))
    withdraw(2)
    withdraw(two.save().number)
    assert listed(two) == {3: Standing.WITHDRAWN, 2: Standing.WITHDRAWN, 1: Standing.IN_FORCE}


def test_drafts_do_not_pile_up_without_end(two: Desks) -> None:
    for _ in range(DRAFTS_MAX):
        two.save()
    with pytest.raises(TooManyDrafts):
        two.save()


def test_one_version_beside_another(two: Desks) -> None:
    two.put_in_force(FEE)
    number = two.save("[rules.all]\nfee_won = 9000\n").number
    inside, house = two.sample.institution.id, two.sample.house
    seen = house.look(inside, lambda uow: see_policy(inside, number, uow=uow, now=house.clock.now()))
    assert [(one.path, one.before, one.after) for one in seen.differences] == [("rules.all.fee_won", "7000", "9000")]
    first = house.look(inside, lambda uow: see_policy(inside, number, uow=uow, now=house.clock.now(), before=0))
    assert [one.before for one in first.differences] == ["0"]
    with pytest.raises(NotFound):
        house.look(inside, lambda uow: see_policy(inside, 99, uow=uow, now=house.clock.now()))


def test_every_step_is_in_the_audit(two: Desks) -> None:
    two.put_in_force(FEE)
    two.put_in_force("")
    inside = two.sample.institution.id
    lines = two.sample.house.look(inside, lambda uow: uow.audit.find(subject="policyversion"))
    told = [(line.event.value, line.detail["number"]) for line in reversed(lines)]
    assert told == [
        ("policy:saved", 1),
        ("policy:proposed", 1),
        ("policy:approved", 1),
        ("policy:saved", 2),
        ("policy:proposed", 2),
        ("policy:approved", 2),
        ("policy:superseded", 1),
    ]


def test_a_later_default_changes_no_version_that_was_approved(two: Desks, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another number, another rule and another kind come into the default; a draft has them, what was approved has not."""
    before = two.put_in_force(FEE)
    meant = two.now()
    assert said_by(before) == meant
    later = DEFAULT.replace("working_days = 2", "working_days = 9").replace(
        "[waivers.faulty]", "[rules.newer]\nreasons = ['lost']\nfee_won = 1\n[waivers.faulty]"
    )
    monkeypatch.setattr(check, "default_tree", lambda: read_text(later))
    read_policy.cache_clear()
    read_whole.cache_clear()
    assert said_by(before) == meant
    draft = two.save("[rules.all]\nfee_won = 7000")
    assert said_by(draft).tree["rules"]["all"]["working_days"] == 9
    assert "newer" in said_by(draft).tree["rules"]
    read_policy.cache_clear()
    read_whole.cache_clear()


def test_what_a_policy_means_stays_whatever_later_defaults_are(two: Desks, monkeypatch: pytest.MonkeyPatch) -> None:
    # Of version 0 as of one that was approved before meanings were kept; each once, and in the audit.
    walk = Walk(two.sample)
    inside, house = two.sample.institution.id, two.sample.house
    begun = walk.start()
    before = walk.look(lambda uow: policy_of(begun, uow=uow, now=walk.now))
    two.put_in_force(FEE)
    walk.edit(lambda uow: uow.policies.save(replace(uow.policies.find(number=1)[0], whole="")))
    assert house.do(inside, lambda desk: keep_meanings(inside, desk=desk)) == 2
    assert house.do(inside, lambda desk: keep_meanings(inside, desk=desk)) == 0
    now = two.now()
    monkeypatch.setattr("otpward.clerk.policy.read_policy", lambda _text: pytest.fail("a default of today was asked"))
    assert walk.look(lambda uow: policy_of(begun, uow=uow, now=walk.now)) == before
    assert two.now() == now
    assert set(listed(two)) == {1}
    with pytest.raises(NotFound):
        two.propose(0, TODAY)
