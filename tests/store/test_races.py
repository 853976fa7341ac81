"""Real threads on real databases: whatever comes at once, a code is accepted once, a guess is counted, a device goes to one."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import pytest

from otpward.core.errors import Conflict, Denied, TooOften
from otpward.core.ids import CaseId, ProofId
from otpward.core.lifecycle.case import OPEN, CaseState
from otpward.core.lifecycle.token import Hold, TokenState
from otpward.core.model.case import Case, Delivery, Reason
from otpward.core.model.loss import LossReport
from otpward.core.model.member import Area, Member, Role
from otpward.core.model.proof import Act, Proof
from otpward.core.model.token import Token
from otpward.core.policy.proofs import ProofNeeded
from otpward.core.policy.verification import Verdict
from otpward.ports.desk import Desk, House
from otpward.ports.unit_of_work import Among
from otpward.services.apply.approve import approve
from otpward.services.apply.ask_for_more import ask_for_more
from otpward.services.apply.refuse import refuse
from otpward.services.apply.start_application import StartApplication, start_application
from otpward.services.deliver.plan_shipment import PlanShipment, plan_shipment
from otpward.services.issue.reserve_device import NotThisDevice, ReserveDevice, reserve_device
from otpward.services.prove_identity.check_code import CheckCode, CodeAnswer, check_code
from otpward.services.prove_identity.give_branch_code import GiveBranchCode, give_branch_code, shown_code
from otpward.services.prove_identity.take_branch_code import TakeBranchCode, take_branch_code
from otpward.services.prove_identity.trust_phone import TrustPhone, trust_phone
from otpward.services.report_loss.report_loss import ReportLoss, report_loss
from otpward.services.resync.unlock_token import UnlockToken, unlock_token
from otpward.services.sign_in.enter_password import EnterPassword, PasswordAnswer, enter_password
from otpward.services.verify.verify import Verify, verify
from otpward.store.engine import open_engine
from tests.fakes.house import sql_house, sqlite_engine
from tests.fakes.sample import PASSWORD, make_sample
from tests.services.walk import HERE, RELYING, SOURCE, Walk, other_than, shown

T = TypeVar("T")
Service = Callable[..., Case]


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    engine = sqlite_engine(tmp_path) if request.param == "sqlite" else open_engine(request.getfixturevalue("postgres_url"))
    yield sql_house(engine)
    engine.dispose()


@pytest.fixture
def walk(house: House) -> Walk:
    return Walk(make_sample(house))


def at_once(*acts: Callable[[], T]) -> list[T | Exception]:
    """What each returned or raised; they begin together."""
    start, results = threading.Barrier(len(acts)), list[T | Exception]()

    def run(act: Callable[[], T]) -> None:
        start.wait(30)
        try:
            results.append(act())
        except Exception as error:
            results.append(error)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert len(results) == len(acts)
    return results


def asking(walk: Walk, code: str, *, serial: str | None = None) -> Callable[[], Verdict]:
    login = None if serial else "m1001"
    ask = Verify(institution_id=walk.inside, code=code, by=RELYING, login=login, serial=serial)
    return lambda: walk.do(lambda desk: verify(ask, desk=desk)).verdict


def test_a_code_that_comes_sixteen_times_at_once_is_accepted_once(walk: Walk) -> None:
    for _ in range(10):
        walk.clock.move(hours=2)  # past any lock that the replays of the round before have earned
        code = shown("SN-00", walk.now)
        by_member, by_serial = asking(walk, code), asking(walk, code, serial="SN-00")
        answers = at_once(*[by_member, by_serial] * 8)
        told = Counter(answer for answer in answers)
        assert told[Verdict.ACCEPTED] == 1, told
        assert set(told) <= {Verdict.ACCEPTED, Verdict.REPLAYED, Verdict.LOCKED}, told
        assert walk.token("SN-00").high_water == int(walk.now.timestamp()) // 60
    accepted = walk.look(lambda uow: uow.audit.find(event="code:accepted", limit=1000))
    assert len(accepted) == 10


def test_of_sixty_guesses_at_once_ten_are_looked_at(walk: Walk) -> None:
    right = shown("SN-00", walk.now)
    wrong = other_than(right)
    told = Counter(at_once(*[asking(walk, wrong)] * 60))
    assert told == {Verdict.WRONG_CODE: 10, Verdict.LOCKED: 50}
    token = walk.token("SN-00")
    assert (token.failures_total, token.holds) == (10, frozenset({Hold.LOCKED}))
    assert [asking(walk, code)() for code in (right, wrong)] == [Verdict.LOCKED, Verdict.LOCKED]
    assert walk.token("SN-00") == token
    assert walk.look(lambda uow: uow.notices.count(template="token_locked")) == 2


def test_a_right_code_among_guesses_is_taken_at_most_once(walk: Walk) -> None:
    right = shown("SN-00", walk.now)
    told = Counter(at_once(*[asking(walk, other_than(right))] * 24, *[asking(walk, right)] * 4))
    assert told[Verdict.ACCEPTED] <= 1
    assert told[Verdict.WRONG_CODE] + told[Verdict.REPLAYED] <= 19, "ten before the right one, nine after, then a lock"


def test_the_call_after_the_receipt_is_refused(walk: Walk) -> None:
    code = shown("SN-00", walk.now)

    def report_then_ask() -> Verdict:
        walk.report()
        return asking(walk, code)()

    told = at_once(report_then_ask, *[asking(walk, code, serial="SN-00")] * 7)
    assert told.count(Verdict.ACCEPTED) <= 1
    assert Verdict.ON_HOLD in told
    assert asking(walk, code)() is Verdict.ON_HOLD


def approved_cases(walk: Walk, count: int, delivery: Delivery = Delivery.BRANCH) -> list[Case]:
    made = [
        Case(
            id=CaseId(walk.house.desk(None).new_id()),
            institution_id=walk.inside,
            number=f"R-{n}",
            member_id=walk.member.id,
            state=CaseState.APPROVED,
            open_key=f"race-{n}",
            reason=Reason.FIRST_ISSUE,
            delivery=delivery,
            branch_id=walk.sample.branch.id,
            opened_at=walk.now,
        )
        for n in range(count)
    ]

    def add(uow: object) -> None:
        for case in made:
            uow.cases.add(case)  # type: ignore[attr-defined]

    walk.edit(add)
    return made


def test_twenty_cases_that_want_one_device_leave_it_to_one(walk: Walk) -> None:
    cases = approved_cases(walk, 20)
    results = at_once(*[lambda case=case: walk.reserve(case, "SN-02") for case in cases])
    won = [result for result in results if isinstance(result, Case)]
    assert len(won) == 1
    assert all(isinstance(result, NotThisDevice) for result in results if not isinstance(result, Case)), results
    token = walk.token("SN-02")
    assert (token.state, walk.look(lambda uow: uow.devices.get(token.id)).case_id) == (TokenState.RESERVED, won[0].id)
    assert walk.look(lambda uow: uow.cases.count(new_token_id=token.id)) == 1


def test_one_case_that_two_operators_serve_gets_one_device(walk: Walk) -> None:
    (case,) = approved_cases(walk, 1)
    results = at_once(*[lambda serial=serial: walk.reserve(case, serial) for serial in walk.sample.shelf])
    assert sum(isinstance(result, Case) for result in results) == 1
    assert walk.look(lambda uow: uow.tokens.count(state=TokenState.RESERVED)) == 1


@pytest.mark.parametrize("second", [refuse, ask_for_more, approve], ids=["refuse", "ask for more", "approve"])
@pytest.mark.parametrize("seen", [True, False], ids=["on what both saw", "on whatever it is"])
def test_of_two_reviewers_of_one_case_one_decides(walk: Walk, second: Service, seen: bool) -> None:
    """Never two decisions, never a mixture of them; the other hears that it changed."""
    case = walk.checking()
    one, two = walk.decision(case), walk.decision(case, walk.colleague(Role.ADMINISTRATOR), "이유")
    if not seen:
        one, two = replace(one, seen_version=None), replace(two, seen_version=None)
    acts = [(approve, one), (second, two)] * 3
    results = at_once(*[lambda act=act, ask=ask: walk.do(lambda desk: act(ask, desk=desk)) for act, ask in acts])
    (won,) = [result for result in results if isinstance(result, Case)]
    assert all(isinstance(result, Conflict | Denied) for result in results if not isinstance(result, Case)), results
    assert walk.case(case.id) == won
    steps = walk.look(lambda uow: uow.steps.find(case_id=case.id))
    assert [step.state for step in steps].count(won.state) == 1


def test_a_parcel_that_is_packed_twice_at_once_is_one(walk: Walk) -> None:
    (case,) = approved_cases(walk, 1, Delivery.POST)
    walk.reserve(case, "SN-02")
    ask = PlanShipment(case_id=case.id, operator=walk.operator)
    results = at_once(*[lambda: walk.do(lambda desk: plan_shipment(ask, desk=desk))] * 8)
    assert len({result.id if not isinstance(result, Exception) else result for result in results}) == 1, results
    assert walk.look(lambda uow: uow.shipments.count()) == 1


def test_a_report_that_is_pressed_twice_at_once_is_one(walk: Walk) -> None:
    ask = ReportLoss(
        institution_id=walk.inside,
        login="m1001",
        phone=walk.phone,
        kind=walk.report(login="nobody").kind,
        phone_lost=False,
        browser=HERE,
        once="the same form",
        source=SOURCE,
    )
    results = at_once(*[lambda: walk.do(lambda desk: report_loss(ask, desk=desk))] * 6)
    assert len({result.number if not isinstance(result, Exception) else result for result in results}) == 1, results
    assert walk.look(lambda uow: (uow.losses.count(once="the same form"), uow.cases.count())) == (1, 1)


def test_an_application_that_is_begun_twice_at_once_is_one(walk: Walk) -> None:
    ask = StartApplication(institution_id=walk.inside, member_id=walk.member.id, browser=HERE, source=SOURCE)
    results = at_once(*[lambda: walk.do(lambda desk: start_application(ask, desk=desk))] * 8)
    assert len({result.id if not isinstance(result, Exception) else result for result in results}) == 1, results
    assert walk.look(lambda uow: uow.cases.count(state=Among(OPEN))) == 1


def test_a_proof_is_spent_once_however_often_it_is_shown(walk: Walk) -> None:
    case = walk.fill_in(walk.start())
    walk.prove(Act.APPLY)
    results = at_once(*[lambda: walk.submit(case)] * 6)
    assert sum(isinstance(result, Case) for result in results) == 1
    assert all(isinstance(result, Conflict | ProofNeeded) for result in results if not isinstance(result, Case)), results


def test_a_phone_code_has_five_tries_in_parallel_too(walk: Walk) -> None:
    proof = walk.begin(Act.APPLY)
    code = walk.send(proof)
    ask = CheckCode(proof_id=proof.id, browser=proof.browser, code=other_than(code), source=SOURCE)
    results = at_once(*[lambda: walk.do(lambda desk: check_code(ask, desk=desk))[0]] * 20)
    assert Counter(results)[CodeAnswer.WRONG] <= 4
    assert walk.look(lambda uow: uow.proofs.get(proof.id)).tries == 5
    assert walk.check(proof, code) is CodeAnswer.OVER


def test_passwords_are_counted_in_parallel_too(walk: Walk) -> None:
    def guess(n: int) -> Callable[[], PasswordAnswer]:
        ask = EnterPassword(
            institution_id=walk.inside, area=Area.PORTAL, login="m1001", password="a guess", source=f"10.0.0.{n}"
        )
        return lambda: enter_password(ask, house=walk.house)[0]

    at_once(*[guess(n) for n in range(20)])
    member = walk.look(lambda uow: uow.members.get(walk.member.id))
    assert member.password_failures == 10
    assert member.password_locked_until == walk.now + timedelta(minutes=10)
    right = EnterPassword(institution_id=walk.inside, area=Area.PORTAL, login="m1001", password=PASSWORD, source=SOURCE)
    answer, _ = enter_password(right, house=walk.house)
    assert answer is PasswordAnswer.REFUSED


def test_an_act_that_fails_leaves_nothing_behind(walk: Walk) -> None:
    (case,) = approved_cases(walk, 1)

    def everything() -> tuple[object, ...]:
        return walk.look(
            lambda uow: (
                uow.tokens.find(),
                uow.devices.find(),
                uow.cases.find(),
                uow.steps.count(),
                len(uow.audit.find(limit=10_000)),
                uow.notices.count(),
            )
        )

    def break_off(desk: Desk) -> None:
        def pull() -> None:
            raise RuntimeError("pulled")

        desk.uow.commit = pull  # type: ignore[method-assign]
        reserve_device(ReserveDevice(case_id=case.id, serial="SN-02", operator=walk.operator), desk=desk)

    before = everything()
    with pytest.raises(RuntimeError, match="pulled"):
        walk.do(break_off)
    assert everything() == before
    assert isinstance(walk.reserve(case, "SN-02"), Case)


def test_many_tries_from_one_source_are_each_counted(walk: Walk) -> None:
    def guess(n: int) -> Callable[[], PasswordAnswer]:
        ask = EnterPassword(institution_id=walk.inside, area=Area.PORTAL, login=f"x{n}", password="a guess", source=SOURCE)
        return lambda: enter_password(ask, house=walk.house)[0]

    for _ in range(3):
        assert at_once(*[guess(n) for n in range(35)]).count(PasswordAnswer.REFUSED) in {30, 35}
    with pytest.raises(TooOften):
        guess(0)()


def unlocking(walk: Walk) -> Callable[[], Token]:
    ask = UnlockToken(token_id=walk.token("SN-00").id, member_id=walk.member.id, browser=walk.browser, source=SOURCE)
    return lambda: walk.do(lambda desk: unlock_token(ask, desk=desk))


def test_a_lock_that_is_opened_among_guesses_lets_ten_more_be_looked_at(walk: Walk) -> None:
    wrong = other_than(shown("SN-00", walk.now))
    at_once(*[asking(walk, wrong)] * 12)
    walk.prove(Act.UNLOCK)
    results = at_once(*[unlocking(walk)] * 4, *[asking(walk, wrong)] * 24)
    assert sum(isinstance(result, Token) for result in results) == 1, results
    assert all(isinstance(result, Conflict | ProofNeeded) for result in results if isinstance(result, Exception)), results
    looked_at = results.count(Verdict.WRONG_CODE)
    token = walk.token("SN-00")
    assert looked_at <= 10
    assert (token.failures_total, Hold.LOCKED in token.holds) == (10 + looked_at, looked_at == 10)
    assert walk.events().count("proof:spent=done") == 1


def test_a_phone_reported_lost_at_the_same_moment_leaves_the_token_stopped(walk: Walk) -> None:
    at_once(*[asking(walk, other_than(shown("SN-00", walk.now)))] * 10)
    walk.prove(Act.UNLOCK)
    results = at_once(unlocking(walk), lambda: walk.report(phone_lost=True))
    (opened,) = [result for result in results if not isinstance(result, LossReport)]
    assert isinstance(opened, Token | ProofNeeded | Conflict), opened
    token = walk.token("SN-00")
    assert Hold.LOST in token.holds
    assert (Hold.LOCKED in token.holds) == (not isinstance(opened, Token))
    walk.clock.move(hours=1)
    assert asking(walk, shown("SN-00", walk.now))() is Verdict.ON_HOLD


def test_a_code_of_the_counter_typed_in_eight_browsers_at_once_goes_to_one(walk: Walk) -> None:
    for act in (Act.APPLY, Act.UNLOCK):
        proof = walk.see(act)
        given = walk.do(
            lambda desk, proof=proof: give_branch_code(  # type: ignore[misc]
                GiveBranchCode(proof_id=proof.id, operator=walk.operator), desk=desk
            )
        )
        code = shown_code(given, now=walk.now, vault=walk.house.vault)

        def typing(browser: bytes, typed: str) -> Callable[[], Proof | None]:
            ask = TakeBranchCode(
                institution_id=walk.inside, browser=browser, source=SOURCE, code=typed, login=walk.member.login
            )
            return lambda: walk.do(lambda desk: take_branch_code(ask, desk=desk))

        results = at_once(*[typing(bytes([n]) * 32, code) for n in range(8)])
        taken = [one for one in results if isinstance(one, Proof)]
        assert len(taken) == 1, results
        assert results.count(None) == 7, results
        assert walk.look(lambda uow, proof=proof: uow.proofs.get(proof.id)) == taken[0]  # type: ignore[misc]


def test_a_double_press_at_the_counter_records_one_proof(walk: Walk) -> None:
    key = ProofId(walk.house.desk(walk.inside).new_id())
    results = at_once(*[lambda: walk.see(Act.UNLOCK, key=key)] * 4)
    assert [one.id for one in results if isinstance(one, Proof)] == [key] * 4, results
    assert walk.look(lambda uow: uow.proofs.count()) == 1


def test_the_operator_and_the_members_browser_do_not_both_use_it(walk: Walk) -> None:
    proof = walk.see(Act.CHANGE_CONTACT)
    given = walk.do(lambda desk: give_branch_code(GiveBranchCode(proof_id=proof.id, operator=walk.operator), desk=desk))
    code = shown_code(given, now=walk.now, vault=walk.house.vault)
    ask = TakeBranchCode(institution_id=walk.inside, browser=HERE, source=SOURCE, code=code, login=walk.member.login)
    trust = TrustPhone(member_id=walk.member.id, operator=walk.operator)
    took, trusted = 0, 0
    for one in at_once(
        lambda: walk.do(lambda desk: take_branch_code(ask, desk=desk)),
        lambda: walk.do(lambda desk: trust_phone(trust, desk=desk)),
    ):
        took, trusted = took + isinstance(one, Proof), trusted + isinstance(one, Member)
    assert took + trusted == 1
