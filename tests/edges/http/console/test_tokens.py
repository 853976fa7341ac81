"""One device: found by its serial, tested, adjusted, stopped; what was done can be read below."""

from dataclasses import replace
from datetime import date
from html import unescape
from typing import Any

import pytest

from otpward.core.lifecycle.token import Hold
from otpward.core.model.loss import LossKind
from otpward.core.model.member import Role
from otpward.services.report_loss.report_loss import ReportLoss, report_loss
from otpward.services.verify.verify import Verify, verify
from tests.edges.http.console.staffed import appoint, see_papers, sit
from tests.fakes.sample import PHONE, Sample, oath_code, seed_of
from tests.fakes.surroundings import FixedClock
from tests.services.health.looking_after import ends, round_of_the_day
from tests.services.walk import Walk

PAGE = "/console/tokens/SN-00"
SEED = seed_of(0)


def send(browser: Any, act: str, **fields: str) -> Any:
    page = browser.get(PAGE)
    csrf = page.text.partition('name="csrf" value="')[2].partition('"')[0]
    return browser.post(PAGE, {"csrf": csrf, "act": act, **fields})


def holds(sample: Sample) -> frozenset[Hold]:
    token = sample.house.look(sample.institution.id, lambda uow: uow.tokens.first(serial="SN-00"))
    assert token is not None
    return token.holds


def report(sample: Sample, phone: str = PHONE) -> str:
    ask = ReportLoss(
        institution_id=sample.institution.id,
        login="m1001",
        phone=phone,
        kind=LossKind.STOLEN,
        phone_lost=False,
        browser=b"b" * 32,
        once=phone,
        source="203.0.113.9",
    )
    return sample.house.do(sample.institution.id, lambda desk: report_loss(ask, desk=desk)).number


def test_a_serial_leads_to_its_device(browser: Any, sample: Sample) -> None:
    sit(browser, sample)
    page = browser.get("/console/tokens?q=sn-00")
    assert page.url.path == PAGE
    assert "It works." in page.text
    assert "No device has the serial number SN-99" in browser.get("/console/tokens?q=SN-99").text
    assert browser.get("/console/tokens/SN-99").status_code == 404


def test_a_number_is_right_once(browser: Any, sample: Sample, clock: FixedClock) -> None:
    sit(browser, sample)
    code = oath_code(SEED, clock.now())
    assert "The OTP number is right. It has been used up" in send(browser, "test", code=code).text
    again = send(browser, "test", code=code)
    assert again.status_code == 422
    assert "That number was used. Enter the next one" in again.text
    assert code not in again.text
    assert "OTP number accepted" in again.text


def test_two_numbers_in_a_row_adjust_the_time(browser: Any, sample: Sample, clock: FixedClock) -> None:
    sit(browser, sample)
    at = clock.now().timestamp() + 12 * 60
    first, second = (oath_code(SEED, type(clock.now()).fromtimestamp(at + step * 60, tz=clock.now().tzinfo)) for step in (0, 1))
    assert "These are not two numbers in a row." in send(browser, "adjust", first=second, second=first).text
    page = send(browser, "adjust", first=first, second=second)
    assert "Time adjusted" in page.text
    assert "780 s fast" in page.text


def test_a_stop_needs_a_reason_and_works_at_once(browser: Any, sample: Sample, clock: FixedClock) -> None:
    sit(browser, sample)
    assert "Write why it is stopped" in send(browser, "stop").text
    assert not holds(sample)
    page = send(browser, "stop", reason="Asked for by phone")
    assert "Stopped. From this moment every OTP number of it is refused." in page.text
    assert "Asked for by phone" in page.text
    assert holds(sample) == {Hold.SUSPENDED}
    refused = send(browser, "test", code=oath_code(SEED, clock.now()))
    assert "It is stopped, so no number is looked at" in refused.text


@pytest.mark.parametrize(
    ("role", "act", "status"),
    [
        (Role.HELP_DESK, "adjust", 403),
        (Role.STOCK, "test", 403),
        (Role.STOCK, "stop", 403),
        (Role.AUDITOR, "stop", 403),
        (Role.HELP_DESK, "test", 422),
    ],
)
def test_a_role_does_only_what_it_may(browser: Any, sample: Sample, role: Role, act: str, status: int) -> None:
    sit(browser, sample, appoint(sample, role))
    csrf = browser.get("/console").text.partition('name="csrf" value="')[2].partition('"')[0]
    fields = {"csrf": csrf, "act": act, "code": "1", "first": "1", "second": "1", "reason": "x"}
    assert browser.post(PAGE, fields).status_code == status
    assert not holds(sample)


def test_a_loss_report_says_what_it_stopped(browser: Any, sample: Sample) -> None:
    number, unmatched = report(sample), report(sample, "010-9999-0000")
    sit(browser, sample)
    found = browser.get("/console/losses")
    assert number in found.text
    assert "No member matched" in found.text
    page = browser.get(f"/console/losses/{number}")
    assert "SN-00" in page.text
    assert "Stopped (stolen)" in page.text
    assert "홍길동" not in page.text
    assert "The report stopped nothing" in browser.get(f"/console/losses/{unmatched}").text
    assert "It is stopped. Every OTP number of it is refused" in browser.get(PAGE).text


def test_a_member_is_found_by_number_and_shown_covered(browser: Any, sample: Sample) -> None:
    sit(browser, sample)
    page = browser.get("/console/members?q=M1001")
    assert page.url.path == f"/console/members/{sample.member.id}"
    assert "홍*동" in page.text
    for secret in ("홍길동", "1980-01-02", "55501101", "m1001@member"):
        assert secret not in page.text
    assert "No member has the number m9" in browser.get("/console/members?q=m9").text
    assert browser.get("/console/members/not-a-key").status_code == 404


def test_the_stock_is_counted_by_branch(browser: Any, sample: Sample) -> None:
    sit(browser, sample)
    row = browser.get("/console/stock").text.partition("Head Office")[2].partition("</tr>")[0]
    assert 'class="num">6<' in row


def test_what_was_stolen_works_again_when_two_people_have_agreed(browser: Any, sample: Sample) -> None:
    report(sample)
    sit(browser, sample)
    page = browser.get(PAGE)
    assert f"/console/members/{sample.member.id}/prove?act=lift_loss" in page.text
    see_papers(browser, sample, "lift_loss")
    page = browser.get(PAGE)
    assert "A second person must agree" in page.text
    asked = send(browser, "lift", hold="stolen")
    assert "Sent for approval" in asked.text
    assert "You cannot approve your own request" in asked.text
    assert "You cannot approve your own request" in send(browser, "approve_lift", hold="stolen").text
    assert holds(sample) == {Hold.STOLEN}
    sit(browser, sample, appoint(sample, Role.BRANCH))
    assert "A colleague has seen the papers" in browser.get(PAGE).text
    assert "The stop is lifted. The member has been told." in send(browser, "approve_lift", hold="stolen").text
    assert holds(sample) == frozenset()


def test_the_help_desk_lifts_nothing(browser: Any, sample: Sample) -> None:
    report(sample)
    sit(browser, sample, appoint(sample, Role.HELP_DESK))
    assert "A branch can lift it" in browser.get(PAGE).text
    assert send(browser, "lift", hold="stolen").status_code == 403
    assert holds(sample) == {Hold.STOLEN}


def lock(sample: Sample) -> None:
    wrong = Verify(institution_id=sample.institution.id, code="000000", by=sample.operator.actor, serial="SN-00")
    for _ in range(10):
        sample.house.do(sample.institution.id, lambda desk: verify(wrong, desk=desk))
    assert holds(sample) == {Hold.LOCKED}


def test_a_lock_is_opened_for_a_holder_with_papers(browser: Any, sample: Sample) -> None:
    lock(sample)
    sit(browser, sample)
    assert "The holder stands here with their papers." in browser.get(PAGE).text
    assert f"/console/members/{sample.member.id}/prove?act=unlock" in browser.get(PAGE).text
    assert "Compare the holder's papers first" in unescape(send(browser, "unlock").text)
    assert holds(sample) == {Hold.LOCKED}
    see_papers(browser, sample, "unlock")
    done = send(browser, "unlock")
    assert "Unlocked. The next number is good again." in done.text
    assert holds(sample) == frozenset()
    see_papers(browser, sample, "unlock")
    assert "It is not locked any more" in send(browser, "unlock").text


def test_a_help_desk_opens_no_lock(browser: Any, sample: Sample) -> None:
    lock(sample)
    sit(browser, sample, appoint(sample, Role.HELP_DESK))
    assert 'value="unlock"' not in browser.get(PAGE).text
    assert send(browser, "unlock").status_code == 403
    assert holds(sample) == {Hold.LOCKED}


@pytest.mark.parametrize(("lang", "sentence"), [("en", "over two minutes"), ("ko", "2분 넘게")])
def test_a_number_that_stays_too_long_is_flagged_to_staff(browser: Any, sample: Sample, lang: str, sentence: str) -> None:
    sit(browser, sample)
    assert "SP 800-63B-4" not in browser.get(f"{PAGE}?lang={lang}").text

    def slow(desk: Any) -> None:
        with desk.uow as uow:
            uow.tokens.save(replace(uow.tokens.first(serial="SN-00"), period_s=180))
            uow.commit()

    sample.house.do(sample.institution.id, slow)
    assert sentence in browser.get(PAGE).text


def test_what_is_expected_to_end_it_and_the_last_letter_about_it_are_shown(browser: Any, sample: Sample) -> None:
    walk = Walk(sample)
    sit(browser, sample)
    assert "Last reminded" not in browser.get(PAGE).text
    ends(walk, "SN-00", date(2027, 1, 20), battery_until=date(2028, 5, 2))
    round_of_the_day(walk)
    said = unescape(browser.get(PAGE).text)
    for told in ("Expected to end", "Expiry:", "Battery:", "Last reminded", "Reminder: device ends soon"):
        assert told in said
