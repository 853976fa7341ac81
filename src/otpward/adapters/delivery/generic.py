"""Any carrier that speaks a small JSON interface (docs/reference/carrier.md): it gives numbers, and tells histories."""

from datetime import UTC, datetime
from typing import Final

import httpx
import msgspec

from otpward.adapters.bounded import Answer, exchange
from otpward.core.errors import Invalid, NotFound, Unavailable
from otpward.core.formats.tracking import check_tracking_number
from otpward.core.lifecycle.parcel import RANK, ParcelState
from otpward.core.secret import Secret
from otpward.ports.carrier import Moment, Order, Tracking

PATH: Final = "/v1/parcels"
_EVENTS: Final = 200


class _Event(msgspec.Struct):
    state: str
    at: datetime
    place: str = ""


class _History(msgspec.Struct):
    number: str
    events: list[_Event]


class _Given(msgspec.Struct):
    number: str


class GenericCarrier:
    """Asks a carrier over HTTP. Logs nothing: the number is in the address, and a name and an address are in an order."""

    def __init__(self, base_url: str, key: Secret, http: httpx.Client, timeout: float) -> None:
        self._url = base_url.rstrip("/") + PATH
        self._key = key
        self._http = http
        self._timeout = timeout

    def track(self, tracking_number: str) -> Tracking:
        """The newest event and the whole history. States that are not ours are read as "on its way"."""
        number = check_tracking_number(tracking_number)
        answer = exchange(self._http, "GET", f"{self._url}/{number}", timeout=self._timeout, headers=self._headers())
        if answer.status == 404:
            raise NotFound("the carrier does not know this number")
        _refuse(answer)
        return _tracking(number, answer.body)

    def take_order(self, order: Order) -> str:
        """The number of this letter; asked again with the same reference, the same one."""
        lines = [line for line in order.address.reveal().split("\n") if line]
        body = {
            "reference": order.reference,
            "name": order.name.reveal(),
            "phone": order.phone.reveal(),
            "address": lines,
            "class": order.mail_class.value,
        }
        answer = exchange(
            self._http, "POST", self._url, timeout=self._timeout, headers=self._headers(), content=msgspec.json.encode(body)
        )
        if answer.status == 422:
            raise Invalid("the carrier does not take this letter", field="address")
        _refuse(answer)
        try:
            return check_tracking_number(msgspec.json.decode(answer.body, type=_Given).number)
        except (msgspec.DecodeError, UnicodeDecodeError, Invalid):
            raise Unavailable("the carrier's answer holds no number") from None

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._key.reveal().decode('ascii')}", "Content-Type": "application/json"}


def _refuse(answer: Answer) -> None:
    if answer.status >= 400:
        raise Unavailable(f"the carrier answered {answer.status}")


def _tracking(number: str, body: bytes) -> Tracking:
    try:
        told = msgspec.json.decode(body, type=_History).events[-_EVENTS:]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Unavailable("the carrier's answer cannot be read") from None
    if not told:
        raise NotFound("the carrier knows nothing of this number yet")
    if any(one.at.tzinfo is None for one in told):
        raise Unavailable("the carrier's times say no zone")
    history = [Moment(state=_state(one.state), at=one.at.astimezone(UTC), place=one.place) for one in told]
    history.sort(key=lambda one: (one.at, RANK[one.state]))
    newest = history[-1]
    return Tracking(tracking_number=number, state=newest.state, at=newest.at, place=newest.place, history=tuple(history[:-1]))


def _state(word: str) -> ParcelState:
    try:
        return ParcelState(word)
    except ValueError:
        return ParcelState.IN_TRANSIT
