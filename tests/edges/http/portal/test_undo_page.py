"""The link in a notice, in the browser: looking undoes nothing, pressing undoes once, and what is over says so."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from otpward.clerk.contacts import put_contact
from otpward.clerk.mailing import Reminded, remind_all
from otpward.clerk.recovery import keep_code
from otpward.clerk.stopping import stop_code
from otpward.clerk.undo import make_undo
from otpward.core.audit import Actor, ActorKind
from otpward.core.model.contact_change import Contact
from otpward.core.model.member import Member
from otpward.core.model.notice import UndoAct
from otpward.core.policy.notices import NoticeKind
from otpward.core.policy.rates import Rate
from otpward.core.secret import Personal
from otpward.ports.notifier import Channel, Message, Sent
from otpward.services.notices.send_batch import send_batch
from tests.fakes.sample import Sample

NEW = Personal("+821099998888")


def member(sample: Sample) -> Member:
    return sample.house.look(sample.institution.id, lambda uow: uow.members.get(sample.member.id))


@pytest.fixture
def link(sample: Sample) -> str:
    def act(desk: Any) -> None:
        by = Actor(kind=ActorKind.MEMBER)
        with desk.uow as uow:
            put_contact(uow.members.get(sample.member.id), Contact.PHONE, NEW, desk=desk, by=by, result="test")
            uow.commit()

    sample.house.do(sample.institution.id, act)
    texts = sample.house.look(sample.institution.id, lambda uow: [one.text.reveal() for one in uow.notices.find()])
    [found] = {match[0] for text in texts for match in re.finditer(r"/undo/\w+", text)}
    return found


def test_looking_shows_what_would_be_undone_covered_and_pressing_undoes_it(browser: Any, sample: Sample, link: str) -> None:
    page = browser.get(f"{link}?lang=en")
    assert "***-****-1101 → ***-****-8888" in page.text
    assert member(sample).phone == NEW
    done = browser.send(page, link)
    assert "The change is undone" in done.text
    assert link not in str(done.url)
    assert member(sample).phone == sample.member.phone
    again = browser.get(link)
    assert (again.status_code, "This link can no longer be used" in again.text) == (404, True)


def test_no_other_link_shows_anything(browser: Any, link: str) -> None:
    for code in ("x", "A" * 24, "%00", "%EA%B0%80", "a/b"):
        assert browser.get(f"/undo/{code}").status_code == 404, code


def test_a_form_of_another_site_undoes_nothing(browser: Any, sample: Sample, link: str) -> None:
    browser.get(link)
    assert browser.post(link, {"csrf": "forged"}).status_code == 403
    assert member(sample).phone == NEW


def test_reminders_end_by_one_click_of_the_mail_program(browser: Any, sample: Sample) -> None:
    code = stop_code(sample.member.id, sample.house.vault)
    assert "No more reminders?" in browser.get(f"/stop/{code}?lang=en").text
    assert member(sample).quiet_since is None
    answer = browser.request("POST", f"/stop/{code}", content=b"List-Unsubscribe=One-Click")
    assert answer.status_code in {200, 303}
    assert member(sample).quiet_since is not None


def test_a_code_that_is_not_ours_ends_nothing(browser: Any, sample: Sample) -> None:
    made = stop_code(sample.member.id, sample.house.vault)
    for forged in ("", "x", "0" * 64, "가", made[:-1] + ("0" if made[-1] != "0" else "1")):
        assert browser.request("POST", f"/stop/{forged}").status_code in {404, 405}
    assert member(sample).quiet_since is None


def test_a_reminder_by_mail_carries_the_way_out(sample: Sample) -> None:
    took: list[Message] = []

    class Post:
        def send(self, message: Message) -> Sent:
            took.append(message)
            return Sent(provider_reference="m")

    def act(desk: Any) -> None:
        with desk.uow as uow:
            by_mail = replace(uow.members.get(sample.member.id), phone=Personal(""))
            remind_all(
                [Reminded(member=by_mail, values={"link": "https://otp.example/r/A"})],
                NoticeKind.REMINDER_CHECK,
                campaign_id=sample.member.id,
                desk=desk,
            )
            uow.commit()

    sample.house.do(sample.institution.id, act)
    [notice] = sample.house.look(sample.institution.id, lambda uow: uow.notices.find())
    assert notice.batch_id is not None
    send_batch(sample.institution.id, notice.batch_id, house=sample.house, notifiers={Channel.MAIL: Post()})
    assert [one.stop for one in took] == [f"http://127.0.0.1/stop/{stop_code(sample.member.id, sample.house.vault)}"]


def test_the_links_of_other_acts_say_what_they_would_do_and_do_it(browser: Any, sample: Sample) -> None:
    """A device, and a recovery code; what is undone is not undone twice."""

    def act(desk: Any) -> list[str]:
        with desk.uow as uow:
            own = uow.members.get(sample.member.id)
            token = uow.tokens.first(serial=sample.in_use)
            code = keep_code(own, "$none$", desk=desk, by=Actor(kind=ActorKind.MEMBER))
            links = [
                make_undo(own, UndoAct.RECOVERY_CODE, code.id, desk=desk),
                make_undo(own, UndoAct.TOKEN_BOUND, token.id, desk=desk),
            ]
            uow.commit()
        return [f"/undo/{link.rpartition('/')[2]}" for link in links]

    code, device = sample.house.do(sample.institution.id, act)
    page = browser.get(f"{code}?lang=en")
    assert "Void the new recovery code?" in page.text
    assert "is good no more" in browser.send(page, code).text
    page = browser.get(f"{device}?lang=en")
    assert sample.in_use not in page.text, "the serial number is covered"
    assert "The OTP has stopped" in browser.send(page, device).text
    assert [browser.get(link).status_code for link in (code, device)] == [404, 404]


def test_who_opens_link_after_link_that_stands_for_nothing_waits(browser: Any, link: str, monkeypatch: Any) -> None:
    monkeypatch.setattr("otpward.services.undo.guessing.WRONG_LINKS_PER_SOURCE", (Rate(3, timedelta(minutes=10)),))
    assert [browser.get(f"/undo/{'A' * 24}").status_code for _ in range(4)] == [404, 404, 404, 429]
    assert browser.get(link).status_code == 429
