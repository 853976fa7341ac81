"""A proof is good for one act, one person, one browser, in time, once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from otpward.core.ids import InstitutionId, MemberId, ProofId, ReportId
from otpward.core.lifecycle.others import ProofState
from otpward.core.model.loss import LossKind, LossReport
from otpward.core.model.proof import Act, Method, Proof
from otpward.core.policy.proofs import ProofNeeded, member_may_lift, phone_may_prove, spend
from otpward.core.secret import NOTHING

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
ME, HERE = MemberId(UUID(int=7)), b"this browser"
PASSED = Proof(
    id=ProofId(UUID(int=1)),
    institution_id=InstitutionId(UUID(int=2)),
    act=Act.APPLY,
    method=Method.PHONE_CODE,
    state=ProofState.PASSED,
    browser=HERE,
    phone_tail=NOTHING,
    member_id=ME,
    started_at=NOW,
    expires_at=NOW + timedelta(minutes=30),
)


def test_a_proof_is_spent_once() -> None:
    spent = spend(PASSED, act=Act.APPLY, member_id=ME, browser=HERE, now=NOW)
    assert spent.state is ProofState.SPENT
    with pytest.raises(ProofNeeded):
        spend(spent, act=Act.APPLY, member_id=ME, browser=HERE, now=NOW)


@pytest.mark.parametrize("act", [act for act in Act if act is not Act.APPLY])
def test_a_proof_for_one_act_is_good_for_no_other(act: Act) -> None:
    with pytest.raises(ProofNeeded):
        spend(PASSED, act=act, member_id=ME, browser=HERE, now=NOW)


@pytest.mark.parametrize(
    "proof",
    [
        None,
        replace(PASSED, member_id=MemberId(UUID(int=8))),
        replace(PASSED, member_id=None),
        replace(PASSED, browser=b"another browser"),
        replace(PASSED, browser=b""),
        replace(PASSED, expires_at=NOW),
        *(replace(PASSED, state=state) for state in ProofState if state is not ProofState.PASSED),
    ],
)
def test_every_binding_must_fit(proof: Proof | None) -> None:
    with pytest.raises(ProofNeeded):
        spend(proof, act=Act.APPLY, member_id=ME, browser=HERE, now=NOW)


def report(kind: LossKind, *, phone_lost: bool) -> LossReport:
    return LossReport(
        id=ReportId(UUID(int=3)),
        institution_id=InstitutionId(UUID(int=2)),
        number="L-1",
        kind=kind,
        phone_lost=phone_lost,
        reported_at=NOW,
        browser=HERE,
        once="1",
        phone_tail=NOTHING,
    )


@pytest.mark.parametrize("kind", list(LossKind))
def test_a_lost_phone_proves_nothing(kind: LossKind) -> None:
    assert not phone_may_prove(report(kind, phone_lost=True))
    assert phone_may_prove(report(kind, phone_lost=False))
    assert phone_may_prove(None)


@pytest.mark.parametrize("kind", list(LossKind))
@pytest.mark.parametrize("phone_lost", [True, False])
def test_only_what_was_mislaid_is_lifted_without_a_branch(kind: LossKind, phone_lost: bool) -> None:
    assert member_may_lift(report(kind, phone_lost=phone_lost)) is (kind is LossKind.LOST and not phone_lost)
