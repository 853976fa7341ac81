"""The batch page with a scanner that types and presses Enter: gathered, scanned, numbered; what is wrong stops."""

import re
from typing import Any
from uuid import UUID

import pytest

from otpward.core.audit import Actor, ActorKind
from otpward.core.lifecycle.batch import BatchState
from otpward.core.lifecycle.case import CaseState
from otpward.core.lifecycle.token import TokenState
from otpward.core.model.case import Case, Delivery
from otpward.core.model.member import Role
from otpward.core.policy.envelopes import Misfit
from otpward.edges.http.console.batch_words import BATCHES, misfit_sentence
from otpward.edges.http.envelopes import address_of
from otpward.edges.http.pages import Pages
from otpward.ports.carrier import ParcelState
from otpward.services.deliver.confirm_delivery import ConfirmDelivery, confirm_delivery
from otpward.services.deliver.scan_in import WrongEnvelope
from tests.edges.http.console.staffed import another_branch, appoint, sit
from tests.edges.http.portal.seated import Story
from tests.fakes.sample import Sample

LIST = "/console/shipments"
NUMBERS = ("6012345678901", "6012345678902")


def two(sample: Sample) -> list[str]:
    """Two approved applications for the post, and their numbers."""
    return [Story(sample, member).approved(Delivery.POST).number for member in (sample.member, sample.other)]


def gathered(browser: Any, sample: Sample) -> str:
    two(sample)
    sit(browser, sample)
    page = browser.send(browser.get(LIST), LIST, branch=str(sample.branch.id))
    assert page.status_code == 200, page.text
    return str(page.url.path)


def scan(browser: Any, here: str, text: str, query: str = "") -> Any:
    """What the scanner types into the one field of the page."""
    return browser.send(browser.get(here + query), here, act="scan", scan=text)


def serials(browser: Any, here: str) -> list[str]:
    return re.findall(r'\?at=\d+">(SN-\d+)</a>', browser.get(here).text)


def events(sample: Sample) -> list[str]:
    lines = sample.house.look(sample.institution.id, lambda uow: uow.audit.find(limit=200))
    return [str(one.event) for one in reversed(lines)]


def test_a_batch_is_gathered_with_devices_from_the_shelf(browser: Any, sample: Sample) -> None:
    here = gathered(browser, sample)
    page = browser.get(here)
    assert set(serials(browser, here)) < set(sample.shelf)
    assert "홍길동" not in page.text, "names are masked"
    assert 'id="f-scan"' in page.text
    assert "autofocus" in page.text
    csrf = re.findall(r'name="csrf" value="([^"]+)"', page.text)[0]
    empty = browser.post(LIST, {"csrf": csrf, "act": "gather", "branch": str(sample.branch.id)})
    assert empty.status_code == 422
    assert "None of these can be sent from there" in empty.text


def test_the_scanner_walks_from_envelope_to_envelope_and_the_box_is_handed_in(browser: Any, sample: Sample) -> None:
    here = gathered(browser, sample)
    for serial, number in zip(serials(browser, here), NUMBERS, strict=True):
        after = scan(browser, here, serial)
        assert "Scan the registered number" in after.text
        assert "done=packed" in str(after.url)
        assert "done=numbered" in str(scan(browser, here, number).url)
    assert "No PDFs are made here" in browser.get(here).text
    listed = browser.send(browser.get(here), f"{here}/list.csv", form="epost")
    assert listed.text.splitlines()[0].endswith("goodsNm,printYn,regiNo")
    assert NUMBERS[0] in listed.text
    assert "SN-0" not in listed.text
    assert browser.send(browser.get(here), f"{here}/list.csv", form="generic").text.count("recipient_only") == 2
    assert events(sample).count("batch:listed") == 2
    browser.send(browser.get(here), here, act="labels")
    assert "All parcels are on their way" in browser.send(browser.get(here), here, act="hand_in").text
    assert "handed_in" not in browser.get(here).text
    assert browser.get(LIST).text.count("601234567890") == 2


def test_a_wrong_device_stops_beside_the_field_and_the_field_keeps_the_focus(browser: Any, sample: Sample) -> None:
    here = gathered(browser, sample)
    first, second = serials(browser, here)
    free = next(one for one in sample.shelf if one not in {first, second})
    for text, words in (
        (second, "this device belongs into envelope 2"),
        (free, f"set aside for nobody. Put it back, and take {first}"),
        ("SN-00", "somebody has this device already"),
        ("NOTHING", "No device has this number"),
        ("", "Scan or type the serial number"),
    ):
        page = scan(browser, here, text)
        assert page.status_code == 422
        assert words in page.text
        assert page.text.count("autofocus") == 1
    scan(browser, here, first)
    assert "already in envelope 1" in scan(browser, here, first, "?at=2").text
    assert "Check the tracking number" in scan(browser, here, second, "?at=1").text


def test_the_bar_code_of_a_letter_opens_its_envelope(browser: Any, sample: Sample) -> None:
    here = gathered(browser, sample)
    second = re.findall(r"/console/cases/(R-[\w-]+)", browser.get(here).text)[1]
    page = scan(browser, here, second.lower())
    assert "at=2" in str(page.url)
    assert "Envelope 2 of 2" in page.text


def test_an_envelope_is_left_out_and_a_batch_dissolved(browser: Any, sample: Sample) -> None:
    here = gathered(browser, sample)
    second = serials(browser, here)[1]
    browser.send(browser.get(here), here, act="leave_out", at="1")
    assert serials(browser, here) == [second]
    browser.send(browser.get(here), here, act="dissolve")
    assert "This batch was dissolved" in browser.get(here).text
    assert browser.send(browser.get(LIST), LIST, branch=str(sample.branch.id)).status_code == 200


def test_others_look_or_stay_away(browser: Any, sample: Sample) -> None:
    here = gathered(browser, sample)
    sit(browser, sample, appoint(sample, Role.AUDITOR))
    page = browser.get(here)
    assert (page.status_code, "f-scan" in page.text) == (200, False)
    sit(browser, sample, appoint(sample, Role.STOCK, another_branch(sample).id))
    page = browser.get(here)
    assert "not work on it" in page.text
    assert "f-scan" not in page.text
    sit(browser, sample, appoint(sample, Role.HELP_DESK))
    assert browser.get(here).status_code == 403
    assert browser.get(f"{LIST}/B-000000-NOTHING").status_code in {403, 404}


@pytest.mark.parametrize("misfit", list(Misfit))
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_every_misfit_has_a_sentence_of_its_own(pages: Pages, misfit: Misfit, lang: str) -> None:
    words = pages.words(lang)
    said = misfit_sentence(WrongEnvelope(misfit, belongs=7), None, words, branch="B")
    others = {misfit_sentence(WrongEnvelope(one, belongs=7), None, words) for one in Misfit if one is not misfit}
    assert said not in others
    assert set(BATCHES) == set(BatchState)


@pytest.mark.parametrize(
    ("kept", "postcode", "lines"),
    [
        ("13487\n판교로 1\n101호", "13487", ("판교로 1", "101호")),
        ("서울 중구 세종대로 1", "", ("서울 중구 세종대로 1",)),
        ("", "", ()),
        ("1348\n판교로", "", ("1348", "판교로")),
    ],
)
def test_an_address_begins_with_its_postcode_or_has_none(kept: str, postcode: str, lines: tuple[str, ...]) -> None:
    found = address_of(kept)
    assert (found.postcode, found.lines) == (postcode, lines)


def test_what_contradicts_itself_waits_for_a_look_and_the_device_in_hand_is_taken_back(browser: Any, sample: Sample) -> None:
    story = Story(sample, sample.member)
    parcel = delivered(sample, story.on_its_way("SN-02"))
    arrive(sample, parcel, ParcelState.RETURNED)
    sit(browser, sample)
    page = browser.get(LIST)
    assert "Needs a look" in page.text
    wrong = browser.send(page, LIST, act="settle", parcel=str(parcel), serial="SN-03")
    assert wrong.status_code == 422
    assert "not the device of that parcel" in wrong.text
    assert "Needs a look" not in browser.send(page, LIST, act="settle", parcel=str(parcel), serial="SN-02").text
    token = sample.house.look(sample.institution.id, lambda uow: uow.tokens.first(serial="SN-02"))
    assert token is not None
    assert token.state is TokenState.QUARANTINED
    assert story.case.state is CaseState.APPROVED
    assert "Member must choose" in browser.get(LIST).text


def arrive(sample: Sample, parcel: UUID, state: ParcelState) -> None:
    by, at = Actor(kind=ActorKind.SYSTEM, source="carrier"), sample.house.clock.now()
    ask = ConfirmDelivery(shipment_id=parcel, state=state, at=at, place="서울중앙", by=by)
    sample.house.do(sample.institution.id, lambda desk: confirm_delivery(ask, desk=desk))


def delivered(sample: Sample, case: Case) -> UUID:
    parcel = sample.house.look(sample.institution.id, lambda uow: uow.shipments.first(case_id=case.id))
    assert parcel is not None
    arrive(sample, parcel.id, ParcelState.DELIVERED)
    return parcel.id
