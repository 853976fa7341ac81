"""The page of a temporary pass: papers first, numbers once, taken back; and checks where staff decide."""

import re
from typing import Any

import pytest

from otpward.core.lifecycle.policy import PolicyState
from otpward.core.model.case import Case, Delivery
from otpward.core.model.member import Role
from otpward.core.model.policy_version import PolicyVersion
from tests.edges.http.console.staffed import appoint, see_papers, sit, story
from tests.edges.http.portal.codes import WRONG, device_number
from tests.fakes.sample import Sample


@pytest.fixture
def waiting(sample: Sample) -> Case:
    """An application of an institution that gives temporary passes."""
    version = PolicyVersion(
        id=sample.house.desk(sample.institution.id).new_id(),
        institution_id=sample.institution.id,
        number=1,
        state=PolicyState.APPROVED,
        text="[temporary_pass]\nhours = 24\ncodes = 4\n",
        written_by=frozenset(),
        made_at=sample.house.clock.now(),
        effective_at=sample.house.clock.now(),
    )
    with sample.house.desk(sample.institution.id).uow as uow:
        uow.policies.add(version)
        uow.commit()
    return story(sample).sent(Delivery.POST)


def test_papers_first_then_the_numbers_once(browser: Any, sample: Sample, waiting: Case) -> None:
    sit(browser, sample)
    where = f"/console/cases/{waiting.number}/pass"
    assert f'href="{where}"' in browser.get(f"/console/cases/{waiting.number}").text
    assert "First compare the member" in browser.get(where).text
    assert where in see_papers(browser, sample, "temporary_pass").text
    page = browser.send(browser.get(where), where)
    numbers = re.findall(r'<td class="num">(\d{4} \d{4})</td>', page.text)
    assert len(numbers) == 4
    assert page.headers["cache-control"] == "no-store"
    after = browser.get(where).text
    assert not any(number in after for number in numbers)
    done = browser.send(browser.get(where), where, act="end")
    assert "Taken back. No number of it is good any more." in done.text


def test_without_a_policy_for_it_the_page_says_so(browser: Any, sample: Sample) -> None:
    case = story(sample).sent(Delivery.POST)
    sit(browser, sample)
    assert "/pass" not in browser.get(f"/console/cases/{case.number}").text
    assert "The policy gives no temporary passes." in browser.get(f"/console/cases/{case.number}/pass").text


@pytest.mark.parametrize("role", [Role.HELP_DESK, Role.AUDITOR])
def test_who_has_no_counter_gives_none(browser: Any, sample: Sample, waiting: Case, role: Role) -> None:
    sit(browser, sample, appoint(sample, role))
    where = f"/console/cases/{waiting.number}/pass"
    page = browser.get(where)
    assert "Give a temporary pass" not in page.text
    assert 'href="/console/members' not in page.text[page.text.index("<main") :]


def test_a_check_is_seen_on_the_page_of_the_token_and_of_the_application(browser: Any, sample: Sample) -> None:
    sit(browser, sample)
    token = "/console/tokens/SN-00"
    browser.send(browser.get(token), token, act="test", code=WRONG)
    browser.send(browser.get(token), token, act="test", code=device_number(sample, off_s=60))
    page = browser.get(token).text
    checks = page[page.index('id="checks"') :]
    assert all(word in checks for word in ("Console", "1 refused", "90 s fast", "Clock adjusted by one number"))
    case = story(sample).sent(Delivery.POST)
    page = browser.get(f"/console/cases/{case.number}").text
    assert "Checks of the old device" in page
    assert "90 s fast" in page
