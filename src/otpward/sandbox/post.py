"""Korea Post's tracking service at its path: XML about the parcels of this world; and the generic carrier, in JSON.

A number that ends in 0007 finds the service broken.
"""

import hmac
from collections.abc import Sequence
from typing import Final
from xml.etree.ElementTree import Element, SubElement, tostring
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from otpward.sandbox import asked
from otpward.sandbox.letters import order, told
from otpward.sandbox.world import Leg, World

SERVICE_KEY: Final = "not-a-secret"
BROKEN: Final = "0007"
POSTCODE_DIGITS: Final = 5
SEOUL: Final = ZoneInfo("Asia/Seoul")

WORDS: Final = {"accepted": "접수", "in_transit": "발송", "delivered": "배달완료", "returned": "반송"}


async def track(request: Request) -> Response:
    """Answer for one number: an unknown one gets a good answer without events, a wrong key the portal's own refusal."""
    world: World = request.app.state.world
    given, number = request.query_params.get("serviceKey", ""), request.query_params.get("rgist", "")
    if number.endswith(BROKEN) or world.memory.post.down:
        return PlainTextResponse("service unavailable", 503)
    if not hmac.compare_digest(given.encode(), SERVICE_KEY.encode()):
        return _xml(_unknown_key())
    return _xml(_history(number, _told(world, number)))


def _told(world: World, number: str) -> list[Leg]:
    parcel = world.memory.parcels.get(number)
    return [] if parcel is None else told(world, parcel)


async def history(request: Request) -> Response:
    """`GET /v1/parcels/{number}` of the generic carrier."""
    world: World = request.app.state.world
    number = request.path_params["number"]
    refusal = _refused(request, number)
    if refusal is not None:
        return refusal
    legs = _told(world, number)
    if not legs:
        return JSONResponse({"detail": "unknown"}, 404)
    events = [{"state": leg.state, "at": leg.at.isoformat(), "place": leg.place} for leg in legs]
    return JSONResponse({"number": number, "events": events})


async def take(request: Request) -> Response:
    """`POST /v1/parcels` of the generic carrier; an address without a postcode is not taken."""
    refusal = _refused(request)
    if refusal is not None:
        return refusal
    given = await asked.document(request)
    reference, lines = str(given.get("reference", "")), given.get("address")
    first = str(lines[0]) if isinstance(lines, list) and lines else ""
    if not reference or not (len(first) == POSTCODE_DIGITS and first.isascii() and first.isdigit()):
        return JSONResponse({"detail": "a letter has a reference, and an address that begins with its postcode"}, 422)
    return JSONResponse({"number": order(request.app.state.world, reference).number}, 201)


def _refused(request: Request, number: str = "") -> Response | None:
    world: World = request.app.state.world
    if number.endswith(BROKEN) or world.memory.post.down:
        return PlainTextResponse("service unavailable", 503)
    if not hmac.compare_digest(request.headers.get("authorization", "").encode(), f"Bearer {SERVICE_KEY}".encode()):
        return JSONResponse({"detail": "unknown key"}, 401)
    return None


def _history(number: str, legs: Sequence[Leg]) -> Element:
    root = Element("LongitudinalDomesticListResponse")
    header = SubElement(root, "cmmMsgHeader")
    for name, text in (("successYN", "Y"), ("returnCode", "00"), ("errMsg", "")):
        SubElement(header, name).text = text
    SubElement(root, "rgist").text = number
    SubElement(root, "pstmtrKnd").text = "등기통상" if legs else ""
    SubElement(root, "trtmntSe").text = "본인지정" if legs else ""
    SubElement(root, "dlvySttus").text = "배달완료" if legs and legs[-1].state == "delivered" else ""
    for leg in legs:
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
    Route("/v1/parcels", take, methods=["POST"]),
    Route("/v1/parcels/{number}", history),
]
