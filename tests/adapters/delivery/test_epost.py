"""Tracking by Korea Post: the newest event, in UTC, and never a returned parcel called delivered."""

import logging
from datetime import UTC, datetime

import httpx
import pytest

from otpward.adapters.delivery.epost import EpostCarrier, read_tracking
from otpward.core.errors import Invalid, NotFound, Unavailable
from otpward.core.secret import Secret
from otpward.ports.carrier import ParcelState
from tests.adapters.conftest import Faulty
from tests.sandbox.running import Running

NUMBER = "6890100001233"


def carrier(base_url: str, http: httpx.Client, *, key: bytes = b"not-a-secret", timeout: float = 5) -> EpostCarrier:
    return EpostCarrier(base_url, Secret(key), http, timeout)


def history(
    *events: tuple[str, str, str], status: str = "", header: str = "<successYN>Y</successYN><returnCode>00</returnCode>"
) -> bytes:
    legs = "".join(
        f"<longitudinalDomesticList><dlvyDate>{day}</dlvyDate><dlvyTime>{minute}</dlvyTime><nowLc>{words}우체국</nowLc>"
        f"<processSttus>{words}</processSttus><detailDc/></longitudinalDomesticList>"
        for day, minute, words in events
    )
    root = "LongitudinalDomesticListResponse"
    return f"<{root}><cmmMsgHeader>{header}</cmmMsgHeader><dlvySttus>{status}</dlvySttus>{legs}</{root}>".encode()


def test_a_parcel_is_followed_to_the_door(sandbox: Running, http: httpx.Client) -> None:
    number = http.post(f"{sandbox.base_url}/api/parcels").json()["number"]
    seen = [carrier(sandbox.base_url, http).track(number).state]
    for state in ("in_transit", "delivered"):
        http.post(f"{sandbox.base_url}/api/parcels/{number}/move", json={"state": state}).raise_for_status()
        seen.append(carrier(sandbox.base_url, http).track(number).state)
    assert seen == [ParcelState.ACCEPTED, ParcelState.IN_TRANSIT, ParcelState.DELIVERED]
    tracking = carrier(sandbox.base_url, http).track(f"{number[:5]}-{number[5:9]}-{number[9:]}")
    assert tracking.tracking_number == number
    assert tracking.place == "성남분당우체국"
    assert abs((datetime.now(UTC) - tracking.at).total_seconds()) < 120


def test_a_parcel_that_comes_back_is_returned(sandbox: Running, http: httpx.Client) -> None:
    number = http.post(f"{sandbox.base_url}/api/parcels", json={"number": "EA102030405KR"}).json()["number"]
    for state in ("in_transit", "returned"):
        http.post(f"{sandbox.base_url}/api/parcels/{number}/move", json={"state": state}).raise_for_status()
    assert carrier(sandbox.base_url, http).track(number).state is ParcelState.RETURNED


def test_a_number_nobody_handed_in_is_unknown_until_someone_does(sandbox: Running, http: httpx.Client) -> None:
    with pytest.raises(NotFound):
        carrier(sandbox.base_url, http).track("6890199999999")
    http.post(f"{sandbox.base_url}/api/parcels", json={"number": "6890199999999"}).raise_for_status()
    assert carrier(sandbox.base_url, http).track("6890199999999").state is ParcelState.ACCEPTED


def test_a_broken_post_office_and_a_wrong_key_are_unavailable(sandbox: Running, http: httpx.Client) -> None:
    with pytest.raises(Unavailable):
        carrier(sandbox.base_url, http).track("6890199990007")
    with pytest.raises(Unavailable):
        carrier(sandbox.base_url, http, key=b"another").track(NUMBER)


def test_a_number_that_cannot_exist_is_not_asked_for(faulty: Faulty, http: httpx.Client) -> None:
    with pytest.raises(Invalid):
        carrier(faulty.base_url, http).track("RR123456784GB")
    assert faulty.asked == []


@pytest.mark.parametrize(
    ("document", "state", "at"),
    [
        (history(("2026.11.20", "09:05", "접수")), ParcelState.ACCEPTED, datetime(2026, 11, 20, 0, 5, tzinfo=UTC)),
        (history(("2026-11-20", "9:05", "접수")), ParcelState.ACCEPTED, datetime(2026, 11, 20, 0, 5, tzinfo=UTC)),
        (
            history(("2026.11.21", "08:00", "도착"), ("2026.11.20", "23:59", "접수")),
            ParcelState.IN_TRANSIT,
            datetime(2026, 11, 20, 23, 0, tzinfo=UTC),
        ),
        (
            history(("2026.11.21", "08:00", "미배달"), ("2026.11.21", "10:00", "배달완료 ( 배달 )")),
            ParcelState.DELIVERED,
            datetime(2026, 11, 21, 1, 0, tzinfo=UTC),
        ),
        (
            history(("2026.11.21", "10:00", "배달완료"), ("2026.11.21", "10:00", "접수"), ("2026.11.21", "10:00", "발송")),
            ParcelState.DELIVERED,
            datetime(2026, 11, 21, 1, 0, tzinfo=UTC),
        ),
        (
            history(("2026.11.21", "10:00", "배달준비"), status="배달완료"),
            ParcelState.DELIVERED,
            datetime(2026, 11, 21, 1, 0, tzinfo=UTC),
        ),
        (
            history(("2026.11.21", "10:00", "반송"), ("2026.11.25", "10:00", "배달완료"), status="배달완료"),
            ParcelState.RETURNED,
            datetime(2026, 11, 25, 1, 0, tzinfo=UTC),
        ),
    ],
    ids=["dots", "hyphens", "newest first", "a tail", "one minute", "said in the header", "back at its sender"],
)
def test_a_history_is_read(document: bytes, state: ParcelState, at: datetime) -> None:
    tracking = read_tracking(NUMBER, document)
    assert (tracking.state, tracking.at) == (state, at)
    assert tracking.place.endswith("우체국")


def test_an_empty_history_is_an_unknown_number() -> None:
    for document in (history(), history(header="<successYN>N</successYN><returnCode>03</returnCode>")):
        with pytest.raises(NotFound):
            read_tracking(NUMBER, document)


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"not xml",
        b"<html/>",
        b"<LongitudinalDomesticListResponse>",
        b'<?xml version="1.0" encoding="no-such"?><a/>',
        b'<?xml version="1.0" encoding="euc-kr"?><a/>',
        b'<!DOCTYPE a [<!ENTITY b "c">]><LongitudinalDomesticListResponse>&b;</LongitudinalDomesticListResponse>',
        history(("2026.13.40", "10:00", "접수")),
        history(("2026.11.20", "", "접수")),
        history(("2026.11.20", "10:00", "접수"), header="<successYN>N</successYN><returnCode>99</returnCode>"),
    ],
    ids=["empty", "text", "page", "cut", "charset", "many-octet charset", "entity", "no such day", "no minute", "refused"],
)
def test_what_cannot_be_read_is_unavailable(faulty: Faulty, http: httpx.Client, document: bytes) -> None:
    faulty.body = document
    with pytest.raises(Unavailable):
        carrier(faulty.base_url, http).track(NUMBER)


@pytest.mark.parametrize("status", [302, 404, 429, 500, 503])
def test_a_bad_status_is_unavailable(faulty: Faulty, http: httpx.Client, status: int) -> None:
    faulty.status, faulty.body = status, history(("2026.11.20", "10:00", "배달완료"))
    faulty.headers = {"Location": "/"} if status == 302 else {}
    with pytest.raises(Unavailable):
        carrier(faulty.base_url, http).track(NUMBER)


def test_a_slow_post_office_is_not_waited_for(faulty: Faulty, http: httpx.Client) -> None:
    faulty.wait_s = 0.6
    with pytest.raises(Unavailable):
        carrier(faulty.base_url, http, timeout=0.2).track(NUMBER)


def test_neither_key_nor_number_is_logged(sandbox: Running, http: httpx.Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(NotFound) as refusal:
        carrier(sandbox.base_url, http).track(NUMBER)
    said = caplog.text + str(refusal.value)
    assert not [word for word in ("not-a-secret", NUMBER, "serviceKey") if word in said]
