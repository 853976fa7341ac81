"""A number of another OTP proves; the one that it is about never does, and nobody is locked out from here."""

from dataclasses import replace
from datetime import timedelta

import pytest

from otpward.core.ids import TokenId
from otpward.core.lifecycle.others import RegistrationState
from otpward.core.lifecycle.token import Hold
from otpward.core.model.proof import Act, Assurance, Method, Proof
from otpward.core.policy.verification import Verdict
from otpward.ports.unit_of_work import UnitOfWork
from otpward.services.prove_identity.prove_by_token import ProveByToken, prove_by_token
from tests.services.backup.falling_back import claim_of
from tests.services.walk import Walk, other_than, shown


def prove(walk: Walk, code: str, act: Act = Act.FOLLOW, **claim: object) -> Proof | None:
    claim = claim if "report_id" in claim or "member_id" in claim else {"login": "m1001", **claim}
    return walk.do(lambda desk: prove_by_token(ProveByToken(claim=claim_of(walk, act, **claim), code=code), desk=desk))


@pytest.fixture
def two(walk: Walk) -> Walk:
    """The member has SN-00 and, from the other member, SN-01."""

    def hand(uow: UnitOfWork) -> None:
        token = walk.token("SN-01")
        for one in uow.registrations.find(token_id=token.id):
            uow.registrations.save(replace(one, state=RegistrationState.ENDED, ended_at=walk.now))
            uow.registrations.add(replace(one, id=walk.house.desk(walk.inside).new_id(), member_id=walk.member.id, version=0))

    walk.edit(hand)
    return walk


def test_a_number_is_spent_and_proves_at_a_low_level(two: Walk) -> None:
    code = shown("SN-01", two.now)
    proof = prove(two, code)
    assert proof is not None
    assert (proof.method, proof.level, proof.member_id) == (Method.OTP, Assurance.LOW, two.member.id)
    assert prove(two, code) is None
    assert two.verify(code, serial="SN-01") is Verdict.REPLAYED


@pytest.mark.parametrize("hold", list(Hold))
def test_a_token_with_any_hold_says_nothing(two: Walk, hold: Hold) -> None:
    token = two.token("SN-01")
    until = two.now - timedelta(hours=1) if hold is Hold.LOCKED else None
    two.edit(lambda uow: uow.tokens.save(replace(token, holds=frozenset({hold}), locked_until=until)))
    assert prove(two, shown("SN-01", two.now), Act.UNLOCK) is None
    assert two.token("SN-01").high_water == -1, "it was not even looked at"
    assert prove(two, shown("SN-00", two.now), Act.UNLOCK) is not None


def test_the_reported_token_does_not_lift_its_own_report(two: Walk) -> None:
    report = two.report()
    lost = [serial for serial in ("SN-00", "SN-01") if two.token(serial).holds]
    for serial in lost:
        assert prove(two, shown(serial, two.now), Act.LIFT_LOSS, report_id=report.id) is None


def test_the_only_token_does_not_apply_for_its_own_successor(walk: Walk) -> None:
    assert prove(walk, shown("SN-00", walk.now), Act.APPLY) is None
    assert prove(walk, shown("SN-00", walk.now), Act.FOLLOW) is not None


def test_the_token_that_an_application_names_does_not_count(two: Walk) -> None:
    case = two.start()
    named = two.token("SN-00")
    two.edit(lambda uow: uow.cases.save(replace(two.case(case.id), old_token_id=TokenId(named.id))))
    assert prove(two, shown("SN-00", two.now), Act.APPLY) is None
    proof = prove(two, shown("SN-01", two.now), Act.APPLY)
    assert proof is not None
    assert proof.case_id == case.id


@pytest.mark.parametrize("login", ["m1001", "nobody", "m1002"])
def test_whoever_it_is_a_wrong_number_is_refused_alike(walk: Walk, login: str) -> None:
    assert prove(walk, other_than(shown("SN-00", walk.now)), login=login) is None
    assert walk.events()[-1] == "proof:failed=otp"


def test_a_stranger_locks_nobodys_token(walk: Walk) -> None:
    wrong = other_than(shown("SN-00", walk.now))
    for n in range(8):
        assert prove(walk, wrong, source=f"192.0.2.{n}") is None
    assert walk.token("SN-00").failures == 5
    assert not walk.token("SN-00").holds
    assert prove(walk, shown("SN-00", walk.now), source="198.51.100.9") is None, "for an hour only"
    walk.clock.move(hours=1)
    assert prove(walk, shown("SN-00", walk.now), source="198.51.100.9") is not None
