"""What a carrier says of a phone holds it back at once, and tells nobody whether the number is known here."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from otpward.core.audit import Actor, ActorKind
from otpward.core.errors import Invalid
from otpward.core.lifecycle.others import ProofState
from otpward.core.model.contact_change import SignalKind
from otpward.core.model.member import Level
from otpward.core.model.proof import Act, Method
from otpward.core.policy.contacts import phone_is_young
from otpward.core.policy.proofs import Bar, phone_bar
from otpward.services.contacts.confirm_change import ChangeAnswer
from otpward.services.contacts.take_signal import TakeSignal, take_signal
from otpward.services.prove_identity.trust_phone import TrustPhone, trust_phone
from tests.fakes.sample import PHONE
from tests.services.contacts.changing import NEW, NEW_E164, Changing
from tests.services.walk import Walk

FRAUD = Actor(kind=ActorKind.API_KEY, source="10.0.0.7")
MAIL = "m1001@member.example"


@pytest.fixture
def changing(walk: Walk) -> Changing:
    return Changing(walk)


def signal(walk: Walk, phone: str = PHONE, at: datetime | None = None, kind: SignalKind = SignalKind.SIM_CHANGED) -> None:
    ask = TakeSignal(institution_id=walk.inside, phone=phone, kind=kind, at=at or walk.now, told_by="carrier", by=FRAUD)
    walk.do(lambda desk: take_signal(ask, desk=desk))


@pytest.mark.parametrize("kind", list(SignalKind))
def test_the_phone_proves_nothing_and_the_member_is_told_by_mail(changing: Changing, kind: SignalKind) -> None:
    walk = changing.walk
    signal(walk, kind=kind)
    assert changing.member.phone_signal_at == walk.now
    assert phone_bar(changing.member, walk.now) is Bar.PHONE_NEW
    told = "phone_reported" if kind is SignalKind.LOST else "phone_signal"
    assert changing.sent(told) == {("mail", MAIL)}
    assert walk.events()[-1] == f"phone:signalled={kind}"
    (line,) = walk.look(lambda uow: uow.audit.find(event="phone:signalled"))
    assert line.detail == {"kind": kind, "told_by": "carrier", "happened_at": walk.now.isoformat()}
    assert (line.actor_kind, line.source) == (ActorKind.API_KEY, "10.0.0.7")


def test_of_an_unknown_number_only_the_audit_knows(changing: Changing) -> None:
    walk = changing.walk
    signal(walk, "+821099998888")
    assert walk.events()[-1] == "phone:signalled=unmatched"
    assert walk.look(lambda uow: uow.notices.count(template="phone_signal")) == 0
    (line,) = walk.look(lambda uow: uow.audit.find(event="phone:signalled"))
    assert "99998888" not in str(line), "a number that is nobody's is not kept"


def test_every_member_with_this_number_is_held_back(changing: Changing) -> None:
    walk = changing.walk
    shared = walk.sample.other
    phone, print_ = walk.member.phone, walk.member.phone_print
    walk.edit(lambda uow: uow.members.save(replace(uow.members.get(shared.id), phone=phone, phone_print=print_)))
    signal(walk)
    held = walk.look(lambda uow: [one.login for one in uow.members.find() if one.phone_signal_at])
    assert sorted(held) == ["m1001", "m1002"]


def test_what_rests_on_the_phone_is_void_and_what_does_not_stays(changing: Changing) -> None:
    walk = changing.walk
    running = walk.begin(Act.APPLY)
    code = walk.send(running)
    passed = [changing.prove(one, Act.APPLY) for one in (Method.PHONE_CODE, Method.AGENCY, Method.APP, Method.CERTIFICATE)]
    signal(walk)
    states = [changing.state_of(one) for one in [running, *passed]]
    assert states == [ProofState.CANCELLED, *[ProofState.EXPIRED] * 3, ProofState.PASSED]
    assert walk.check(running, code) != "passed"


def test_no_code_is_sent_to_it_for_three_days(changing: Changing) -> None:
    walk = changing.walk
    signal(walk)
    assert walk.send(walk.begin(Act.APPLY)) == ""
    walk.clock.move(hours=71, minutes=59)
    assert walk.send(walk.begin(Act.APPLY)) == ""
    walk.clock.move(minutes=1)
    assert walk.send(walk.begin(Act.APPLY)) != ""


def test_sessions_that_a_proof_opened_end_and_one_with_an_otp_stays(changing: Changing) -> None:
    changing.sit(Level.PROVEN)
    full = changing.sit(Level.FULL)
    signal(changing.walk)
    assert changing.running() == [full]


def test_a_change_of_a_contact_that_runs_is_void(changing: Changing) -> None:
    changing.prove(Method.AGENCY)
    change, code = changing.begin(), changing.code()
    signal(changing.walk)
    assert changing.confirm(change, code) is ChangeAnswer.OVER
    assert changing.member.phone.reveal() == PHONE


def test_the_same_signal_again_neither_prolongs_nor_writes_again(changing: Changing) -> None:
    walk, at = changing.walk, changing.walk.now
    signal(walk, at=at)
    walk.clock.move(hours=1)
    signal(walk, at=at)
    assert changing.member.phone_signal_at == at
    assert walk.look(lambda uow: uow.notices.count(template="phone_signal")) == 1
    assert walk.events()[-1] == "phone:signalled=repeated"
    signal(walk, at=walk.now)
    assert changing.member.phone_signal_at == walk.now


def test_staff_who_see_papers_clear_it_and_an_old_signal_does_not_come_back(changing: Changing) -> None:
    walk, at = changing.walk, changing.walk.now
    signal(walk, at=at)
    walk.clock.move(hours=1)
    changing.seen_at_counter(walk.operator)
    walk.do(lambda desk: trust_phone(TrustPhone(member_id=walk.member.id, operator=walk.operator), desk=desk))
    assert not phone_is_young(changing.member, walk.now)
    assert changing.sent("phone_trusted") == {("sms", PHONE), ("mail", MAIL)}
    signal(walk, at=at)
    assert walk.events()[-1] == "phone:signalled=outdated"
    assert not phone_is_young(changing.member, walk.now)
    walk.clock.move(minutes=1)
    signal(walk)
    assert phone_is_young(changing.member, walk.now)


def test_a_signal_from_before_the_number_was_the_member_s_means_somebody_else(changing: Changing) -> None:
    before = changing.walk.now - timedelta(hours=1)
    changing.change(NEW)
    signal(changing.walk, NEW_E164, at=before)
    assert changing.member.phone_signal_at is None


@pytest.mark.parametrize(
    ("phone", "by", "field"),
    [
        pytest.param("phone", timedelta(), "phone", id="no number"),
        pytest.param("+8210" + "1" * 10_240, timedelta(), "phone", id="10 kB"),
        pytest.param(PHONE, timedelta(minutes=6), "at", id="in the future"),
        pytest.param(PHONE, timedelta(days=-31), "at", id="long ago"),
    ],
)
def test_what_cannot_be_is_refused(walk: Walk, phone: str, by: timedelta, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        signal(walk, phone, at=walk.now + by)
    assert refused.value.field == field
