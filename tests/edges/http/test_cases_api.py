"""`/v1/cases`, as a system of the institution sees it."""

from typing import Any

import httpx
import pytest

from otpward.core.lifecycle.case import CaseState
from otpward.core.model.case import Case, Delivery
from otpward.core.model.member import Role
from otpward.ports.desk import House
from otpward.services.apply.approve import approve
from otpward.services.oversee.appoint_staff import appoint_staff
from tests.edges.http.conftest import Browser
from tests.edges.http.test_policies_api import key
from tests.fakes.house import memory_house
from tests.fakes.sample import Sample, make_sample
from tests.fakes.surroundings import FixedClock
from tests.services.walk import Walk

PATH = "/v1/cases"


@pytest.fixture
def house(clock: FixedClock) -> House:
    """In memory: what the database does with it has its own tests."""
    return memory_house(clock)


@pytest.fixture
def judging() -> Any:
    """Nobody asks about a code here."""
    return None


@pytest.fixture
def walk(sample: Sample) -> Walk:
    return Walk(sample)


@pytest.fixture
def reads(sample: Sample) -> dict[str, str]:
    return key(sample, "cases:read")


@pytest.fixture
def decides(sample: Sample) -> dict[str, str]:
    return key(sample, "cases:decide")


def boss(walk: Walk) -> str:
    """The login of the sample's administrator."""
    return walk.look(lambda uow: uow.members.get(walk.operator.member_id)).login


def decide(
    browser: Browser, headers: dict[str, str], case: Case, act: str, *, by: str, etag: str = "", once: str = "", **more: Any
) -> httpx.Response:
    given = {**headers, "If-Match": etag or f'"{case.version}"'}
    if once:
        given["Idempotency-Key"] = once
    return browser.post(f"{PATH}/{case.number}/decisions", json={"act": act, "by": by, **more}, headers=given)


def refused(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    told: dict[str, Any] = answer.json()
    assert (answer.status_code, told["type"]) == (status, f"urn:otpward:problem:{code}"), told
    assert answer.headers["content-type"] == "application/problem+json"
    assert told["title"]
    return told


def test_an_application_is_read_with_its_timeline(browser: Browser, walk: Walk, reads: dict[str, str]) -> None:
    case = walk.checking(Delivery.POST)
    answer = browser.get(f"{PATH}/{case.number}", headers=reads)
    told = answer.json()
    assert (answer.headers["etag"], answer.headers["cache-control"]) == (f'"{case.version}"', "no-store")
    assert (told["number"], told["state"], told["member"], told["delivery"]) == (case.number, "checking", "m1001", "post")
    assert told["fee"]["state"] == "waived" if "fee" in told else True
    assert "address" not in answer.text
    steps = browser.get(f"{PATH}/{case.number}/timeline", headers=reads).json()["steps"]
    assert {one["state"] for one in steps} == {"draft", "submitted", "checking"}
    assert {one["by"] for one in steps} == {"member", "staff"}


def test_the_list_is_filtered_and_read_page_by_page(browser: Browser, walk: Walk, reads: dict[str, str]) -> None:
    numbers = []
    for member in (walk.sample.member, walk.sample.other):
        walk.member = member
        numbers.append(walk.start().number)
        walk.clock.move(minutes=1)
    first = browser.get(f"{PATH}?limit=1", headers=reads).json()
    second = browser.get(f"{PATH}?limit=1&cursor={first['next']}", headers=reads).json()
    assert [one["number"] for page in (first, second) for one in page["cases"]] == numbers
    assert second["next"] is None
    newest = browser.get(f"{PATH}?newest=true", headers=reads).json()["cases"]
    assert [one["number"] for one in newest] == numbers[::-1]
    mine = browser.get(f"{PATH}?member=m1001&state=draft&state=checking", headers=reads).json()["cases"]
    assert [one["number"] for one in mine] == numbers[:1]
    assert browser.get(f"{PATH}?state=done", headers=reads).json() == {"cases": [], "next": None}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("state=nowhere", "state"),
        ("member=nobody", "member"),
        ("branch=nowhere", "branch"),
        ("assigned_to=nobody", "assigned_to"),
        ("cursor=x", "cursor"),
        ("cursor=YWJjLmRlZg", "cursor"),
        ("cursor=LTEuMDAwMA", "cursor"),
        ("cursor=%00", "cursor"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
    ],
)
def test_a_filter_that_means_nothing_is_named(browser: Browser, reads: dict[str, str], query: str, field: str) -> None:
    told = browser.get(f"{PATH}?{query}", headers=reads)
    assert told.status_code == 422
    assert field in told.json()["field"]


def test_it_goes_from_taken_up_to_approved(browser: Browser, walk: Walk, decides: dict[str, str]) -> None:
    case, by = walk.submitted(), boss(walk)
    taken = decide(browser, decides, case, "take_up", by=by)
    assert (taken.status_code, taken.json()["state"], taken.json()["assigned_to"]) == (200, "checking", by)
    etag = taken.headers["etag"]
    given = browser.post(f"{PATH}/{case.number}/assignment", json={"by": by, "to": None}, headers={**decides, "If-Match": etag})
    assert "assigned_to" not in given.json()
    approved = decide(browser, decides, case, "approve", by=by, etag=given.headers["etag"])
    assert (approved.status_code, approved.json()["state"]) == (200, "approved")
    line = walk.look(lambda uow: uow.audit.find(event="case:approved"))[0]
    assert (line.actor_kind, line.actor_id) == ("staff", walk.operator.member_id)
    assert line.source.startswith("key ")


def test_more_is_asked_for_and_a_refusal_needs_its_reason(browser: Browser, walk: Walk, decides: dict[str, str]) -> None:
    case, by = walk.checking(), boss(walk)
    assert refused(decide(browser, decides, case, "refuse", by=by), 422, "invalid")["field"] == "message"
    more = decide(browser, decides, case, "ask_for_more", by=by, message="주소를 적어 주세요")
    assert (more.json()["state"], more.json()["message"]) == ("more_needed", "주소를 적어 주세요")


def test_a_stale_decision_is_refused_and_one_without_a_version_too(
    browser: Browser, walk: Walk, decides: dict[str, str]
) -> None:
    case, by = walk.checking(), boss(walk)
    old = f'"{case.version - 1}"'
    told = refused(decide(browser, decides, case, "approve", by=by, etag=old), 412, "changed_since")
    assert told["detail"] == "it changed since you read it; read it again"
    for etag in ("*", 'W/"1"', '"x"', '"1", "2"'):
        refused(decide(browser, decides, case, "approve", by=by, etag=etag), 428, "if_match_needed")
    assert walk.case(case.id) == case


def test_under_one_idempotency_key_it_is_decided_once(browser: Browser, walk: Walk, decides: dict[str, str]) -> None:
    case, by = walk.checking(), boss(walk)
    first, again = (decide(browser, decides, case, "approve", by=by, once='"a-1"') for _ in range(2))
    assert (first.status_code, again.status_code) == (200, 200)
    assert (first.content, first.headers["etag"]) == (again.content, again.headers["etag"])
    refused(decide(browser, decides, case, "approve", by=by), 412, "changed_since")
    other = decide(browser, decides, case, "refuse", by=by, message="왜", once='"a-1"')
    refused(other, 422, "idempotency_key_reused")
    refused(decide(browser, decides, case, "approve", by=by, once="two words"), 422, "invalid")


def test_what_was_refused_is_judged_anew_under_the_same_key(browser: Browser, walk: Walk, decides: dict[str, str]) -> None:
    case = walk.checking()
    asked = {"text": "전화함", "by": "nobody"}
    keyed = {**decides, "Idempotency-Key": '"n-1"'}
    refused(browser.post(f"{PATH}/{case.number}/notes", json=asked, headers=keyed), 422, "invalid")
    by = boss(walk)
    made = [browser.post(f"{PATH}/{case.number}/notes", json={**asked, "by": by}, headers=keyed) for _ in range(2)]
    assert [one.status_code for one in made] == [201, 201]
    assert made[0].json() == made[1].json()
    assert len(walk.look(lambda uow: uow.notes.find(case_id=case.id))) == 1


def test_the_second_pair_of_eyes_is_never_a_keys(browser: Browser, walk: Walk, decides: dict[str, str]) -> None:
    case, by = walk.checking(), boss(walk)
    waiting = walk.do(lambda desk: approve(walk.decision(case, walk.colleague(Role.HELP_DESK)), desk=desk))
    assert waiting.state is CaseState.AWAITING_APPROVAL
    for act in ("approve", "refuse", "ask_for_more"):
        told = refused(decide(browser, decides, waiting, act, by=by, message="왜"), 403, "needs_a_person")
        assert told["detail"] == "it waits for a second person, who decides at the console"
    assert walk.case(case.id) == waiting
    assert "case:denied=needs_a_person" in walk.events()


def test_a_role_may_by_a_key_what_it_may_at_the_console(browser: Browser, walk: Walk, decides: dict[str, str]) -> None:
    inside, other = walk.inside, walk.sample.other
    walk.do(lambda desk: appoint_staff(inside, other.id, Role.AUDITOR, None, desk=desk))
    case = walk.checking()
    refused(decide(browser, decides, case, "approve", by=other.login), 403, "denied")
    refused(decide(browser, decides, case, "approve", by="m1001"), 422, "invalid")


def test_nobody_decides_about_themselves_through_a_system(browser: Browser, walk: Walk, decides: dict[str, str]) -> None:
    inside = walk.inside
    walk.do(lambda desk: appoint_staff(inside, walk.member.id, Role.ADMINISTRATOR, None, desk=desk))
    case = walk.checking()
    refused(decide(browser, decides, case, "approve", by="m1001"), 403, "own_request")
    assert "case:denied=own_request" in walk.events()


@pytest.mark.parametrize("state", ["draft", "approved", "done"])
def test_what_cannot_be_done_in_its_state_is_said(browser: Browser, walk: Walk, decides: dict[str, str], state: str) -> None:
    case = {"draft": walk.start, "approved": walk.approved, "done": walk.done}[state]()
    refused(decide(browser, decides, walk.case(case.id), "approve", by=boss(walk)), 409, "illegal_transition")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"act": "approve"}, "by"),
        ({"act": "release", "by": "x"}, "act"),
        ({"act": "approve", "by": ""}, "by"),
        ({"act": "approve", "by": "a\x00b"}, "by"),
        ({"act": "approve", "by": 1}, "by"),
        ({"act": "approve", "by": "x", "message": "a" * 1001}, "message"),
        ({"act": "approve", "by": "x", "more": 1}, "more"),
    ],
)
def test_a_body_that_is_none_names_its_field(
    browser: Browser, walk: Walk, decides: dict[str, str], body: dict[str, Any], field: str
) -> None:
    case = walk.checking()
    answer = browser.post(f"{PATH}/{case.number}/decisions", json=body, headers={**decides, "If-Match": '"1"'})
    assert refused(answer, 422, "invalid")["field"] == field


def test_another_institutions_applications_are_not_there(browser: Browser, walk: Walk) -> None:
    theirs = key(make_sample(walk.house, code="second"), "cases:read", "cases:decide")
    case = walk.checking()
    refused(browser.get(f"{PATH}/{case.number}", headers=theirs), 404, "not_found")
    assert browser.get(PATH, headers=theirs).json()["cases"] == []
    refused(decide(browser, theirs, case, "approve", by=boss(walk)), 404, "not_found")


@pytest.mark.parametrize("path", ["", "/R-1", "/R-1/timeline"])
def test_a_key_for_other_things_reads_nothing(browser: Browser, sample: Sample, path: str) -> None:
    refused(browser.get(PATH + path, headers=key(sample, "verify")), 403, "forbidden")
    refused(browser.get(PATH + path), 401, "unauthorized")


def test_who_reads_does_not_decide(browser: Browser, walk: Walk, reads: dict[str, str]) -> None:
    refused(decide(browser, reads, walk.checking(), "approve", by=boss(walk)), 403, "forbidden")
