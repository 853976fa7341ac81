"""The carrier is asked before a phone proves; what it says holds the phone back, and tells a stranger nothing."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from otpward.core.errors import Unavailable
from otpward.core.lifecycle.others import ProofState
from otpward.core.model.proof import Act, Proof
from otpward.core.secret import Personal
from otpward.ports.phone_risk import SimGuard
from otpward.services.prove_identity.ask_carrier import ask_carrier
from otpward.services.prove_identity.trust_phone import TrustPhone, trust_phone
from tests.fakes.sample import PHONE
from tests.services.contacts.changing import Changing
from tests.services.walk import Walk

DECOY = "+821055500001"
MAIL = "m1001@member.example"


@dataclass
class Carrier:
    """Says what it is told to say, and remembers what it was asked."""

    changed: bool = False
    silent: bool = False
    asked: list[tuple[str, timedelta]] = field(default_factory=list)

    def sim_changed(self, phone: Personal, *, within: timedelta) -> bool:
        self.asked.append((phone.reveal(), within))
        if self.silent:
            raise Unavailable("no answer")
        return self.changed


def ask(walk: Walk, proof: Proof, carrier: Carrier, **more: Any) -> bool:
    guard = SimGuard(risk=carrier, decoy=Personal(DECOY), **more)
    return ask_carrier(walk.inside, proof.id, house=walk.house, guard=guard)


def test_the_same_sim_changes_nothing(walk: Walk) -> None:
    carrier, proof = Carrier(), walk.begin(Act.APPLY)
    assert ask(walk, proof, carrier)
    assert carrier.asked == [(PHONE, timedelta(hours=72))]
    assert walk.send(proof) != ""


def test_a_new_sim_holds_the_phone_back_and_the_page_goes_on_as_for_anybody(walk: Walk) -> None:
    carrier, proof = Carrier(changed=True), walk.begin(Act.APPLY)
    other = walk.begin(Act.UNLOCK)
    assert ask(walk, proof, carrier)
    changing = Changing(walk)
    assert changing.member.phone_signal_at == walk.now
    assert changing.sent("phone_signal") == {("mail", MAIL)}
    assert walk.send(proof) == "", "no code, and no error either"
    after = walk.look(lambda uow: uow.proofs.get(proof.id))
    assert (after.state, after.sends) == (ProofState.STARTED, 1)
    assert changing.state_of(other) is ProofState.CANCELLED
    (line,) = walk.look(lambda uow: uow.audit.find(event="phone:signalled"))
    assert (line.result, line.source, line.detail["told_by"]) == ("sim_changed", "carrier", "sim_swap")


def test_of_a_stranger_the_carrier_hears_nothing_and_is_asked_all_the_same(walk: Walk) -> None:
    for changed in (False, True):
        carrier, proof = Carrier(changed=changed), walk.begin(Act.APPLY, login="nobody")
        assert ask(walk, proof, carrier)
        assert carrier.asked == [(DECOY, timedelta(hours=72))]
    assert walk.look(lambda uow: uow.audit.find(event="phone:signalled")) == []


def test_a_phone_that_is_held_back_already_is_not_asked_about(walk: Walk) -> None:
    carrier = Carrier(changed=True)
    for _ in range(2):
        ask(walk, walk.begin(Act.APPLY), carrier)
    assert [phone for phone, _ in carrier.asked] == [PHONE, DECOY]
    assert walk.look(lambda uow: uow.notices.count(template="phone_signal")) == 1


@pytest.mark.parametrize(
    ("act", "refuses", "allowed"),
    [
        (Act.LIFT_LOSS, True, False),
        (Act.CHANGE_CONTACT, True, False),
        (Act.APPLY, True, False),
        (Act.UNLOCK, True, False),
        (Act.FOLLOW, True, True),
        (Act.LIFT_LOSS, False, True),
    ],
)
def test_without_an_answer(walk: Walk, act: Act, refuses: bool, allowed: bool) -> None:
    proof = walk.begin(act)
    assert ask(walk, proof, Carrier(silent=True), refuses=refuses) is allowed
    assert walk.events()[-1] == f"phone:checked={'let_through' if allowed else 'unavailable'}"
    assert Changing(walk).member.phone_signal_at is None


def test_without_an_answer_a_stranger_s_proof_goes_on(walk: Walk) -> None:
    proof = walk.begin(Act.APPLY, login="nobody")
    assert ask(walk, proof, Carrier(silent=True))


def test_what_was_before_staff_saw_papers_is_of_no_account(walk: Walk) -> None:
    changing = Changing(walk)
    changing.seen_at_counter(walk.operator)
    walk.do(lambda desk: trust_phone(TrustPhone(member_id=walk.member.id, operator=walk.operator), desk=desk))
    asked = []
    for hours in (0.5, 3, 100):
        carrier = Carrier()
        walk.clock.move(hours=hours)
        ask(walk, walk.begin(Act.APPLY), carrier)
        asked += carrier.asked
    assert asked == [
        (DECOY, timedelta(hours=72)),
        (PHONE, timedelta(hours=3.5)),
        (PHONE, timedelta(hours=72)),
    ]


def test_a_proof_that_is_over_asks_nobody(walk: Walk) -> None:
    carrier, proof = Carrier(), walk.prove()
    assert ask(walk, proof, carrier)
    assert carrier.asked == []
