"""The generic carrier: numbers for letters, and the whole history of a parcel; whatever it answers, never a crash."""

from collections.abc import Callable

import httpx
import pytest

from otpward.adapters.delivery.generic import GenericCarrier
from otpward.core.errors import Invalid, NotFound, Unavailable
from otpward.core.model.shipping import MailClass
from otpward.core.secret import Personal, Secret
from otpward.ports.carrier import Order, ParcelState
from tests.sandbox.running import Running

NUMBER = "6890100001233"
ORDER = Order(
    reference="r-1",
    name=Personal("홍길동"),
    phone=Personal("+821055501101"),
    address=Personal("13487\n판교로 1\n101호"),
    mail_class=MailClass.RECIPIENT_ONLY,
)


def answering(answer: Callable[[httpx.Request], httpx.Response]) -> GenericCarrier:
    return GenericCarrier("http://post.example", Secret(b"k"), httpx.Client(transport=httpx.MockTransport(answer)), 5)


def test_a_letter_is_ordered_handed_in_and_followed(sandbox: Running, http: httpx.Client) -> None:
    carrier = GenericCarrier(sandbox.base_url, Secret(b"not-a-secret"), http, 5)
    number = carrier.take_order(ORDER)
    assert carrier.take_order(ORDER) == number
    with pytest.raises(NotFound):
        carrier.track(number)
    http.post(f"{sandbox.base_url}/api/parcels", json={"number": number}).raise_for_status()
    for state in ("in_transit", "delivered"):
        http.post(f"{sandbox.base_url}/api/parcels/{number}/move", json={"state": state}).raise_for_status()
    tracking = carrier.track(number)
    assert tracking.state is ParcelState.DELIVERED
    assert [one.state for one in tracking.history] == [ParcelState.ACCEPTED, ParcelState.IN_TRANSIT]


def test_the_carrier_can_be_down_and_refuse_an_address(sandbox: Running, http: httpx.Client) -> None:
    carrier = GenericCarrier(sandbox.base_url, Secret(b"not-a-secret"), http, 5)
    nowhere = Order(
        reference="r-2", name=ORDER.name, phone=ORDER.phone, address=Personal("어딘가"), mail_class=MailClass.REGISTERED
    )
    with pytest.raises(Invalid):
        carrier.take_order(nowhere)
    http.post(f"{sandbox.base_url}/api/post", json={"down": True}).raise_for_status()
    try:
        for ask in (lambda: carrier.take_order(ORDER), lambda: carrier.track(NUMBER)):
            with pytest.raises(Unavailable):
                ask()
    finally:
        http.post(f"{sandbox.base_url}/api/post", json={}).raise_for_status()


ANSWERS: dict[str, tuple[int, bytes, type[Exception]]] = {
    "not json": (200, b"<html>", Unavailable),
    "not utf-8": (200, b"\xff", Unavailable),
    "no events": (200, b'{"number":"6890100001233","events":[]}', NotFound),
    "no zone": (200, b'{"number":"1","events":[{"state":"delivered","at":"2026-11-23T12:00:00"}]}', Unavailable),
    "another shape": (200, b'{"events":{}}', Unavailable),
    "deep": (200, b"[" * 5000, Unavailable),
    "unknown": (404, b"{}", NotFound),
    "wrong key": (401, b"{}", Unavailable),
    "broken": (500, b"", Unavailable),
    "elsewhere": (302, b"", Unavailable),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_a_bad_answer_is_a_sentence(name: str) -> None:
    status, body, kind = ANSWERS[name]
    with pytest.raises(kind):
        answering(lambda _: httpx.Response(status, content=body)).track(NUMBER)


@pytest.mark.parametrize("body", [b'{"number":"12"}', b"{}", b"x"])
def test_a_number_that_is_none_is_no_answer(body: bytes) -> None:
    with pytest.raises(Unavailable):
        answering(lambda _: httpx.Response(201, content=body)).take_order(ORDER)


def test_states_we_do_not_know_are_on_the_way_and_the_newest_counts() -> None:
    body = (
        b'{"number":"6890100001233","events":[{"state":"delivered","at":"2026-11-23T12:00:00+09:00","place":"b"},'
        b'{"state":"sorted","at":"2026-11-23T11:00:00+09:00","place":"a"}]}'
    )
    tracking = answering(lambda _: httpx.Response(200, content=body)).track(NUMBER)
    assert (tracking.state, tracking.place) == (ParcelState.DELIVERED, "b")
    assert [one.state for one in tracking.history] == [ParcelState.IN_TRANSIT]
