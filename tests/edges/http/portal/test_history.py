"""A member's own record: all of theirs, nothing of others, and no more of an address than its network."""

import csv
import io
import re
from dataclasses import replace
from typing import Any

import pytest

from otpward.core.audit import Actor, ActorKind, AuditEvent
from otpward.core.lifecycle.token import Hold
from otpward.core.model.case import Delivery
from otpward.core.model.member import Level
from otpward.edges.http.portal.own_record import TOLD, shortened
from otpward.services.resync.stop_token import StopToken, stop_token
from otpward.services.verify.verify import Verify, verify
from tests.edges.http.portal.codes import WRONG, device_number
from tests.edges.http.portal.seated import Story, seat
from tests.fakes.sample import Sample


@pytest.fixture
def story(sample: Sample) -> Story:
    return Story(sample, sample.member)


@pytest.fixture
def seated(browser: Any, story: Story) -> Any:
    """The member's browser, signed in."""
    browser.get("/?lang=en")
    seat(browser, story, Level.FULL)
    return browser


def do(sample: Sample, act: Any) -> Any:
    return sample.house.do(sample.institution.id, act)


def judged(sample: Sample, code: str, serial: str = "SN-00") -> None:
    by = Actor(kind=ActorKind.API_KEY, source="198.51.100.7")
    ask = Verify(institution_id=sample.institution.id, code=code, by=by, serial=serial)
    do(sample, lambda desk: verify(ask, desk=desk))


def rows(browser: Any) -> list[list[str]]:
    text = browser.get("/history?format=csv").text
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))[1:]


def test_a_member_reads_what_happened_with_their_otp(seated: Any, sample: Sample, story: Story) -> None:
    judged(sample, device_number(sample))
    judged(sample, WRONG)
    story.draft(Delivery.POST)
    page = seated.get("/history")
    said = [row[1] for row in rows(seated)]
    assert {"OTP number accepted", "OTP number refused", "Application opened"} <= set(said)
    assert all(word in page.text for word in ("A connected service", "Wrong number", "****N-00"))
    assert "198.51.100.7" not in page.text  # where a service sits is not the member's to know


def test_nothing_of_anybody_else_is_told(browser: Any, sample: Sample, story: Story) -> None:
    judged(sample, device_number(sample))
    story.draft(Delivery.POST)
    browser.get("/?lang=en")
    seat(browser, Story(sample, sample.other), Level.FULL)
    assert {row[1] for row in rows(browser)} <= {"Member added", "Password set"}


def test_what_one_does_as_staff_is_not_in_their_own_record(browser: Any, sample: Sample) -> None:
    token = sample.house.look(sample.institution.id, lambda uow: uow.tokens.first(serial="SN-00"))
    assert token is not None
    ask = StopToken(token_id=token.id, operator=sample.operator, reason="seen with a stranger")
    do(sample, lambda desk: stop_token(ask, desk=desk))
    teller = sample.house.look(sample.institution.id, lambda uow: uow.members.get(sample.operator.member_id))
    browser.get("/?lang=en")
    seat(browser, Story(sample, teller), Level.FULL)
    assert all("SN-00"[-4:] not in row[2] for row in rows(browser))
    seat(browser, Story(sample, sample.member), Level.FULL)
    (stopped,) = [row for row in rows(browser) if row[1].startswith("OTP stopped")]
    assert (stopped[4], stopped[5]) == ("Staff", "")
    assert Hold.SUSPENDED in sample.house.look(sample.institution.id, lambda uow: uow.tokens.get(token.id)).holds


def test_what_a_device_did_in_other_hands_is_theirs(seated: Any, sample: Sample, clock: Any) -> None:
    judged(sample, WRONG)

    def pass_on(desk: Any) -> None:
        with desk.uow as uow:
            token = uow.tokens.first(serial="SN-00")
            bound = uow.registrations.first(token_id=token.id)
            uow.registrations.save(replace(bound, ended_at=desk.now))
            uow.commit()

    do(sample, pass_on)
    clock.move(minutes=1)
    judged(sample, device_number(sample))
    said = [row[1] for row in rows(seated)]
    assert "OTP number refused" in said
    assert "OTP number accepted" not in said


def test_what_came_before_other_hands_is_found_behind_all_that_they_did(browser: Any, sample: Sample, clock: Any) -> None:
    """Member two did something, long before they were given the device that member one had used a lot."""

    def hand_on(desk: Any) -> None:
        with desk.uow as uow:
            token = uow.tokens.first(serial="SN-00")
            bound = uow.registrations.first(token_id=token.id)
            uow.registrations.save(replace(bound, ended_at=desk.now))
            uow.registrations.add(replace(bound, id=desk.new_id(), member_id=sample.other.id, begun_at=desk.now, version=0))
            uow.commit()

    clock.move(seconds=1)
    for _ in range(55):
        judged(sample, WRONG)
        clock.move(hours=25)
    do(sample, hand_on)
    browser.get("/?lang=en")
    seat(browser, Story(sample, sample.other), Level.FULL)
    page = browser.get("/history")
    assert "Member added" in page.text
    assert "Wrong number" not in page.text


def test_pages_follow_one_another_and_no_line_is_lost_or_told_twice(seated: Any, sample: Sample, clock: Any) -> None:
    for _ in range(45):
        clock.move(seconds=1)
        do(sample, lambda desk: _line(desk, sample))
    seen: list[str] = []
    where: str | None = "/history"
    while where:
        page = seated.get(where)
        seen += re.findall(r'<td><time datetime="([^"]+)"', page.text)
        after = re.search(r'href="(/history\?before=[^"]+)" rel="next"', page.text)
        where = after[1] if after else None
    assert len(seen) == len(rows(seated)) >= 45
    assert seen == sorted(seen, reverse=True)


def _line(desk: Any, sample: Sample) -> None:
    with desk.uow as uow:
        by = Actor(kind=ActorKind.MEMBER, id=sample.member.id, source="203.0.113.9")
        member = uow.members.get(sample.member.id)
        uow.audit.append(AuditEvent.LANGUAGE_CHANGED, member, by=by, at=desk.now, institution_id=member.institution_id)
        uow.commit()


def test_of_an_address_only_the_network_is_shown(seated: Any, sample: Sample) -> None:
    do(sample, lambda desk: _line(desk, sample))
    page = seated.get("/history").text
    assert "203.0.113.*" in page
    assert "203.0.113.9" not in page


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("203.0.113.9", "203.0.113.*"),
        ("2001:db8:1:2::9", "2001:0db8:0001:*"),
        ("command line", "command line"),
        ("", ""),
    ],
)
def test_an_address_is_shortened(source: str, told: str) -> None:
    assert shortened(source) == told


@pytest.mark.parametrize("before", ["", "yesterday", "2026-13-40", "2026-11-23T12:00:00", "9" * 400], ids=ascii)
def test_a_time_that_is_none_is_no_time(seated: Any, before: str) -> None:
    assert seated.get(f"/history?before={before}").status_code == 200


def test_a_stranger_and_a_half_proven_member_sign_in_first(browser: Any, story: Story) -> None:
    assert browser.get("/history").url.path == "/sign-in"
    seat(browser, story, Level.PROVEN)
    assert browser.get("/history?format=csv").url.path == "/sign-in"


def test_what_staff_do_among_themselves_is_not_told() -> None:
    inside = {
        AuditEvent.CASE_NOTED,
        AuditEvent.CASE_ASSIGNED,
        AuditEvent.CASE_DENIED,
        AuditEvent.CASE_SENT_BACK,
        AuditEvent.CASE_CHECKED,
        AuditEvent.PHONE_CHECKED,
        AuditEvent.PROOF_CODE_SHOWN,
    }
    assert not inside & TOLD
