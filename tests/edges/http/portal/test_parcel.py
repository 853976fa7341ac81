"""The member's parcel: where it is, when to expect it, and how the next one travels if it came back."""

from typing import Any

import pytest

from otpward.core.audit import Actor, ActorKind
from otpward.core.lifecycle.case import CaseState
from otpward.core.model.case import Case, Delivery
from otpward.edges.http.post_door import PostDoor
from otpward.ports.carrier import ParcelState
from otpward.services.deliver.confirm_delivery import ConfirmDelivery, confirm_delivery
from tests.edges.http.portal.seated import TRACKING, Story, seat
from tests.fakes.sample import Sample


def say(sample: Sample, case: Case, state: ParcelState) -> None:
    parcel = sample.house.look(sample.institution.id, lambda uow: uow.shipments.first(case_id=case.id))
    assert parcel is not None
    at, by = sample.house.clock.now(), Actor(kind=ActorKind.SYSTEM, source="carrier")
    ask = ConfirmDelivery(shipment_id=parcel.id, state=state, at=at, place="동서울우편집중국", by=by)
    sample.house.do(sample.institution.id, lambda desk: confirm_delivery(ask, desk=desk))


def test_a_parcel_on_its_way_shows_its_number_its_day_and_a_link(browser: Any, sample: Sample) -> None:
    story = Story(sample, sample.member)
    case = story.on_its_way("SN-02")
    say(sample, case, ParcelState.IN_TRANSIT)
    seat(browser, story)
    page = browser.get(f"/cases/{case.number}").text
    for words in (TRACKING, "예정일", "동서울우편집중국", "본인에게만", f"sid1={TRACKING}"):
        assert words in page
    assert "noopener noreferrer" in page


def test_delivered_is_not_in_use(browser: Any, sample: Sample) -> None:
    story = Story(sample, sample.member)
    case = story.on_its_way("SN-02")
    say(sample, case, ParcelState.DELIVERED)
    seat(browser, story)
    page = browser.get(f"/cases/{case.number}").text
    assert "배달되었다고 바로 쓸 수 있는 것은 아닙니다" in page
    assert f"/register?case={case.number}" in page


@pytest.mark.parametrize("state", [ParcelState.RETURNED, ParcelState.MISSING])
@pytest.mark.parametrize("how", [Delivery.POST, Delivery.BRANCH])
def test_what_did_not_arrive_travels_again_as_the_member_chooses(
    browser: Any, sample: Sample, state: ParcelState, how: Delivery
) -> None:
    story = Story(sample, sample.member)
    case = story.on_its_way("SN-02")
    say(sample, case, state)
    seat(browser, story)
    page = browser.get(f"/cases/{case.number}")
    assert "어떻게 받을지 골라 주세요" in page.text
    again = f"/cases/{case.number}/again"
    form = browser.get(again)
    assert browser.send(form, again, how="post", postcode="12", street="").status_code == 422
    assert browser.send(form, again, how="branch", branch="x").status_code == 422
    assert browser.send(form, again).status_code == 422
    fields = {"postcode": "04524", "street": "세종대로 110", "detail": "", "branch": str(sample.branch.id)}
    after = browser.send(form, again, how=how.value, **fields)
    assert after.url.path == f"/cases/{case.number}"
    now = story.case
    assert (now.state, now.delivery, now.new_token_id) == (CaseState.APPROVED, how, None)
    assert now.address.reveal() == ("04524\n세종대로 110" if how is Delivery.POST else "")
    assert browser.get(again).url.path == f"/cases/{case.number}", "once is enough"
    assert browser.send(form, again, how="branch", **fields).url.path == f"/cases/{case.number}"
    assert story.case == now


def test_nobody_chooses_for_somebody_else(browser: Any, sample: Sample) -> None:
    case = Story(sample, sample.member).on_its_way("SN-02")
    say(sample, case, ParcelState.RETURNED)
    seat(browser, Story(sample, sample.other))
    assert browser.get(f"/cases/{case.number}/again").status_code == 404


@pytest.mark.parametrize(
    ("door", "number", "link"),
    [
        (PostDoor(), TRACKING, f"https://service.epost.go.kr/trace.RetrieveDomRigiTraceList.comm?sid1={TRACKING}"),
        (PostDoor(), "RR123456785GB", ""),
        (PostDoor(page="https://p.example/{number}"), "RR123456785GB", "https://p.example/RR123456785GB"),
        (PostDoor(page=""), TRACKING, ""),
        (PostDoor(), "", ""),
    ],
)
def test_a_link_leads_to_the_carriers_page_about_this_number(door: PostDoor, number: str, link: str) -> None:
    assert door.link(number) == link
