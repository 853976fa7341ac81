"""A campaign at the console: counted, put forward, started by somebody else, and what came of it."""

from datetime import date, timedelta
from typing import Any

import pytest

from otpward.core.model.member import Role
from otpward.services.health.plan_renewals import plan_renewals
from tests.edges.http.console.staffed import another_branch, appoint, sit
from tests.fakes.sample import Sample
from tests.services.health.looking_after import ask_all, ends, newest_link, started, try_number, used
from tests.services.walk import Walk, shown

PATH = "/console/campaigns"
QUARTER = {"expires_from": "2027-01-01", "expires_until": "2027-03-31"}
WHOLE = {**QUARTER, "name": "1분기", "ends_on": "2027-01-31", "rest_days": "30", "branch": "", "form": "", "model": ""}


@pytest.fixture
def walk(sample: Sample) -> Walk:
    """Two members whose devices end in the first quarter."""
    walk = Walk(sample)
    for serial, day in (("SN-00", date(2027, 2, 1)), ("SN-01", date(2027, 3, 31))):
        ends(walk, serial, day, branch_id=sample.branch.id)
        used(walk, serial, walk.now - timedelta(days=40))
    return walk


def write(browser: Any, act: str = "propose", **changes: str) -> Any:
    return browser.send(browser.get(f"{PATH}/new"), f"{PATH}/new", **{**WHOLE, "act": act, **changes})


def test_from_the_count_to_the_results(browser: Any, sample: Sample, walk: Walk) -> None:
    sit(browser, sample)
    counted = write(browser, "count")
    assert "2 members" in counted.text
    assert "****N-00" in counted.text
    put = write(browser)
    assert put.url.path == f"{PATH}/1"
    assert "A second person starts it" in put.text
    assert "You cannot approve your own request" in put.text

    sit(browser, sample, appoint(sample, Role.ADMINISTRATOR))
    running = browser.send(browser.get(f"{PATH}/1"), f"{PATH}/1", act="start")
    assert "Members are asked from now on" in running.text
    assert ask_all(walk) == 2
    link = newest_link(walk)
    if try_number(walk, link, shown("SN-00", walk.now)).reminder.outcome is None:
        try_number(walk, link, shown("SN-01", walk.now))
    page = browser.get(f"{PATH}/1").text
    assert "2 members asked" in page
    assert "50.0 %" in page
    table = browser.get(f"{PATH}/1?format=csv")
    assert table.headers["content-type"].startswith("text/csv")
    assert "Tested, good" in table.text
    assert "SN-00" not in table.text.replace("****N-00", "")
    assert "campaign:exported=done" in walk.events()


def test_it_waits_among_the_approvals_and_can_be_started_there(browser: Any, sample: Sample, walk: Walk) -> None:
    sit(browser, sample)
    write(browser)
    sit(browser, sample, appoint(sample, Role.ADMINISTRATOR))
    page = browser.get("/console/approvals")
    assert "Start a campaign" in page.text
    browser.send(page, "/console/approvals", act="approve")
    assert ask_all(walk) == 2


WRONG = [
    ({"name": " "}, "Give it a name"),
    ({"ends_on": ""}, "Say until when"),
    ({"ends_on": "2026-11-22"}, "must be after today"),
    ({"ends_on": "31.1.2027"}, "Write the day like"),
    ({"expires_until": "2026-01-01"}, "before the first"),
    ({"rest_days": "-1"}, "Enter a number of days"),
    ({"rest_days": "²"}, "Enter a number of days"),
    ({"expires_from": "2029-01-01", "expires_until": ""}, "No device in use"),
    ({"expires_from": "", "expires_until": ""}, "every member would be asked"),
]


def test_what_cannot_be_meant_is_said(browser: Any, sample: Sample, walk: Walk) -> None:
    sit(browser, sample)
    form = browser.get(f"{PATH}/new")
    for changes, sentence in WRONG:
        page = browser.send(form, f"{PATH}/new", **{**WHOLE, "act": "propose", **changes})
        assert page.status_code == 422, changes
        assert sentence in page.text, changes
    assert walk.look(lambda uow: uow.campaigns.count()) == 0


def test_everybody_is_asked_by_who_ticks_it(browser: Any, sample: Sample, walk: Walk) -> None:
    sit(browser, sample)
    assert write(browser, expires_from="", expires_until="", everybody="yes").url.path == f"{PATH}/1"


def test_a_branch_sees_and_asks_its_own(browser: Any, sample: Sample, walk: Walk) -> None:
    other = another_branch(sample)
    sit(browser, sample, appoint(sample, Role.BRANCH, other.id))
    page = write(browser, branch=str(sample.branch.id))
    assert "No device in use meets these conditions" in page.text


def test_who_may_see_them(browser: Any, sample: Sample, walk: Walk) -> None:
    may = {Role.BRANCH, Role.ADMINISTRATOR, Role.AUDITOR}
    for role in Role:
        sit(browser, sample, appoint(sample, role))
        status = 200 if role in may else 403
        assert [browser.get(page).status_code for page in (PATH, f"{PATH}/forecast")] == [status] * 2, role


def test_an_auditor_only_looks(browser: Any, sample: Sample, walk: Walk) -> None:
    started(walk)
    sit(browser, sample, appoint(sample, Role.AUDITOR))
    assert "End the campaign" not in browser.get(f"{PATH}/1").text
    assert browser.get(f"{PATH}/new").status_code == 403


def test_what_is_not_there_is_not_found(browser: Any, sample: Sample, walk: Walk) -> None:
    started(walk)
    sit(browser, sample)
    for number in ("2", "0", "x", "²", "9" * 30):
        assert browser.get(f"{PATH}/{number}").status_code == 404, number


def test_the_forecast_leads_to_a_campaign_filled_in(browser: Any, sample: Sample, walk: Walk) -> None:
    sit(browser, sample)
    page = browser.get(f"{PATH}/forecast").text
    assert "expires_from=2027-02-01&amp;expires_until=2027-02-28" in page
    filled = browser.get(f"{PATH}/new?expires_from=2027-02-01&expires_until=2027-02-28&name=Feb").text
    assert 'value="2027-02-28"' in filled


@pytest.mark.parametrize(
    ("role", "shown"), [(Role.ADMINISTRATOR, True), (Role.AUDITOR, True), (Role.BRANCH, False), (Role.STOCK, False)]
)
def test_the_day_begins_with_how_many_end_soon(browser: Any, sample: Sample, role: Role, shown: bool) -> None:
    walk = Walk(sample)
    sit(browser, sample, appoint(sample, role, sample.branch.id if role is Role.BRANCH else None))
    assert "Devices that end soon" not in browser.get("/console").text
    used(walk, "SN-00", walk.now - timedelta(days=3))
    ends(walk, "SN-00", date(2027, 1, 22))
    assert plan_renewals(walk.inside, house=walk.house) == 1
    page = browser.get("/console").text
    assert (f'<a href="{PATH}/forecast">Devices that end soon</a>' in page) is shown
