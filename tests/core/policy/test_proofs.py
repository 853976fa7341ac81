"""A proof is good for one act, one person, one browser, one case, in time, once; several are spent together."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from otpward.core.ids import CaseId, InstitutionId, MemberId, ProofId, ReportId
from otpward.core.lifecycle.others import ProofState
from otpward.core.model.loss import LossKind, LossReport
from otpward.core.model.member import Member
from otpward.core.model.proof import Act, Assurance, Method, Proof
from otpward.core.policy.combinations import Combinations, Need
from otpward.core.policy.proofs import Binding, ProofNeeded, member_may_lift, phone_may_prove, spend
from otpward.core.secret import NOTHING, Personal

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
HERE, CASE = b"this browser", CaseId(UUID(int=5))
ME = Member(
    id=MemberId(UUID(int=7)),
    institution_id=InstitutionId(UUID(int=2)),
    login="m1001",
    name=NOTHING,
    birth_date=NOTHING,
    phone=NOTHING,
    email=NOTHING,
    phone_print=b"p",
    joined_at=NOW,
)
PASSED = Proof(
    id=ProofId(UUID(int=1)),
    institution_id=InstitutionId(UUID(int=2)),
    act=Act.APPLY,
    method=Method.PHONE_CODE,
    state=ProofState.PASSED,
    browser=HERE,
    phone_tail=NOTHING,
    member_id=ME.id,
    case_id=CASE,
    started_at=NOW,
    expires_at=NOW + timedelta(minutes=30),
)
CERTIFICATE = replace(PASSED, id=ProofId(UUID(int=9)), method=Method.CERTIFICATE, level=Assurance.SUBSTANTIAL)
APPLY = Need(act=Act.APPLY)
BINDING = Binding(member=ME, browser=HERE, case_id=CASE)
BOTH = Combinations(rules={Act.APPLY: (frozenset({Method.PHONE_CODE, Method.CERTIFICATE}),)})


def test_a_proof_is_spent_once() -> None:
    [spent] = spend([PASSED], APPLY, BINDING, now=NOW)
    assert spent.state is ProofState.SPENT
    with pytest.raises(ProofNeeded):
        spend([spent], APPLY, BINDING, now=NOW)


@pytest.mark.parametrize("act", [act for act in Act if act is not Act.APPLY])
def test_a_proof_for_one_act_is_good_for_no_other(act: Act) -> None:
    with pytest.raises(ProofNeeded):
        spend([PASSED], Need(act=act), BINDING, now=NOW)


@pytest.mark.parametrize(
    "proofs",
    [
        [],
        [replace(PASSED, member_id=MemberId(UUID(int=8)))],
        [replace(PASSED, member_id=None)],
        [replace(PASSED, browser=b"another browser")],
        [replace(PASSED, browser=b"")],
        [replace(PASSED, expires_at=NOW)],
        [replace(PASSED, case_id=None)],
        [replace(PASSED, case_id=CaseId(UUID(int=6)))],
        *([replace(PASSED, state=state)] for state in ProofState if state is not ProofState.PASSED),
    ],
)
def test_every_binding_must_fit(proofs: list[Proof]) -> None:
    with pytest.raises(ProofNeeded):
        spend(proofs, APPLY, BINDING, now=NOW)


def test_without_a_browser_nothing_is_bound() -> None:
    with pytest.raises(ProofNeeded):
        spend([replace(PASSED, browser=b"")], APPLY, replace(BINDING, browser=b""), now=NOW)


def test_a_report_is_lifted_by_what_was_shown_for_it() -> None:
    mine, other = ReportId(UUID(int=3)), ReportId(UUID(int=4))
    shown = replace(PASSED, act=Act.LIFT_LOSS, case_id=None, report_id=mine)
    binding = replace(BINDING, case_id=None, report_id=mine)
    assert len(spend([shown], Need(act=Act.LIFT_LOSS), binding, now=NOW)) == 1
    for wrong in (other, None):
        with pytest.raises(ProofNeeded):
            spend([replace(shown, report_id=wrong)], Need(act=Act.LIFT_LOSS), binding, now=NOW)


@pytest.mark.parametrize(
    ("method", "tail", "good"),
    [
        (Method.PHONE_CODE, "1101", False),
        (Method.APP, "1101", False),
        (Method.AGENCY, "1101", False),
        (Method.AGENCY, "", True),
        (Method.CERTIFICATE, "", True),
    ],
)
def test_what_rests_on_a_lost_phone_is_void(method: Method, tail: str, *, good: bool) -> None:
    proof = replace(PASSED, method=method, phone_tail=Personal(tail))
    binding = replace(BINDING, member=replace(ME, phone_lost_at=NOW))
    if good:
        assert spend([proof], APPLY, binding, now=NOW)
    else:
        with pytest.raises(ProofNeeded):
            spend([proof], APPLY, binding, now=NOW)


def test_two_that_are_needed_are_spent_together() -> None:
    for alone in (PASSED, CERTIFICATE):
        with pytest.raises(ProofNeeded):
            spend([alone], APPLY, BINDING, now=NOW, rules=BOTH)
    spent = spend([PASSED, CERTIFICATE], APPLY, BINDING, now=NOW, rules=BOTH)
    assert {one.method for one in spent} == {Method.PHONE_CODE, Method.CERTIFICATE}
    assert {one.state for one in spent} == {ProofState.SPENT}


def test_two_of_different_people_are_not_two() -> None:
    other = replace(CERTIFICATE, member_id=MemberId(UUID(int=8)))
    with pytest.raises(ProofNeeded):
        spend([PASSED, other], APPLY, BINDING, now=NOW, rules=BOTH)


def test_no_more_is_spent_than_is_needed() -> None:
    assert len(spend([PASSED, CERTIFICATE], APPLY, BINDING, now=NOW)) == 1


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
