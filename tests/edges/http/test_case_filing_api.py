"""Applications that staff write and send for a member, through a system."""

from typing import Any

import httpx
import pytest

from otpward.core.lifecycle.case import CaseState
from otpward.core.lifecycle.others import ProofState
from otpward.core.model.case import Documents
from otpward.core.model.loss import LossKind
from otpward.core.model.member import Role
from otpward.core.model.proof import Act
from otpward.services.oversee.appoint_staff import appoint_staff
from tests.edges.http.conftest import Browser
from tests.edges.http.test_cases_api import PATH, boss, decides, house, judging, reads, refused, walk
from tests.edges.http.test_policies_api import key
from tests.fakes.sample import make_sample
from tests.services.walk import Walk

__all__ = ["decides", "house", "judging", "reads", "walk"]
"""Those of the neighbour, for all tests here."""


def begin(browser: Browser, walk: Walk, headers: dict[str, str], **changes: Any) -> httpx.Response:
    body = {"by": boss(walk), "member": walk.member.login, "reason": "faulty", **changes}
    return browser.post(PATH, json=body, headers=headers)


def save(browser: Browser, walk: Walk, headers: dict[str, str], case: httpx.Response, **parts: Any) -> httpx.Response:
    given = {**headers, "If-Match": case.headers["etag"]}
    body = {"by": boss(walk), **parts}
    return browser.request("PATCH", f"{PATH}/{case.json()['number']}", json=body, headers=given)


def submit(
    browser: Browser, walk: Walk, headers: dict[str, str], case: httpx.Response, *, once: str = "", **changes: Any
) -> httpx.Response:
    given = {**headers, "If-Match": case.headers["etag"], **({"Idempotency-Key": once} if once else {})}
    return browser.post(f"{PATH}/{case.json()['number']}/submission", json={"by": boss(walk), **changes}, headers=given)


def test_staff_write_and_send_one_for_a_member_they_have_seen(
    browser: Browser, walk: Walk, decides: dict[str, str], reads: dict[str, str]
) -> None:
    begun = begin(browser, walk, decides)
    told = begun.json()
    assert (begun.status_code, told["state"], told["reason"], told["applicant"]) == (201, "draft", "faulty", "individual")
    assert begun.headers["location"] == f"{PATH}/{told['number']}"
    saved = save(browser, walk, decides, begun, delivery="branch", branch=walk.sample.branch.code)
    assert (saved.status_code, saved.json()["branch"]) == (200, "main")
    refused(submit(browser, walk, decides, saved), 403, "proof_needed")
    walk.see(Act.APPLY)
    sent = submit(browser, walk, decides, saved, once="one")
    assert (sent.status_code, sent.json()["state"], sent.json()["documents"]) == (200, "submitted", Documents.AT_COUNTER)
    assert submit(browser, walk, decides, saved, once="one").json() == sent.json()
    refused(submit(browser, walk, decides, sent), 409, "illegal_transition")
    case = walk.look(lambda uow: uow.cases.first(number=told["number"]))
    assert case is not None
    [proof] = walk.look(lambda uow: uow.proofs.find(case_id=case.id))
    assert (proof.id, proof.state) == (case.proof_id, ProofState.SPENT)
    lines = walk.look(lambda uow: uow.audit.find(case_id=case.id))
    assert {(one.actor_kind.value, one.actor_id) for one in lines} == {("staff", walk.operator.member_id)}
    assert all(one.source.startswith("key ") for one in lines if one.event != "proof:passed")
    steps = browser.get(f"{PATH}/{case.number}/timeline", headers=reads).json()["steps"]
    assert [one["by"] for one in steps] == ["staff", "staff"]
    assert walk.told("case_submitted")


def test_a_draft_of_the_member_goes_on_and_what_was_sent_does_not(
    browser: Browser, walk: Walk, decides: dict[str, str]
) -> None:
    draft = walk.start()
    begun = begin(browser, walk, decides)
    assert begun.json()["number"] == draft.number
    walk.checking()
    refused(begin(browser, walk, decides), 409, "running_already")
    refused(save(browser, walk, decides, begun, delivery="app"), 412, "changed_since")


def test_begun_twice_under_one_key_it_is_told_once(browser: Browser, walk: Walk, decides: dict[str, str]) -> None:
    first, again = (begin(browser, walk, {**decides, "Idempotency-Key": "k"}) for _ in range(2))
    assert (first.json(), first.headers["location"], first.headers["etag"]) == (
        again.json(),
        again.headers["location"],
        again.headers["etag"],
    )
    refused(begin(browser, walk, {**decides, "Idempotency-Key": "k"}, reason="expiring"), 422, "idempotency_key_reused")


def test_lost_is_a_reason_only_once_the_otp_is_stopped(browser: Browser, walk: Walk, decides: dict[str, str]) -> None:
    assert refused(begin(browser, walk, decides, reason="lost"), 422, "invalid")["field"] == "reason"
    assert walk.look(lambda uow: uow.cases.count()) == 0
    walk.report(LossKind.LOST)
    assert begin(browser, walk, decides, reason="lost").json()["reason"] == "lost"
    assert refused(begin(browser, walk, decides, reason="lost", member="m9999"), 422, "invalid")["field"] == "member"


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ({"delivery": "branch"}, "branch"),
        ({"delivery": "branch", "branch": "nowhere"}, "branch"),
        ({"delivery": "post"}, "address"),
        ({"delivery": "post", "address": "   "}, "address"),
        ({"delivery": "post", "address": "a" * 301}, "address"),
        ({"delivery": "post", "address": "a\x00b"}, "address"),
        ({"delivery": "pigeon"}, "delivery"),
        ({"reason": "stolen"}, "reason"),
        ({"acting_name": "김대리", "acting_as": "employee"}, "acting_as"),
        ({"acting_name": ""}, "acting_name"),
        ({"state": "approved"}, "state"),
        ({"old_serial": "x" * 129}, "old_serial"),
        ({"by": "m1002"}, "by"),
    ],
    ids=str,
)
def test_a_part_that_cannot_be_is_named_and_nothing_is_kept(
    browser: Browser, walk: Walk, decides: dict[str, str], parts: dict[str, Any], field: str
) -> None:
    begun = begin(browser, walk, decides)
    refusal = refused(save(browser, walk, decides, begun, **{"old_serial": "SN-00", **parts}), 422, "invalid")
    assert refusal["field"] == field
    case = walk.look(lambda uow: uow.cases.first())
    assert case is not None
    assert (case.delivery, case.old_serial, f'"{case.version}"') == (None, "", begun.headers["etag"])


def test_nobody_writes_on_what_they_have_not_read(browser: Browser, walk: Walk, decides: dict[str, str]) -> None:
    begun = begin(browser, walk, decides)
    where = f"{PATH}/{begun.json()['number']}"
    refused(browser.request("PATCH", where, json={"by": boss(walk)}, headers=decides), 428, "if_match_needed")
    refused(browser.post(f"{where}/submission", json={"by": boss(walk)}, headers=decides), 428, "if_match_needed")
    save(browser, walk, decides, begun, delivery="app")
    refused(save(browser, walk, decides, begun, delivery="branch", branch="main"), 412, "changed_since")
    refused(submit(browser, walk, decides, begun), 412, "changed_since")


def test_only_whoever_serves_members_in_person_and_never_for_themselves(
    browser: Browser, walk: Walk, decides: dict[str, str]
) -> None:
    refused(begin(browser, walk, decides, member=boss(walk)), 403, "own_person")
    walk.do(lambda desk: appoint_staff(walk.inside, walk.sample.other.id, Role.HELP_DESK, None, desk=desk))
    refused(begin(browser, walk, decides, by=walk.sample.other.login), 403, "denied")
    assert walk.look(lambda uow: uow.cases.count()) == 0


def test_the_papers_that_a_colleague_saw_are_not_ones_own(browser: Browser, walk: Walk, decides: dict[str, str]) -> None:
    walk.do(lambda desk: appoint_staff(walk.inside, walk.sample.other.id, Role.BRANCH, None, desk=desk))
    walk.see(Act.APPLY, operator=walk.colleague())
    begun = begin(browser, walk, decides)
    saved = save(browser, walk, decides, begun, delivery="branch", branch="main")
    refused(submit(browser, walk, decides, saved), 403, "proof_needed")
    assert submit(browser, walk, decides, saved, by=walk.sample.other.login).json()["state"] == CaseState.SUBMITTED


def test_a_key_of_another_scope_or_institution_does_nothing(browser: Browser, walk: Walk, decides: dict[str, str]) -> None:
    begun = begin(browser, walk, decides)
    other = make_sample(walk.house, code="other")
    for headers, status in (
        (key(walk.sample, "cases:read", "cases:write"), 403),
        (key(other, "cases:decide"), 404),
        ({}, 401),
    ):
        theirs = {**headers, "If-Match": begun.headers["etag"]}
        where = f"{PATH}/{begun.json()['number']}"
        assert browser.request("PATCH", where, json={"by": boss(walk)}, headers=theirs).status_code == status
        assert browser.post(f"{where}/submission", json={"by": boss(walk)}, headers=theirs).status_code == status
    assert walk.look(lambda uow: {one.delivery for one in uow.cases.find()}) == {None}
