"""The queue with many applications: pages, views, several at once, a table that streams, keys that can be turned off."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from otpward.core.audit import AuditEvent
from otpward.core.ids import CaseId
from otpward.core.lifecycle.case import CaseState
from otpward.core.model.case import Case, Delivery
from otpward.core.model.member import Role
from tests.edges.http.console.staffed import appoint, sit, story
from tests.fakes.sample import Sample

PATH = "/console/cases"


@pytest.fixture
def many(sample: Sample) -> list[Case]:
    """Sixty that wait, one an hour; the first of them longest."""
    like, made = story(sample).sent(Delivery.BRANCH), []
    inside, now = sample.institution.id, sample.house.clock.now()
    with sample.house.open(inside, writes=True) as uow:
        for number in range(60):
            at = now - timedelta(hours=100 - number)
            case = replace(
                like, id=CaseId(sample.house.desk(inside).new_id()), number=f"R-{number:03d}", open_key=None, version=0
            )
            uow.cases.add(replace(case, opened_at=at, submitted_at=at))
            made.append(case)
        uow.commit()
    return made


def numbers(page: Any) -> list[str]:
    return re.findall(r'<th scope="row"><a href="/console/cases/(R-\d{3})"', page.text)


def link(page: Any, rel: str) -> str:
    found = re.search(rf'href="([^"]+)" rel="{rel}"', page.text)
    assert found, rel
    return found.group(1).replace("&amp;", "&")


def test_one_walks_to_the_end_of_the_queue_and_back(browser: Any, sample: Sample, many: list[Case]) -> None:
    sit(browser, sample)
    first = browser.get(f"{PATH}?state=submitted")
    second = browser.get(link(first, "next"))
    third = browser.get(link(second, "next"))
    assert numbers(first) + numbers(second) + numbers(third) == [f"R-{number:03d}" for number in range(60)]
    assert 'rel="next"' not in third.text
    assert 'rel="prev"' not in first.text
    assert numbers(browser.get(link(third, "prev"))) == numbers(second)
    assert numbers(browser.get(link(second, "prev"))) == numbers(first)


@pytest.mark.parametrize("place", ["x", "1-2", "9" * 40, f"-{'0' * 32}", f"1-{'g' * 32}", "1764000000000000-"])
def test_a_place_that_no_page_made_is_as_if_it_were_not_there(
    browser: Any, sample: Sample, many: list[Case], place: str
) -> None:
    sit(browser, sample)
    assert numbers(browser.get(f"{PATH}?state=submitted&after={place}"))[0] == "R-000"


@pytest.mark.parametrize(
    ("query", "count"),
    [("overdue=yes", "60"), ("age=2", "52"), ("age=14", "0"), ("assigned=nobody", "61"), ("assigned=me", "0"), ("age=x", "61")],
)
def test_age_and_hands_are_filters(browser: Any, sample: Sample, many: list[Case], query: str, count: str) -> None:
    sit(browser, sample)
    page = browser.get(f"{PATH}?state=submitted&{query}")
    assert f"/ {count}<" in page.text or (count == "0" and "Nothing matches" in page.text)


def ticked(cases: list[Case]) -> str:
    return ",".join(f"{case.number}.0" for case in cases)


def test_several_are_taken_up_after_a_page_that_lists_them(browser: Any, sample: Sample, many: list[Case]) -> None:
    sit(browser, sample)
    queue = browser.get(f"{PATH}?state=submitted")
    ask = browser.send(queue, f"{PATH}/bulk", act="take_up", cases=ticked(many[:3]))
    assert "Take up 3 items" in ask.text
    assert all(case.number in ask.text for case in many[:3])
    assert _state(sample, many[0]) is CaseState.SUBMITTED, "nothing is done before it is confirmed"
    done = browser.send(ask, f"{PATH}/bulk")
    assert "Take up: 3 of 3 done" in done.text
    assert [_state(sample, case) for case in many[:4]] == [CaseState.CHECKING] * 3 + [CaseState.SUBMITTED]
    again = browser.send(ask, f"{PATH}/bulk")
    assert "Take up: 0 of 3 done" in again.text
    assert "it has changed meanwhile" in again.text


def test_several_are_given_to_a_colleague(browser: Any, sample: Sample, many: list[Case]) -> None:
    colleague = appoint(sample, Role.BRANCH, sample.branch.id)
    sit(browser, sample)
    ask = browser.send(browser.get(f"{PATH}?state=submitted"), f"{PATH}/bulk", act="assign", cases=ticked(many[:2]))
    assert browser.send(ask, f"{PATH}/bulk").status_code == 422
    done = browser.send(ask, f"{PATH}/bulk", to=str(colleague.id))
    assert "Assign: 2 of 2 done" in done.text
    assert numbers(browser.get(f"{PATH}?state=submitted&assigned={colleague.id}")) == ["R-000", "R-001"]


def test_more_is_asked_of_several_with_a_reason(browser: Any, sample: Sample, many: list[Case]) -> None:
    sit(browser, sample)
    ask = browser.send(browser.get(f"{PATH}?state=submitted"), f"{PATH}/bulk", act="take_up", cases=ticked(many[:1]))
    browser.send(ask, f"{PATH}/bulk")
    both = f"{many[0].number}.1,{many[1].number}.0"
    ask = browser.send(browser.get(f"{PATH}?state=submitted"), f"{PATH}/bulk", act="ask", cases=both)
    assert "Write what the member shall read" in browser.send(ask, f"{PATH}/bulk").text
    done = browser.send(ask, f"{PATH}/bulk", message="주소를 알려 주세요")
    assert "Ask for more: 1 of 2 done" in done.text
    assert [_state(sample, case) for case in many[:2]] == [CaseState.MORE_NEEDED, CaseState.SUBMITTED]


def test_nothing_ticked_does_nothing(browser: Any, sample: Sample, many: list[Case]) -> None:
    sit(browser, sample)
    page = browser.send(browser.get(f"{PATH}?state=submitted"), f"{PATH}/bulk", act="take_up")
    assert "Tick at least one application" in page.text


def test_who_only_reads_sees_no_ticks(browser: Any, sample: Sample, many: list[Case]) -> None:
    sit(browser, sample, appoint(sample, Role.AUDITOR))
    page = browser.get(f"{PATH}?state=submitted")
    assert "row-tick" not in page.text
    csrf = page.text.partition('name="csrf" value="')[2].partition('"')[0]
    answer = browser.post(f"{PATH}/bulk", {"csrf": csrf, "act": "take_up", "cases": ticked(many[:1]), "confirmed": "yes"})
    assert answer.status_code == 403


def test_a_view_is_kept_shown_first_and_dropped(browser: Any, sample: Sample, many: list[Case]) -> None:
    sit(browser, sample)
    queue = browser.get(f"{PATH}?state=submitted&reason=faulty")
    browser.send(queue, f"{PATH}/views", name=" 고장  접수 ", first="yes")
    page = browser.get(PATH)
    assert str(page.url).endswith("state=submitted&reason=faulty"), "the first view is where one begins"
    assert 'aria-current="page">고장 접수' in page.text
    assert "고장 접수" not in _other(browser, sample).text, "nobody else sees it"
    sit(browser, sample)
    view = re.search(r'name="view" value="([^"]+)"', page.text)
    assert view
    dropped = browser.send(page, f"{PATH}/views", act="drop", view=view.group(1))
    assert "고장 접수" not in dropped.text
    assert str(browser.get(PATH).url).endswith(PATH)


def test_a_view_leads_nowhere_but_to_the_queue(browser: Any, sample: Sample, many: list[Case]) -> None:
    sit(browser, sample)
    queue = browser.get(f"{PATH}?state=")
    page = browser.send(queue, f"{PATH}/views", name="x", query="state=done&format=csv&//evil.example/&after=1")
    assert "evil" not in page.text
    assert 'href="/console/cases?state=done"' in page.text


def test_the_table_streams_every_row_and_says_who_took_it(browser: Any, sample: Sample, many: list[Case]) -> None:
    sit(browser, sample)
    answer = browser.get(f"{PATH}?state=submitted&format=csv")
    assert len(answer.text.strip().split("\r\n")) == 62
    lines = sample.house.look(sample.institution.id, lambda uow: uow.audit.find(event=AuditEvent.CASES_EXPORTED))
    assert [line.actor_id for line in lines] == [sample.operator.member_id]


def test_keys_can_be_turned_off(browser: Any, sample: Sample, many: list[Case]) -> None:
    sit(browser, sample)
    assert "keys-" in browser.get(f"{PATH}?state=").text
    saved = browser.send(browser.get("/console/settings"), "/console/settings")
    assert "Saved" in saved.text
    page = browser.get(f"{PATH}?state=").text
    assert "data-keys" not in page
    assert "keys-" not in page
    browser.send(browser.get("/console/settings"), "/console/settings", keys="yes")
    assert "data-keys" in browser.get(f"{PATH}?state=").text


def _state(sample: Sample, case: Case) -> CaseState:
    return sample.house.look(sample.institution.id, lambda uow: uow.cases.get(case.id)).state


def _other(browser: Any, sample: Sample) -> Any:
    sit(browser, sample, appoint(sample, Role.HELP_DESK))
    return browser.get(f"{PATH}?state=")
