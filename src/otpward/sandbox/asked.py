"""What a request says: its body within a limit, its form, its phone number."""

from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec
import phonenumbers
from starlette.requests import Request

from otpward.core.errors import Invalid

BODY_LIMIT: Final = 64 * 1024


async def body(request: Request, *, limit: int = BODY_LIMIT) -> bytes:
    """Return the whole body, or refuse a large one while it still comes in."""
    octets = bytearray()
    async for chunk in request.stream():
        octets += chunk
        if len(octets) > limit:
            raise Invalid("the request is too large")
    return bytes(octets)


async def form(request: Request) -> dict[str, str]:
    """Return the fields of a page's form, each once."""
    try:
        return dict(parse_qsl((await body(request)).decode("ascii"), keep_blank_values=True, max_num_fields=50))
    except ValueError:
        raise Invalid("the form cannot be read") from None


async def document(request: Request) -> dict[str, Any]:
    """Return a JSON object; an empty body is an empty object."""
    try:
        return msgspec.json.decode(await body(request) or b"{}", type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Invalid("the body is not a JSON object") from None


def phone_number(text: str) -> str:
    """Return E.164 for what people and links write: +8210…, 010-…; a `+` that became a space in a query is forgiven."""
    text = text.strip()
    if text.startswith("82"):
        text = f"+{text}"
    try:
        number = phonenumbers.parse(text, "KR")
    except phonenumbers.NumberParseException:
        raise Invalid("this is not a phone number", field="phone") from None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
