"""A link in a notice undoes what the notice tells of: once, for three days, and only what is still as it was left."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from otpward.clerk.contacts import put_contact
from otpward.clerk.undo import undo_digest
from otpward.core.audit import Actor, ActorKind, AuditEvent
from otpward.core.errors import NotFound
from otpward.core.model.contact_change import Contact
from otpward.core.model.member import Member
from otpward.core.model.notice import Notice
from otpward.core.policy.notices import NoticeKind
from otpward.core.secret import Personal
from otpward.services.undo.look_at_undo import look_at_undo
from otpward.services.undo.undo import Undo, undo
from tests.fakes.sample import Sample

BY = Actor(kind=ActorKind.MEMBER)
NEW = Personal("+821099998888")


def member(sample: Sample) -> Member:
    return sample.house.look(sample.institution.id, lambda uow: uow.members.get(sample.member.id))


def notices(sample: Sample, kind: NoticeKind) -> list[Notice]:
    return sample.house.look(sample.institution.id, lambda uow: uow.notices.find(template=kind))


def change(sample: Sample, address: Personal = NEW, contact: Contact = Contact.PHONE) -> None:
    def act(desk: Any) -> None:
        with desk.uow as uow:
            put_contact(uow.members.get(sample.member.id), contact, address, desk=desk, by=BY, result="test")
            uow.commit()

    sample.house.do(sample.institution.id, act)


def code_in(text: str) -> str:
    found = re.search(r"/undo/([0-9A-Z]+)", text)
    assert found is not None, text
    return found[1]


def link(sample: Sample) -> str:
    [one] = {code_in(n.text.reveal()) for n in notices(sample, NoticeKind.CONTACT_PHONE) if n.holds_link}
    return one


def press(sample: Sample, code: str) -> None:
    sample.house.do(sample.institution.id, lambda desk: undo(Undo(code=code, source="203.0.113.5"), desk=desk))


def test_the_old_contact_gets_the_link_and_the_new_one_does_not(sample: Sample) -> None:
    old = member(sample).phone
    change(sample)
    told = {n.recipient.reveal(): "/undo/" in n.text.reveal() for n in notices(sample, NoticeKind.CONTACT_PHONE)}
    assert told == {old.reveal(): True, NEW.reveal(): False, member(sample).email.reveal(): True}


def test_the_code_of_a_link_is_kept_as_a_hash(sample: Sample) -> None:
    change(sample)
    [kept] = sample.house.look(sample.institution.id, lambda uow: uow.undo_links.find())
    assert kept.digest == undo_digest(link(sample))
    assert link(sample) not in repr(kept)


def test_looking_undoes_nothing(sample: Sample) -> None:
    change(sample)
    now = sample.house.clock.now()
    sample.house.look(sample.institution.id, lambda uow: look_at_undo(link(sample), uow=uow, now=now))
    assert member(sample).phone == NEW


def test_pressing_brings_the_old_contact_back_and_tells_all(sample: Sample) -> None:
    old = member(sample).phone
    change(sample)
    press(sample, link(sample).lower())
    assert member(sample).phone == old
    assert member(sample).phone_changed_at is not None, "held back as any new one"
    told = {n.recipient.reveal() for n in notices(sample, NoticeKind.ACT_UNDONE)}
    assert told == {old.reveal(), member(sample).email.reveal()}
    restored = [n for n in notices(sample, NoticeKind.CONTACT_PHONE) if n.recipient == NEW]
    assert len(restored) == 2, "the number that was put in its place hears of both"
    assert not any(n.holds_link for n in restored), "and can undo neither"
    lines = sample.house.look(sample.institution.id, lambda uow: uow.audit.find(event=AuditEvent.ACT_UNDONE))
    assert [line.result for line in lines] == ["contact_phone"]


def test_a_link_is_good_once(sample: Sample) -> None:
    change(sample)
    code = link(sample)
    press(sample, code)
    with pytest.raises(NotFound):
        press(sample, code)


@pytest.mark.parametrize("later", [timedelta(hours=72), timedelta(days=30)], ids=str)
def test_a_link_is_good_for_three_days(sample: Sample, later: timedelta) -> None:
    change(sample)
    code = link(sample)
    sample.house.clock.at += later  # type: ignore[attr-defined]
    with pytest.raises(NotFound):
        press(sample, code)
    assert member(sample).phone == NEW


def test_what_was_changed_again_is_not_undone(sample: Sample) -> None:
    change(sample)
    code = link(sample)
    change(sample, Personal("+821077776666"))
    with pytest.raises(NotFound):
        press(sample, code)
    assert member(sample).phone.reveal() == "+821077776666"


@pytest.mark.parametrize("code", ["", "A", "../../etc", "2" * 24, "\u0000", "가나다", "x" * 5000], ids=ascii)
def test_what_is_no_link_undoes_nothing(sample: Sample, code: str) -> None:
    change(sample)
    with pytest.raises(NotFound):
        press(sample, code)


def test_a_phone_that_was_lost_gets_no_link(sample: Sample) -> None:
    def lose(desk: Any) -> None:
        with desk.uow as uow:
            uow.members.save(replace(uow.members.get(sample.member.id), phone_lost_at=desk.now))
            uow.commit()

    sample.house.do(sample.institution.id, lose)
    change(sample)
    assert not any(n.holds_link for n in notices(sample, NoticeKind.CONTACT_PHONE))
