"""Passkeys, recovery codes and devices are undone by the link in their notice; whoever presses it gains nothing."""

import re
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from otpward.core.errors import NotFound
from otpward.core.lifecycle.case import CaseState
from otpward.core.lifecycle.token import Hold, TokenState
from otpward.core.model.loss import LossKind
from otpward.core.model.member import Member
from otpward.core.model.proof import Act
from otpward.core.policy.backup import ConfirmFirst, LastMethod
from otpward.core.policy.notices import NoticeKind
from otpward.core.policy.verification import Verdict
from otpward.services.backup.remove_passkey import RemovePasskey, remove_passkey
from otpward.services.backup.wake_passkey import WakePasskey, wake_passkey
from otpward.services.undo.look_at_undo import look_at_undo
from otpward.services.undo.undo import Undo, undo
from tests.fakes.authenticator import Authenticator
from tests.services.backup.falling_back import Person, person
from tests.services.walk import SOURCE, Walk, shown


@pytest.fixture
def me(walk: Walk) -> Person:
    return person(walk)


def links(walk: Walk, kind: NoticeKind) -> list[str]:
    """The codes of the links in notices of this kind, oldest first, each once."""
    texts = walk.look(lambda uow: [one.text.reveal() for one in uow.notices.find(template=kind, order="created_at")])
    return list(dict.fromkeys(match[1] for text in texts for match in re.finditer(r"/undo/(\w+)", text)))


def press(walk: Walk, code: str) -> None:
    walk.do(lambda desk: undo(Undo(code=code, source=SOURCE), desk=desk))


def remove(me: Person, key: UUID) -> None:
    me.walk.do(lambda desk: remove_passkey(RemovePasskey(session_id=me.session_id, passkey_id=key, source=SOURCE), desk=desk))


def wake(me: Person, key: UUID) -> None:
    me.walk.do(lambda desk: wake_passkey(WakePasskey(session_id=me.session_id, passkey_id=key, source=SOURCE), desk=desk))


def change(walk: Walk, **fields: Any) -> None:
    def act(desk: Any) -> None:
        with desk.uow as uow:
            uow.members.save(replace(uow.members.get(walk.member.id), **fields))
            uow.commit()

    walk.do(act)


def stolen(walk: Walk) -> None:
    """The device is put out, as after a report."""

    def act(desk: Any) -> None:
        with desk.uow as uow:
            token = uow.tokens.get(walk.token("SN-00").id)
            uow.tokens.save(replace(token, holds=frozenset({Hold.STOLEN})))
            uow.commit()

    walk.do(act)


def test_an_added_passkey_is_removed_and_what_it_began_ends(walk: Walk, me: Person) -> None:
    key = Authenticator()
    passkey = me.added(key)
    inside, _ = me.enter(key)
    proof = me.prove(key)
    assert inside
    assert proof is not None
    [code] = links(walk, NoticeKind.PASSKEY_ADDED)
    press(walk, code)
    assert walk.look(lambda uow: uow.passkeys.get(passkey.id)).removed_at == walk.now
    assert not walk.look(lambda uow: [one for one in uow.sessions.find(member_id=walk.member.id) if one.ended_at is None])
    assert walk.look(lambda uow: uow.proofs.get(proof.id)).state == "expired"
    assert me.enter(key) == ("", "removed")
    assert walk.told("act_undone") == {("m1001", "act_undone", "sms"), ("m1001", "act_undone", "mail")}
    with pytest.raises(NotFound):
        press(walk, code)


def test_the_only_way_in_is_not_undone(walk: Walk, me: Person) -> None:
    passkey = me.added(Authenticator())
    [code] = links(walk, NoticeKind.PASSKEY_ADDED)

    def retire(desk: Any) -> None:
        with desk.uow as uow:
            for one in uow.registrations.find(member_id=walk.member.id):
                uow.registrations.save(replace(one, state="ended", ended_at=desk.now))
            uow.commit()

    walk.do(retire)
    with pytest.raises(LastMethod):
        press(walk, code)
    assert walk.look(lambda uow: uow.passkeys.get(passkey.id)).removed_at is None


def test_who_reported_the_device_lost_first_can_still_put_a_passkey_out(walk: Walk, me: Person) -> None:
    passkey = me.added(Authenticator())
    [code] = links(walk, NoticeKind.PASSKEY_ADDED)
    stolen(walk)
    press(walk, code)
    assert walk.look(lambda uow: uow.passkeys.get(passkey.id)).removed_at is not None


def test_a_removed_passkey_comes_back_asleep_and_another_factor_wakes_it(walk: Walk, me: Person) -> None:
    key = Authenticator()
    passkey = me.added(key)
    remove(me, passkey.id)
    [code] = links(walk, NoticeKind.PASSKEY_REMOVED)
    press(walk, code)
    back = walk.look(lambda uow: uow.passkeys.get(passkey.id))
    assert (back.removed_at, back.asleep_since) == (None, walk.now)
    assert me.enter(key) == ("", "asleep"), "a thief who holds the phone that it is in gains nothing"
    assert me.prove(key) is None
    again = person(walk)
    again.confirm_again(passkey.id)
    with pytest.raises(ConfirmFirst):
        wake(again, passkey.id)
    again.confirm_again()
    wake(again, passkey.id)
    secret, _ = again.enter(key)
    assert secret
    assert len(links(walk, NoticeKind.PASSKEY_ADDED)) == 2, "waking it is told, and can be undone"


@pytest.mark.parametrize("since", ["phone_lost", "left"], ids=str)
def test_what_happened_since_keeps_a_removed_passkey_out(walk: Walk, me: Person, since: str) -> None:
    passkey = me.added(Authenticator())
    remove(me, passkey.id)
    [code] = links(walk, NoticeKind.PASSKEY_REMOVED)
    change(walk, **{f"{since}_at": walk.now})
    with pytest.raises(NotFound):
        press(walk, code)
    assert walk.look(lambda uow: uow.passkeys.get(passkey.id)).removed_at is not None


def test_an_old_phone_that_undoes_everything_has_no_way_in(walk: Walk, me: Person) -> None:
    """Its member moved on: a new passkey here, the one of the old phone removed. The old phone still reads the mail."""
    old = Authenticator()
    gone = me.added(old)
    walk.clock.move(seconds=1)
    me.added(Authenticator())
    remove(me, gone.id)
    pressed = [*links(walk, NoticeKind.PASSKEY_REMOVED), *links(walk, NoticeKind.PASSKEY_ADDED)[1:]]
    for code in pressed:
        press(walk, code)
    assert me.enter(old) == ("", "asleep")
    assert me.prove(old, Act.CHANGE_CONTACT) is None


def test_a_new_recovery_code_is_void_and_the_one_before_stays_so(walk: Walk, me: Person) -> None:
    first = me.make_code()
    walk.clock.move(seconds=1)
    assert first != me.make_code()
    codes = links(walk, NoticeKind.RECOVERY_CODE_MADE)
    with pytest.raises(NotFound):
        press(walk, codes[0])
    press(walk, codes[1])
    assert walk.look(lambda uow: uow.recovery_codes.first(live_for=walk.member.id)) is None


def test_a_phone_whose_sim_changed_lately_gets_no_link(walk: Walk, me: Person) -> None:
    change(walk, phone_signal_at=walk.now)
    me.make_code()
    found = walk.look(lambda uow: {n.channel: n.holds_link for n in uow.notices.find(template=NoticeKind.RECOVERY_CODE_MADE)})
    assert found == {"sms": False, "mail": True}


def test_a_new_device_stops_as_by_a_report_and_the_old_one_stays_ended(walk: Walk) -> None:
    walk.done()
    registered, activated = links(walk, NoticeKind.TOKEN_REGISTERED), links(walk, NoticeKind.TOKEN_ACTIVATED)
    press(walk, activated[0])
    new, old = walk.token("SN-02"), walk.token("SN-00")
    assert (new.state, new.holds) == (TokenState.ACTIVE, frozenset({Hold.MISUSED}))
    assert old.state is TokenState.RETIRED
    walk.clock.move(minutes=1)
    assert walk.verify(shown("SN-02", walk.now), serial="SN-02") is Verdict.ON_HOLD
    [report] = walk.look(lambda uow: uow.losses.find(member_id=walk.member.id))
    assert (report.kind, report.lifted_at) == (LossKind.MISUSED, None)
    assert report.case_id is not None
    assert walk.case(report.case_id).state is CaseState.REPORTED
    assert walk.told("loss_stopped") == {("m1001", "loss_stopped", "sms"), ("m1001", "loss_stopped", "mail")}
    with pytest.raises(NotFound):
        press(walk, registered[0])


def test_a_device_that_waits_for_its_test_stops_too(walk: Walk) -> None:
    case = walk.registered()
    press(walk, links(walk, NoticeKind.TOKEN_REGISTERED)[0])
    assert walk.token("SN-02").holds == frozenset({Hold.MISUSED})
    assert walk.activate(case, shown("SN-02", walk.now)).verdict is not Verdict.ACCEPTED
    [report] = walk.look(lambda uow: uow.losses.find(member_id=walk.member.id))
    assert report.case_id == case.id, "no second case"
    assert walk.token("SN-00").state is TokenState.ACTIVE, "the old one works on"


def test_looking_at_a_link_changes_nothing(walk: Walk, me: Person) -> None:
    me.added(Authenticator())
    before: Member = walk.look(lambda uow: uow.members.get(walk.member.id))
    walk.look(lambda uow: look_at_undo(links(walk, NoticeKind.PASSKEY_ADDED)[0], uow=uow, now=walk.now))
    assert walk.look(lambda uow: uow.members.get(walk.member.id)) == before
    assert walk.look(lambda uow: uow.passkeys.count(member_id=walk.member.id, removed_at=None)) == 1
