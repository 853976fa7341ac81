"""Somebody outside says who it is: bound to act, browser and person, once, in ten minutes; else nothing comes of it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from otpward.core.errors import Denied, NotFound, TooOften, Unavailable
from otpward.core.ids import InstitutionId
from otpward.core.lifecycle.others import ProofState
from otpward.core.model.proof import Act, Method, Proof
from otpward.core.policy.proofs import ProofNeeded
from otpward.core.policy.rates import PROOF_LIFE
from otpward.core.secret import NOTHING, Personal
from otpward.ports.prover import Refusal, Refused
from otpward.services.prove_identity.begin_proof import PhoneProvesNothing
from otpward.services.prove_identity.begin_service import BeginService, Person, begin_service, underway
from otpward.services.prove_identity.complete_service import Completed, CompleteService, ServiceAnswer, complete_service
from otpward.services.sign_in.sit_down_proven import sit_down_proven
from tests.fakes.prover import PLACE, FakeProver
from tests.services.walk import ELSEWHERE, SOURCE, Walk


def begin(walk: Walk, prover: FakeProver, act: Act = Act.APPLY, **changes: Any) -> Proof:
    ask = BeginService(
        institution_id=walk.inside,
        act=act,
        provider=prover.name,
        browser=walk.browser,
        source=SOURCE,
        return_url="https://otp.example/prove/return/sure",
        language="ko",
        purpose="apply",
        login=walk.member.login,
    )
    return begin_service(replace(ask, **changes), house=walk.house, prover=prover)


def complete(walk: Walk, prover: FakeProver, proof: Proof, browser: bytes | None = None, **callback: str) -> Completed:
    ask = CompleteService(
        institution_id=walk.inside,
        proof_id=proof.id,
        browser=browser or walk.browser,
        callback=callback or {"tx": prover.number},
        source=SOURCE,
    )
    return complete_service(ask, house=walk.house, prover=prover)


def now_is(walk: Walk, proof: Proof) -> Proof:
    return walk.look(lambda uow: uow.proofs.get(proof.id))


@pytest.fixture
def prover() -> FakeProver:
    return FakeProver()


def test_it_passes_and_is_good_for_the_act_it_was_made_for(walk: Walk, prover: FakeProver) -> None:
    proof = begin(walk, prover)
    assert underway(proof).link == f"{PLACE}?tx={prover.number}"
    assert (proof.expires_at - proof.started_at, proof.provider) == (timedelta(minutes=10), "sure")
    done = complete(walk, prover, proof)
    assert (done.answer, done.purpose) == (ServiceAnswer.PASSED, "apply")
    passed = now_is(walk, proof)
    assert (passed.state, passed.passed_at, passed.expires_at) == (ProofState.PASSED, walk.now, walk.now + PROOF_LIFE)
    assert (passed.method, passed.kept, passed.phone_tail.reveal()) == (Method.AGENCY, NOTHING, "1101")
    assert walk.events()[-1] == "proof:passed=person"
    assert walk.do(lambda desk: sit_down_proven(walk.inside, walk.browser, proof.id, desk=desk))
    sent = walk.submit(walk.fill_in(walk.start()))
    assert sent.proof_id == proof.id
    assert now_is(walk, proof).state is ProofState.SPENT


def test_what_is_kept_of_it_is_no_person(walk: Walk, prover: FakeProver) -> None:
    proof = begin(walk, prover)
    complete(walk, prover, proof)
    (kept,) = walk.look(lambda uow: uow.evidence.find())
    assert (kept.provider, kept.provider_tx, kept.matched, kept.proof_id) == ("sure", f"tx-{prover.number}", True, proof.id)
    member = walk.look(lambda uow: uow.members.get(walk.member.id))
    assert member.ci_print == kept.ci_print
    assert "홍길동" not in repr(kept)


def test_once_the_ci_is_known_it_alone_decides(walk: Walk, prover: FakeProver) -> None:
    complete(walk, prover, begin(walk, prover))
    prover.person |= {"name": Personal("홍길순"), "phone": Personal("01099998888")}
    assert complete(walk, prover, begin(walk, prover)).answer is ServiceAnswer.PASSED
    assert walk.events()[-1] == "proof:passed=ci"
    prover.person |= {"name": Personal("홍길동"), "phone": NOTHING, "ci": Personal("another".ljust(88, "="))}
    assert complete(walk, prover, begin(walk, prover)).answer is ServiceAnswer.FAILED
    assert walk.events()[-1] == "proof:failed=other_ci"


def test_the_prover_is_asked_between_transactions(walk: Walk, prover: FakeProver, monkeypatch: pytest.MonkeyPatch) -> None:
    inside: list[bool] = []
    open_before = walk.house.open

    class Watched:
        def __init__(self, uow: Any) -> None:
            self._uow = uow

        def __enter__(self) -> Any:
            inside.append(True)
            return self._uow.__enter__()

        def __exit__(self, *error: Any) -> None:
            inside.pop()
            self._uow.__exit__(*error)

        def __getattr__(self, name: str) -> Any:
            return getattr(self._uow, name)

    def watched(institution_id: InstitutionId | None, *, writes: bool) -> Any:
        return Watched(open_before(institution_id, writes=writes))

    house = replace(walk.house, open=watched)
    asked: list[int] = []
    for name in ("begin", "complete"):
        real: Callable[..., Any] = getattr(prover, name)

        def seen(*given: Any, real: Callable[..., Any] = real, **more: Any) -> Any:
            asked.append(len(inside))
            return real(*given, **more)

        monkeypatch.setattr(prover, name, seen)
    proof = begin_service(
        BeginService(
            institution_id=walk.inside,
            act=Act.APPLY,
            provider="sure",
            browser=walk.browser,
            source=SOURCE,
            return_url="https://otp.example/",
            language="ko",
            login="m1001",
        ),
        house=house,
        prover=prover,
    )
    ask = CompleteService(
        institution_id=walk.inside,
        proof_id=proof.id,
        browser=walk.browser,
        callback={"tx": prover.number},
        source=SOURCE,
    )
    assert complete_service(ask, house=house, prover=prover).answer is ServiceAnswer.PASSED
    assert asked == [0, 0]


def test_a_stranger_goes_the_same_way_and_never_passes(walk: Walk, prover: FakeProver) -> None:
    mine, theirs = begin(walk, prover), begin(walk, prover, login="nobody", browser=ELSEWHERE)
    assert underway(mine).link[:20] == underway(theirs).link[:20]
    assert theirs.member_id is None
    done = complete(walk, prover, theirs, ELSEWHERE)
    assert (done.answer, done.proof.state) == (ServiceAnswer.FAILED, ProofState.FAILED)
    assert walk.events()[-1] == "proof:failed=no_member"


@pytest.mark.parametrize(
    ("person", "reason"),
    [
        ({"name": Personal("김하나")}, "other_name"),
        ({"birth_date": date(1999, 9, 9)}, "other_birth_date"),
        ({"phone": Personal("01055501102")}, "other_phone"),
        ({"birth_date": None}, "too_little"),
    ],
)
def test_evidence_of_another_person_ends_the_proof(walk: Walk, prover: FakeProver, person: dict[str, Any], reason: str) -> None:
    prover.person |= person
    proof = begin(walk, prover)
    done = complete(walk, prover, proof)
    assert (done.answer, done.proof.state, done.proof.kept) == (ServiceAnswer.FAILED, ProofState.FAILED, NOTHING)
    assert walk.events()[-1] == f"proof:failed={reason}"
    (kept,) = walk.look(lambda uow: uow.evidence.find())
    assert (kept.matched, kept.member_id, kept.ci_print) == (False, None, None)
    assert complete(walk, prover, proof).answer is ServiceAnswer.OVER


def test_nothing_is_completed_twice(walk: Walk, prover: FakeProver) -> None:
    proof = begin(walk, prover)
    complete(walk, prover, proof)
    assert complete(walk, prover, proof).answer is ServiceAnswer.OVER
    assert prover.completions == 1
    assert walk.look(lambda uow: uow.evidence.count()) == 1


def test_a_result_that_was_used_is_refused(walk: Walk, prover: FakeProver) -> None:
    complete(walk, prover, begin(walk, prover))
    prover.replayed = f"tx-{prover.number}"
    again = begin(walk, prover, Act.UNLOCK)
    assert complete(walk, prover, again).answer is ServiceAnswer.FAILED
    assert walk.events()[-1] == "proof:failed=replayed"


def test_a_result_from_before_the_proof_is_refused(walk: Walk, prover: FakeProver) -> None:
    prover.verified_at = walk.now - timedelta(minutes=6)
    assert complete(walk, prover, begin(walk, prover)).answer is ServiceAnswer.FAILED
    assert walk.events()[-1] == "proof:failed=stale"


def test_evidence_of_another_kind_is_refused(walk: Walk, prover: FakeProver) -> None:
    proof = begin(walk, prover)
    prover.method = Method.CERTIFICATE
    assert complete(walk, prover, proof).answer is ServiceAnswer.FAILED
    assert walk.events()[-1] == "proof:failed=other_kind"


def test_the_result_of_another_session_is_forged_here(walk: Walk, prover: FakeProver) -> None:
    begin(walk, prover, browser=ELSEWHERE)
    theirs = prover.number
    proof = begin(walk, prover)
    for _ in range(4):
        assert complete(walk, prover, proof, tx=theirs).answer is ServiceAnswer.TRY_AGAIN
    assert now_is(walk, proof).state is ProofState.STARTED, "a junk link does not end it"
    assert walk.events()[-1] == "proof:failed=forged"
    assert complete(walk, prover, proof, tx=theirs).answer is ServiceAnswer.FAILED
    assert complete(walk, prover, proof).answer is ServiceAnswer.OVER


def test_another_browser_does_not_find_it(walk: Walk, prover: FakeProver) -> None:
    proof = begin(walk, prover)
    with pytest.raises(NotFound):
        complete(walk, prover, proof, ELSEWHERE)
    assert prover.completions == 0


def test_a_phone_proof_is_not_completed_by_a_service(walk: Walk, prover: FakeProver) -> None:
    begin(walk, prover)
    with pytest.raises(NotFound):
        complete(walk, prover, walk.begin(Act.APPLY))


def test_a_proof_for_one_act_is_good_for_no_other(walk: Walk, prover: FakeProver) -> None:
    complete(walk, prover, begin(walk, prover, Act.UNLOCK))
    with pytest.raises(ProofNeeded):
        walk.submit(walk.fill_in(walk.start()))


def test_after_ten_minutes_nobody_is_asked(walk: Walk, prover: FakeProver) -> None:
    proof = begin(walk, prover)
    walk.clock.move(minutes=10)
    assert complete(walk, prover, proof).answer is ServiceAnswer.EXPIRED
    assert (prover.completions, now_is(walk, proof).state) == (0, ProofState.EXPIRED)
    assert walk.events()[-1] == "proof:failed=expired"


@pytest.mark.parametrize(
    ("why", "answer", "state"),
    [
        (Refusal.CANCELLED, ServiceAnswer.CANCELLED, ProofState.CANCELLED),
        (Refusal.EXPIRED, ServiceAnswer.EXPIRED, ProofState.EXPIRED),
        (Refusal.FAILED, ServiceAnswer.FAILED, ProofState.FAILED),
        (Refusal.FORGED, ServiceAnswer.TRY_AGAIN, ProofState.STARTED),
        (Refusal.NOT_ACCEPTED, ServiceAnswer.TRY_AGAIN, ProofState.STARTED),
    ],
)
def test_every_refusal_is_written_down_under_its_name(
    walk: Walk, prover: FakeProver, why: Refusal, answer: ServiceAnswer, state: ProofState
) -> None:
    prover.answer = Refused(why=why, detail="because")
    done = complete(walk, prover, begin(walk, prover))
    assert (done.answer, done.proof.state) == (answer, state)
    line = walk.look(lambda uow: uow.audit.find(limit=1))[0]
    assert (line.event, line.result, line.detail) == ("proof:failed", why, {"provider": "sure", "why": "because"})


def test_a_push_is_waited_for_but_not_for_ever(walk: Walk) -> None:
    prover = FakeProver(method=Method.APP, way="push", answer=Refused(why=Refusal.NOT_YET))
    proof, before = begin(walk, prover), len(walk.events())
    assert [complete(walk, prover, proof).answer for _ in range(119)] == [ServiceAnswer.NOT_YET] * 119
    assert complete(walk, prover, proof).answer is ServiceAnswer.FAILED
    assert len(walk.events()) == before + 1, "to wait is nothing to write down"


def test_of_typed_codes_five_may_be_wrong(walk: Walk) -> None:
    prover = FakeProver(way="code")
    proof = begin(walk, prover)
    answers = [complete(walk, prover, proof, code="000000").answer for _ in range(5)]
    assert answers == [ServiceAnswer.TRY_AGAIN] * 4 + [ServiceAnswer.FAILED]


def test_a_forged_answer_to_a_typed_code_ends_it(walk: Walk) -> None:
    prover = FakeProver(way="code", answer=Refused(why=Refusal.FORGED, detail="another phone"))
    done = complete(walk, prover, begin(walk, prover), code="123456")
    assert (done.answer, done.proof.state) == (ServiceAnswer.FAILED, ProofState.FAILED)
    assert walk.events()[-1] == "proof:failed=forged"


def test_a_silent_provider_fails_the_beginning_and_not_the_end(walk: Walk, prover: FakeProver) -> None:
    proof = begin(walk, prover)
    prover.silent = True
    with pytest.raises(Unavailable):
        complete(walk, prover, proof)
    assert walk.events()[-1] == "proof:failed=unavailable"
    prover.silent = False
    assert complete(walk, prover, proof).answer is ServiceAnswer.PASSED
    prover.silent = True
    with pytest.raises(Unavailable):
        begin(walk, prover)
    assert walk.look(lambda uow: uow.proofs.count(state=ProofState.FAILED)) == 1


def test_a_phone_reported_lost_meanwhile_proves_nothing(walk: Walk, prover: FakeProver) -> None:
    passed, started = begin(walk, prover), begin(walk, prover, browser=ELSEWHERE)
    number = prover.number
    complete(walk, prover, passed, tx=prover.asked[0].number)
    walk.report(phone_lost=True)
    assert now_is(walk, passed).state is ProofState.EXPIRED
    assert complete(walk, prover, started, ELSEWHERE, tx=number).answer is ServiceAnswer.OVER
    fresh = begin(walk, prover)
    assert complete(walk, prover, fresh).answer is ServiceAnswer.FAILED
    assert walk.events()[-1] == "proof:failed=lost_phone"
    prover.person |= {"phone": NOTHING}
    assert complete(walk, prover, begin(walk, prover)).answer is ServiceAnswer.PASSED, "i-PIN does not rest on it"


def test_a_lost_report_in_this_browser_turns_an_app_away(walk: Walk) -> None:
    report = walk.report(phone_lost=True, login="nobody")
    with pytest.raises(PhoneProvesNothing):
        begin(walk, FakeProver(method=Method.APP, way="push"), report_id=report.id, login="")


def test_a_report_is_proven_for_in_its_own_browser_only(walk: Walk, prover: FakeProver) -> None:
    report = walk.report()
    with pytest.raises(Denied):
        begin(walk, prover, Act.LIFT_LOSS, report_id=report.id, login="", browser=ELSEWHERE)
    proof = begin(walk, prover, Act.LIFT_LOSS, report_id=report.id, login="")
    assert (proof.member_id, proof.report_id) == (walk.member.id, report.id)


def test_a_sign_on_is_enough_to_look_and_for_nothing_else(walk: Walk) -> None:
    prover = FakeProver(method=Method.SIGN_ON)
    for act in (Act.APPLY, Act.LIFT_LOSS, Act.UNLOCK):
        with pytest.raises(Denied):
            begin(walk, prover, act)
    assert begin(walk, prover, Act.FOLLOW).method is Method.SIGN_ON


def test_a_first_certificate_is_known_from_a_signed_in_member(walk: Walk) -> None:
    prover = FakeProver(method=Method.CERTIFICATE, way="challenge")
    prover.person = {"name": Personal("홍길동"), "subject": Personal("cn=홍길동()0001")}
    assert complete(walk, prover, begin(walk, prover), cms="x").answer is ServiceAnswer.FAILED, "there are namesakes"
    mine = begin(walk, prover, login="", member_id=walk.member.id, signed_in=True)
    assert complete(walk, prover, mine, cms="x").answer is ServiceAnswer.PASSED
    assert complete(walk, prover, begin(walk, prover), cms="x").answer is ServiceAnswer.PASSED
    assert walk.events()[-1] == "proof:passed=subject"
    prover.person |= {"subject": Personal("cn=홍길동()0002")}
    assert complete(walk, prover, begin(walk, prover), cms="x").answer is ServiceAnswer.FAILED


def test_the_prover_asks_whom_the_asker_named_or_who_sits_here(walk: Walk) -> None:
    prover = FakeProver(method=Method.APP, way="push")
    typed = Person(name=Personal("아무개"), birth_date=Personal("1990-01-01"), phone=Personal("+821055500000"))
    begin(walk, prover, person=typed)
    begin(walk, prover, login="", member_id=walk.member.id)
    named = [(one.name.reveal(), one.birth_date.reveal(), one.phone.reveal()) for one in prover.asked]
    assert named == [("아무개", "1990-01-01", "+821055500000"), ("홍길동", "1980-01-02", "+821055501101")]


def test_a_new_beginning_ends_the_one_before(walk: Walk, prover: FakeProver) -> None:
    first = begin(walk, prover)
    begin(walk, prover)
    assert (now_is(walk, first).state, now_is(walk, first).kept) == (ProofState.CANCELLED, NOTHING)


def test_too_often_for_one_person_and_from_one_source(walk: Walk, prover: FakeProver) -> None:
    for _ in range(10):
        begin(walk, prover)
    with pytest.raises(TooOften):
        begin(walk, prover)
    assert begin(walk, prover, source="10.0.0.1").member_id == walk.member.id, "nobody is shut out by who knows their login"
    push = FakeProver(name="app", method=Method.APP, way="push")
    ring = Person(phone=Personal("+821055500000"))
    for n in range(10):
        begin(walk, push, person=ring, source=f"10.0.1.{n}")
    with pytest.raises(TooOften):
        begin(walk, push, person=ring, source="10.0.1.99")
