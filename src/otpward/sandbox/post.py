"""Korea Post's tracking service at its path: XML about the parcels of this world.

A number that ends in 0007 finds the service broken.
"""

import hmac
from typing import Final
from xml.etree.ElementTree import Element, SubElement, tostring
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from otpward.sandbox.world import Parcel, World

SERVICE_KEY: Final = "not-a-secret"
BROKEN: Final = "0007"
SEOUL: Final = ZoneInfo("Asia/Seoul")

WORDS: Final = {"accepted": "접수", "in_transit": "발송", "delivered": "배달완료", "returned": "반송"}


async def track(request: Request) -> Response:
    """Answer for one number: an unknown one gets a good answer without events, a wrong key the portal's own refusal."""
    world: World = request.app.state.world
    given, number = request.query_params.get("serviceKey", ""), request.query_params.get("rgist", "")
    if number.endswith(BROKEN):
        return PlainTextResponse("service unavailable", 503)
    if not hmac.compare_digest(given.encode(), SERVICE_KEY.encode()):
        return _xml(_unknown_key())
    return _xml(_history(number, world.memory.parcels.get(number)))


def _history(number: str, parcel: Parcel | None) -> Element:
    root = Element("LongitudinalDomesticListResponse")
    header = SubElement(root, "cmmMsgHeader")
    for name, text in (("successYN", "Y"), ("returnCode", "00"), ("errMsg", "")):
        SubElement(header, name).text = text
    SubElement(root, "rgist").text = number
    SubElement(root, "pstmtrKnd").text = "등기통상" if parcel else ""
    SubElement(root, "trtmntSe").text = "본인지정" if parcel else ""
    SubElement(root, "dlvySttus").text = "배달완료" if parcel and parcel.state == "delivered" else ""
    for leg in parcel.legs if parcel else ():
        here = leg.at.astimezone(SEOUL)
        event = SubElement(root, "longitudinalDomesticList")
        for name, text in (
            ("dlvyDate", f"{here:%Y.%m.%d}"),
            ("dlvyTime", f"{here:%H:%M}"),
            ("nowLc", leg.place),
            ("processSttus", WORDS[leg.state]),
            ("detailDc", ""),
        ):
            SubElement(event, name).text = text
    return root


def _unknown_key() -> Element:
    root = Element("OpenAPI_ServiceResponse")
    header = SubElement(root, "cmmMsgHeader")
    for name, text in (
        ("errMsg", "SERVICE ERROR"),
        ("returnAuthMsg", "SERVICE_KEY_IS_NOT_REGISTERED_ERROR"),
        ("returnReasonCode", "30"),
    ):
        SubElement(header, name).text = text
    return root


def _xml(root: Element) -> Response:
    return Response(tostring(root, encoding="utf-8", xml_declaration=True), media_type="application/xml")


ROUTES: Final = [
    Route("/trace/retrieveLongitudinalService/retrieveLongitudinalService/getLongitudinalDomesticList", track),
]
