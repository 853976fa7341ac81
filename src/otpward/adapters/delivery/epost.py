"""Tracking by Korea Post's open service for domestic registered mail."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Final
from xml.etree.ElementTree import Element, ParseError

import httpx
from defusedxml.ElementTree import fromstring

from otpward.adapters.bounded import exchange
from otpward.core.errors import NotFound, Unavailable
from otpward.core.formats.tracking import check_tracking_number
from otpward.core.secret import Secret
from otpward.ports.carrier import Moment, ParcelState, Tracking

PATH: Final = "/trace/retrieveLongitudinalService/retrieveLongitudinalService/getLongitudinalDomesticList"
ROOT: Final = "LongitudinalDomesticListResponse"
NOTHING_FOUND: Final = frozenset({"03"})
"""The portal's code for "no data"; a known service with an empty list means the same."""

KST: Final = timezone(timedelta(hours=9))
"""Korea has kept one offset since 1988, and no parcel is older."""

RANK: Final = {
    ParcelState.ACCEPTED: 0,
    ParcelState.IN_TRANSIT: 1,
    ParcelState.DELIVERED: 2,
    ParcelState.RETURNED: 3,
}
"""Which of two events of the same minute is the newer one: the carrier's clock has no seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Event:
    state: ParcelState
    at: datetime
    place: str


class EpostCarrier:
    """Asks Korea Post where a parcel is. Logs nothing: the key and the number are in the address."""

    def __init__(self, base_url: str, service_key: Secret, http: httpx.Client, timeout: float) -> None:
        self._url = base_url.rstrip("/") + PATH
        self._service_key = service_key
        self._http = http
        self._timeout = timeout

    def track(self, tracking_number: str) -> Tracking:
        """Return the newest event. A number that cannot exist is refused before anyone is asked."""
        number = check_tracking_number(tracking_number)
        answer = exchange(
            self._http,
            "GET",
            self._url,
            timeout=self._timeout,
            params={"serviceKey": self._service_key.reveal().decode("ascii"), "rgist": number},
        )
        if answer.status >= 400:
            raise Unavailable(f"the post answered {answer.status}")
        return read_tracking(number, answer.body)


def read_tracking(number: str, document: bytes) -> Tracking:
    """Read the post's answer. A parcel that ever turned back is returned, even if its sender then took delivery of it."""
    try:
        root = fromstring(document, forbid_dtd=True)
    except (ParseError, ValueError, LookupError):
        raise Unavailable("the post's answer cannot be read") from None
    if _name(root) != ROOT:
        raise Unavailable("the post's answer is about something else")
    if _first(root, "successYN") != "Y":
        if _first(root, "returnCode") in NOTHING_FOUND:
            raise NotFound("the post does not know this number")
        raise Unavailable("the post refuses to answer")
    events = list(_events(root))
    if not events:
        raise NotFound("the post does not know this number")
    newest = max(events, key=lambda event: (event.at, RANK[event.state]))
    state = newest.state
    if any(event.state is ParcelState.RETURNED for event in events):
        state = ParcelState.RETURNED
    elif _state(_first(root, "dlvySttus")) is ParcelState.DELIVERED:
        state = ParcelState.DELIVERED
    # Delivered to its sender, a returned parcel's last event would contradict the word for the whole: it is left out.
    history = tuple(_moment(event) for event in events if event is not newest and _agrees(event, state))
    return Tracking(tracking_number=number, state=state, at=newest.at, place=newest.place, history=history)


def _agrees(event: _Event, state: ParcelState) -> bool:
    ends = {ParcelState.DELIVERED, ParcelState.RETURNED}
    return event.state not in ends or event.state is state


def _moment(event: _Event) -> Moment:
    return Moment(state=event.state, at=event.at, place=event.place)


def _events(root: Element) -> Iterator[_Event]:
    """Any element with a `processSttus` of its own is an event: the service does not promise the name of the wrapper."""
    for element in root.iter():
        fields = {_name(child): (child.text or "").strip() for child in element}
        if "processSttus" in fields:
            at = _time(fields.get("dlvyDate", ""), fields.get("dlvyTime", ""))
            yield _Event(state=_state(fields["processSttus"]), at=at, place=fields.get("nowLc", ""))


def _state(words: str) -> ParcelState:
    """The post's words in ours. They may carry a tail, as in "배달완료 (배달)"; whatever is none of the ends is on its way."""
    words = "".join(words.split())
    if "반송" in words or "환부" in words:
        return ParcelState.RETURNED
    if words.startswith("배달완료"):
        return ParcelState.DELIVERED
    if words.startswith("접수"):
        return ParcelState.ACCEPTED
    return ParcelState.IN_TRANSIT


def _time(day: str, minute: str) -> datetime:
    """A Korean day and minute as aware UTC; the service writes days with dots or with hyphens."""
    try:
        local = datetime.strptime(f"{day.replace('.', '-')} {minute}", "%Y-%m-%d %H:%M")  # noqa: DTZ007 - the zone follows
    except ValueError:
        raise Unavailable("the post's answer has a time that cannot be read") from None
    return local.replace(tzinfo=KST).astimezone(UTC)


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _first(root: Element, name: str) -> str:
    return next(((element.text or "").strip() for element in root.iter() if _name(element) == name), "")
