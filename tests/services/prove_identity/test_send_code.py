"""A code goes to the registered phone, and to no other."""

from dataclasses import replace
from datetime import timedelta

import pytest

from otpward.core.errors import Denied, NotFound, TooOften
from otpward.core.model.member import Role
from otpward.core.model.proof import Act
from otpward.core.policy.proofs import ProofNeeded
from otpward.core.policy.rates import CODES_PER_MEMBER
from otpward.services.prove_identity.check_code import CodeAnswer
from otpward.services.prove_identity.trust_phone import TrustPhone, trust_phone
from tests.services.walk import ELSEWHERE, Walk


def test_the_code_goes_to_the_registered_phone_by_text_only(walk: Walk) -> None:
    code = walk.send(walk.begin(Act.APPLY))
    assert len(code) == 6
    (notice,) = walk.look(lambda uow: uow.notices.find(template="phone_code"))
    assert (notice.recipient.reveal(), notice.channel, notice.carries_code) == ("+821055501101", "sms", True)
    assert walk.events()[-1] == "proof:code_sent=done"


def test_the_code_is_kept_as_a_keyed_hash(walk: Walk) -> None:
    code = walk.send(walk.begin(Act.APPLY))
    (kept,) = walk.look(lambda uow: uow.phone_codes.find())
    assert code.encode() not in kept.digest
    assert len(kept.digest) == 32


def test_to_a_stranger_nothing_is_sent(walk: Walk) -> None:
    proof = walk.begin(Act.APPLY, login="nobody")
    assert walk.send(proof) == ""
    after = walk.look(lambda uow: uow.proofs.get(proof.id))
    assert (after.sends, after.sent_at) == (1, walk.now)
    assert walk.events()[-1] == "proof:code_sent=done"


def test_a_lost_phone_gets_no_code_and_no_code_exists(walk: Walk) -> None:
    report = walk.report(phone_lost=True, browser=ELSEWHERE)
    proof = walk.begin(Act.APPLY)  # by login and phone, not by that report
    assert walk.send(proof) == ""
    assert walk.look(lambda uow: uow.phone_codes.count()) == 0
    case_id = report.case_id
    assert case_id is not None
    walk.edit(lambda uow: uow.cases.save(replace(uow.cases.get(case_id), closed_at=walk.now)))
    walk.clock.move(minutes=1)
    assert walk.send(proof) == "", "that a case ended does not bring the phone back"
    papers = TrustPhone(member_id=walk.member.id, operator=walk.operator)
    with pytest.raises(ProofNeeded):
        walk.do(lambda desk: trust_phone(papers, desk=desk))
    walk.see(Act.CHANGE_CONTACT)
    with pytest.raises(Denied):
        walk.do(lambda desk: trust_phone(replace(papers, operator=walk.colleague(Role.HELP_DESK)), desk=desk))
    walk.do(lambda desk: trust_phone(papers, desk=desk))
    assert walk.events()[-1] == "phone:trusted=done"
    walk.clock.move(minutes=1)
    assert walk.send(proof) != ""


def test_thirty_seconds_between_two_and_four_in_all(walk: Walk) -> None:
    proof = walk.begin(Act.APPLY)
    for _ in range(4):
        walk.send(proof)
        with pytest.raises(TooOften) as refused:
            walk.send(proof)
        assert refused.value.until >= walk.now + timedelta(seconds=30)
        walk.clock.move(seconds=30)
    with pytest.raises(TooOften) as refused:
        walk.send(proof)
    assert refused.value.until == proof.expires_at


def test_an_earlier_code_stays_good_after_a_later_one(walk: Walk) -> None:
    proof = walk.begin(Act.APPLY)
    first = walk.send(proof)
    walk.clock.move(seconds=31)
    walk.send(proof)
    assert walk.check(proof, first) is CodeAnswer.PASSED


def test_only_the_browser_that_began_it_may_ask(walk: Walk) -> None:
    proof = walk.begin(Act.APPLY)
    with pytest.raises(NotFound):
        walk.send(replace(proof, browser=ELSEWHERE))


def test_a_proof_that_is_over_sends_nothing(walk: Walk) -> None:
    proof = walk.prove()
    with pytest.raises(NotFound):
        walk.send(proof)
    late = walk.begin(Act.APPLY)
    walk.clock.move(minutes=10)
    with pytest.raises(NotFound):
        walk.send(late)


def test_a_phone_is_not_flooded_from_many_reports_and_addresses(walk: Walk) -> None:
    texts, report = 0, walk.report()
    for n in range(CODES_PER_MEMBER.limit + 5):
        report = walk.report(source=f"10.0.0.{n}", phone="+821055501101", once=f"{n}") if n % 9 == 0 else report
        proof = walk.begin(Act.APPLY, report_id=report.id, source=f"10.0.1.{n}")
        texts += bool(walk.send(proof))
    assert texts == CODES_PER_MEMBER.limit
    assert walk.look(lambda uow: uow.phone_codes.count()) == texts
    walk.clock.move(hours=1)
    assert walk.send(walk.begin(Act.APPLY)) != ""
