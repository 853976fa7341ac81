"""A member at the counter without a phone: papers seen, application taken."""

from typing import Any

from otpward.core.lifecycle.case import CaseState
from otpward.core.model.member import Role
from tests.edges.http.console.staffed import appoint, sit, story
from tests.fakes.sample import Sample


def page_of(sample: Sample) -> str:
    return f"/console/members/{sample.member.id}/apply"


def test_papers_are_seen_and_the_application_is_in(browser: Any, sample: Sample) -> None:
    sit(browser, sample)
    assert "Take an application at the counter" in browser.get(f"/console/members/{sample.member.id}").text
    page = browser.get(page_of(sample))
    assert "홍길동" in page.text, "the name is shown whole: it is compared with the paper"
    wrong = browser.send(page, page_of(sample), branch=str(sample.branch.id), reason="faulty")
    assert wrong.status_code == 422
    assert wrong.text.count("Say which paper you have seen") == 2
    fields = {"paper": "resident_card", "same_person": "yes", "reason": "faulty"}
    nowhere = browser.send(wrong, page_of(sample), branch="nowhere", **fields)
    assert nowhere.text.count("Choose a branch") >= 2
    done = browser.send(nowhere, page_of(sample), branch=str(sample.branch.id), **fields)
    case = story(sample).case
    assert done.url.path == f"/console/cases/{case.number}"
    assert case.state is CaseState.SUBMITTED
    assert "An application is under way already." in browser.get(page_of(sample)).text


def test_only_a_branch_takes_one(browser: Any, sample: Sample) -> None:
    sit(browser, sample, appoint(sample, Role.HELP_DESK))
    assert browser.get(page_of(sample)).status_code == 403
    assert "Take an application at the counter" not in browser.get(f"/console/members/{sample.member.id}").text
