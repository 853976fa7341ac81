"""A provider's code is sent again: after thirty seconds, three times, in the browser that began; and what came before stays."""

from datetime import timedelta
from typing import Any

import pytest

from otpward.core.errors import NotFound, TooOften, Unavailable
from otpward.core.lifecycle.others import ProofState
from otpward.core.model.proof import Proof
from otpward.core.secret import Secret
from otpward.ports.prover import Refusal, Refused
from otpward.services.prove_identity.begin_service import underway
from otpward.services.prove_identity.resend_service import ResendService, Resent, may_resend_at, resend_service
from tests.fakes.prover import FakeProver
from tests.services.prove_identity.test_service import begin, complete, now_is
from tests.services.walk import ELSEWHERE, SOURCE, Walk


@pytest.fixture
def prover() -> FakeProver:
    return FakeProver("texts", way="code")


def again(walk: Walk, prover: Any, proof: Proof, browser: bytes | None = None) -> Resent:
    ask = ResendService(institution_id=walk.inside, proof_id=proof.id, browser=browser or walk.browser, source=SOURCE)
    return resend_service(ask, house=walk.house, prover=prover)


def test_after_thirty_seconds_it_is_sent_again_three_times(walk: Walk, prover: FakeProver) -> None:
    proof = begin(walk, prover)
    assert may_resend_at(proof) == proof.started_at + timedelta(seconds=30)
    with pytest.raises(TooOften):
        again(walk, prover, proof)
    for _ in range(3):
        walk.clock.move(seconds=30)
        assert again(walk, prover, proof) is Resent.SENT
        with pytest.raises(TooOften):
            again(walk, prover, proof)
    walk.clock.move(seconds=30)
    assert may_resend_at(now_is(walk, proof)) is None
    with pytest.raises(TooOften):
        again(walk, prover, proof)
    assert len(prover.resent) == 3
    assert walk.events().count("proof:code_sent=done") == 3
    assert complete(walk, prover, proof, code="123456").answer == "passed"


@pytest.mark.parametrize("why", [Refusal.FAILED, Refusal.EXPIRED])
def test_a_provider_that_sends_no_more_leaves_what_came(walk: Walk, prover: FakeProver, why: Refusal) -> None:
    proof = begin(walk, prover)
    walk.clock.move(seconds=30)
    prover.answer = Refused(why=why, detail="PG_PROVIDER")
    assert again(walk, prover, proof) is Resent.REFUSED
    assert walk.events()[-1] == f"proof:failed=resend_{why}"
    prover.answer = None
    assert complete(walk, prover, proof, code="123456").answer == "passed"


def test_a_silent_provider_is_asked_again_only_after_the_wait(walk: Walk, prover: FakeProver) -> None:
    proof = begin(walk, prover)
    walk.clock.move(seconds=30)
    prover.silent = True
    with pytest.raises(Unavailable):
        again(walk, prover, proof)
    assert walk.events()[-1] == "proof:failed=resend_unavailable"
    assert now_is(walk, proof).state is ProofState.STARTED
    prover.silent = False
    with pytest.raises(TooOften):
        again(walk, prover, proof)
    walk.clock.move(seconds=30)
    assert again(walk, prover, proof) is Resent.SENT


def test_what_the_provider_then_keeps_takes_the_place_of_what_was_kept(walk: Walk, prover: FakeProver) -> None:
    proof = begin(walk, prover)
    walk.clock.move(seconds=30)

    class Renewing:
        def resend(self, kept: Secret, *, now: Any) -> Secret:
            return Secret(kept.reveal() + b"-2")

    assert again(walk, Renewing(), proof) is Resent.SENT
    going = underway(now_is(walk, proof))
    assert (going.kept.reveal(), going.code, going.purpose) == (f"tx-{prover.number}-2".encode(), True, "apply")


def test_nobody_else_has_it_sent_nor_when_it_is_over(walk: Walk, prover: FakeProver) -> None:
    proof = begin(walk, prover)
    walk.clock.move(seconds=30)
    with pytest.raises(NotFound):
        again(walk, prover, proof, ELSEWHERE)
    walk.clock.move(minutes=10)
    with pytest.raises(NotFound):
        again(walk, prover, proof)
    assert not prover.resent


def test_a_proof_that_waits_for_no_code_sends_none(walk: Walk) -> None:
    link = FakeProver("sure")
    proof = begin(walk, link)
    walk.clock.move(seconds=30)
    with pytest.raises(NotFound):
        again(walk, link, proof)
    assert not link.resent
