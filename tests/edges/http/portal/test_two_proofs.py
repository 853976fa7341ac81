"""Where one showing is not enough: the page says how many it takes, asks nothing twice, and both are spent."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from otpward.core.lifecycle.case import CaseState
from otpward.core.lifecycle.others import ProofState
from otpward.core.model.case import Delivery
from otpward.core.model.proof import Assurance, Method, Proof
from otpward.core.secret import NOTHING
from otpward.ports.provider import Provider, Providers
from tests.edges.http.portal.codes import phone_code
from tests.edges.http.portal.seated import Story, seat
from tests.edges.http.portal.test_prove_identity import ask, enter
from tests.edges.http.portal.test_prove_service import start
from tests.fakes.prover import FakeProver
from tests.fakes.sample import Sample
from tests.fakes.surroundings import FixedClock


@pytest.fixture
def agency() -> FakeProver:
    """By i-PIN: without a phone behind it."""
    by_ipin = FakeProver("sure")
    by_ipin.person["phone"] = NOTHING
    return by_ipin


@pytest.fixture
def providers(agency: FakeProver) -> Providers:
    on_phone = FakeProver("app", Method.APP, "push")
    made = {"sure": agency, "app": on_phone}
    return {name: Provider(prover=one, title_ko=name, title_en=name.title()) for name, one in made.items()}


@pytest.fixture(autouse=True)
def enrolled_at_a_counter(sample: Sample) -> None:
    def change(desk: Any) -> None:
        with desk.uow as uow:
            uow.members.save(replace(uow.members.get(sample.member.id), proofing=Assurance.HIGH))
            uow.commit()

    sample.house.do(sample.institution.id, change)


def proofs(sample: Sample, state: ProofState) -> list[Proof]:
    return sample.house.look(sample.institution.id, lambda uow: uow.proofs.find(state=state))


def by_agency(browser: Any, agency: FakeProver, purpose: str = "apply") -> httpx.Response:
    start(browser, "sure", purpose=purpose)
    page: httpx.Response = browser.get(f"/prove/return/sure?tx={agency.number}")
    return page


def test_a_stranger_is_not_told_what_this_member_needs(browser: Any) -> None:
    assert "are needed" not in browser.get("/prove?for=apply&lang=en").text


def test_after_the_first_the_page_asks_for_the_second_and_for_no_name_again(
    browser: Any, sample: Sample, agency: FakeProver
) -> None:
    page = by_agency(browser, agency)
    assert page.url.path == "/prove"
    page = browser.get("/prove?for=apply&lang=ko")
    assert "두 가지가 필요합니다 (2/2)" in page.text
    page = browser.get("/prove?for=apply&lang=en")
    assert "Two are needed (2 of 2)" in page.text
    assert "Done: Identity service. Choose one more." in page.text
    form = browser.get("/prove/phone?for=apply")
    assert 'name="member"' not in form.text
    done = enter(browser, browser.send(form, "/prove/phone?for=apply"), phone_code(sample))
    assert done.url.path == "/apply"
    assert {one.method for one in proofs(sample, ProofState.PASSED)} == {Method.AGENCY, Method.PHONE_CODE}


def test_the_other_way_round_comes_to_the_same(browser: Any, sample: Sample, agency: FakeProver) -> None:
    first = enter(browser, ask(browser, purpose="apply"), phone_code(sample))
    assert (first.url.path, first.url.query) == ("/prove", b"for=apply")
    # What comes by the same phone once more makes nobody surer: the app is greyed.
    assert browser.get("/prove/provider?for=apply&by=app").url.path == "/prove"
    assert by_agency(browser, agency).url.path == "/apply"


def test_what_came_by_the_same_phone_is_one_thing(browser: Any, sample: Sample, agency: FakeProver) -> None:
    agency.person["phone"] = sample.member.phone
    by_agency(browser, agency)
    page = browser.get("/prove?for=apply&lang=en").text
    assert "Come to a branch with your ID" in page
    assert 'href="/prove/phone' not in page


def test_both_are_spent_by_the_one_application(browser: Any, sample: Sample, agency: FakeProver) -> None:
    story = Story(sample, sample.member)
    seat(browser, story)
    by_agency(browser, agency)
    story.draft(Delivery.POST)
    assert browser.send(browser.get("/apply/review"), "/apply/review").url.path == "/prove"
    assert story.case.state is CaseState.DRAFT
    form = browser.get("/prove/phone?for=review")
    assert enter(browser, browser.send(form, "/prove/phone?for=review"), phone_code(sample)).url.path == "/apply/review"
    assert browser.send(browser.get("/apply/review"), "/apply/review").url.path == "/apply/done"
    spent = proofs(sample, ProofState.SPENT)
    assert {one.method for one in spent} == {Method.AGENCY, Method.PHONE_CODE}
    assert {one.case_id for one in spent} == {story.case.id}
    assert [one.id for one in spent if one.method is Method.AGENCY] == [story.case.proof_id], "the surer one stands for it"


def test_one_that_is_too_old_does_not_count_beside_the_other(
    browser: Any, sample: Sample, agency: FakeProver, clock: FixedClock
) -> None:
    by_agency(browser, agency, "unlock")
    clock.move(minutes=11)
    form = browser.get("/prove/phone?for=unlock")
    page = enter(browser, browser.send(form, "/prove/phone?for=unlock"), phone_code(sample))
    assert page.url.path == "/prove"
    [left] = [one for one in proofs(sample, ProofState.PASSED) if one.expires_at > sample.house.clock.now()]
    assert left.method is Method.PHONE_CODE
    assert left.expires_at - sample.house.clock.now() == timedelta(minutes=10)


def test_the_other_browser_brings_nothing(browser: Any, app: Any, sample: Sample, agency: FakeProver) -> None:
    by_agency(browser, agency)
    other = browser.__class__(app)
    page = enter(other, ask(other, purpose="apply"), phone_code(sample))
    assert page.url.path == "/prove"
    assert "Done: Phone code" in page.text or "휴대폰 인증번호: 확인했습니다" in page.text
    other.close()


def test_to_look_one_is_enough(browser: Any, agency: FakeProver) -> None:
    assert by_agency(browser, agency, "follow").url.path == "/cases"


def test_where_what_is_offered_can_never_be_enough_a_branch_is_named(browser: Any, sample: Sample, providers: Any) -> None:
    providers.pop("sure")
    page = enter(browser, ask(browser, purpose="apply"), phone_code(sample))
    assert page.url.path == "/prove"
    assert "Come to a branch with your ID" in browser.get("/prove?for=apply&lang=en").text
