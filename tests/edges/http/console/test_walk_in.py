"""A member at the counter without a phone: papers seen, application taken, phone trusted again."""

from typing import Any

from otpward.core.lifecycle.case import CaseState
from otpward.core.model.member import Role
from tests.edges.http.console.staffed import appoint, see_papers, sit, story
from tests.fakes.sample import Sample


def page_of(sample: Sample) -> str:
    return f"/console/members/{sample.member.id}/apply"


def test_papers_are_seen_and_the_application_is_in(browser: Any, sample: Sample) -> None:
    sit(browser, sample)
    assert "Take an application at the counter" in browser.get(f"/console/members/{sample.member.id}").text
    papers = browser.get(page_of(sample))
    assert (papers.url.path, papers.url.query) == (f"/console/members/{sample.member.id}/prove", b"act=apply")
    see_papers(browser, sample, "apply")
    page = browser.get(page_of(sample))
    nowhere = browser.send(page, page_of(sample), branch="nowhere", reason="faulty")
    assert nowhere.status_code == 422
    assert nowhere.text.count("Choose a branch") >= 2
    done = browser.send(nowhere, page_of(sample), branch=str(sample.branch.id), reason="faulty")
    case = story(sample).case
    assert done.url.path == f"/console/cases/{case.number}"
    assert case.state is CaseState.SUBMITTED
    assert "An application is under way already." in browser.get(page_of(sample)).text


def test_papers_that_were_seen_too_long_ago_are_compared_again(browser: Any, sample: Sample, clock: Any) -> None:
    sit(browser, sample)
    see_papers(browser, sample, "apply")
    page = browser.get(page_of(sample))
    clock.move(minutes=10)
    late = browser.send(page, page_of(sample), branch=str(sample.branch.id), reason="faulty")
    assert late.url.path == f"/console/members/{sample.member.id}/prove"


def test_only_a_branch_takes_one(browser: Any, sample: Sample) -> None:
    sit(browser, sample, appoint(sample, Role.HELP_DESK))
    assert browser.get(page_of(sample)).status_code == 403
    assert "Take an application at the counter" not in browser.get(f"/console/members/{sample.member.id}").text


def test_nobody_takes_their_own(browser: Any, sample: Sample) -> None:
    sit(browser, sample)
    assert browser.get(f"/console/members/{sample.operator.member_id}/apply").status_code == 403
