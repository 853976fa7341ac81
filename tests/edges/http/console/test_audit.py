"""The audit is read, filtered and paged; it is never written from here."""

from typing import Any

import pytest

from otpward.core.model.case import Delivery
from otpward.core.model.member import Role
from tests.edges.http.console.staffed import appoint, sit, story
from tests.fakes.sample import Sample
from tests.fakes.surroundings import FixedClock


def lines(page: Any) -> int:
    return int(page.text.partition("<tbody>")[2].partition("</tbody>")[0].count("<tr>"))


def test_the_newest_line_stands_first_and_older_ones_on_the_next_page(browser: Any, sample: Sample, clock: FixedClock) -> None:
    story(sample).ready_to_collect("SN-02")
    clock.move(minutes=1)
    sit(browser, sample, appoint(sample, Role.AUDITOR))
    page = browser.get("/console/audit")
    assert lines(page) == 25
    newest = page.text.partition("<tbody>")[2].partition("</tr>")[0]
    assert "12:01:00" in newest
    assert 0 < lines(browser.get("/console/audit?page=2")) <= 25


@pytest.mark.parametrize(
    ("query", "there", "absent"),
    [
        ("event=case:approved", "Application approved", "Application sent</td>"),
        ("actor=staff", "김창구", "Command line ·"),
        ("q=SN-02", "Device set aside", "Application approved</td>"),
        ("q=teller", "Application approved", "Member added</td>"),
    ],
)
def test_filters_in_the_address_narrow_it(browser: Any, sample: Sample, query: str, there: str, absent: str) -> None:
    story(sample).ready_to_collect("SN-02")
    sit(browser, sample)
    table = browser.get(f"/console/audit?{query}").text.partition("<tbody>")[2]
    assert there in table
    assert absent not in table


def test_an_application_is_followed_through_by_its_number(browser: Any, sample: Sample) -> None:
    case = story(sample).sent(Delivery.APP)
    sit(browser, sample)
    table = browser.get(f"/console/audit?q={case.number}").text.partition("<tbody>")[2]
    assert "Application sent" in table
    assert "Member added" not in table


def test_nothing_is_found_for_a_number_of_nothing(browser: Any, sample: Sample) -> None:
    sit(browser, sample)
    assert "No line of the audit matches" in browser.get("/console/audit?q=nobody").text


def test_a_day_is_a_day_in_korea_and_ends_with_it(browser: Any, sample: Sample) -> None:
    sit(browser, sample)
    assert lines(browser.get("/console/audit?until=2026-11-23")) > 0
    assert lines(browser.get("/console/audit?until=2026-11-22")) == 0
    assert browser.get("/console/audit?until=yesterday").status_code == 422
    assert browser.get("/console/audit?until=0001-01-01").status_code == 422
