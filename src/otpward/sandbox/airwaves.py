"""What happens to a text on its way to a phone, whichever gateway took it.

A number that ends in 0007 finds the gateway broken, 0017 finds it slow, 0027 is refused, 0037 gets an answer that nobody can
read, 0047 is taken and never heard of again, 0057 is taken and does not arrive, 0067 has no KakaoTalk.
"""

import asyncio
from typing import Final

from starlette.responses import PlainTextResponse, Response

from otpward.sandbox.world import World

BROKEN, SLOW, REFUSED, GARBAGE, LOST, DEAD = "0007", "0017", "0027", "0037", "0047", "0057"
NO_TALK: Final = "0067"

CHARSET: Final = "cp949"
SMS_BYTES: Final = 90
LMS_BYTES: Final = 2000
SUBJECT_BYTES: Final = 40
SENDER_DIGITS: Final = 13
LIMITS: Final = {"SMS": SMS_BYTES, "LMS": LMS_BYTES}


def size(text: str) -> int | None:
    """Bytes on the air; None for what cannot be carried."""
    try:
        return len(text.encode(CHARSET))
    except UnicodeEncodeError:
        return None


def is_number(text: str) -> bool:
    """Whether it is digits and nothing else."""
    return text.isascii() and text.isdigit()


def is_sender(number: str) -> bool:
    """Whether it can be a registered sender's number."""
    return is_number(number) and len(number) <= SENDER_DIGITS


def is_reachable(number: str) -> bool:
    """Whether a text to this number is taken."""
    return is_number(number) and not number.endswith(REFUSED)


def fate(number: str) -> str:
    """What becomes of a text to this number once it is taken."""
    return "lost" if number.endswith(LOST) else "failed" if number.endswith(DEAD) else "delivered"


async def trouble(world: World, numbers: list[str]) -> Response | None:
    """The fault that one of these numbers provokes: an answer at once, or only a long wait."""
    if any(number.endswith(BROKEN) for number in numbers):
        return PlainTextResponse("service unavailable", 503)
    if any(number.endswith(GARBAGE) for number in numbers):
        return PlainTextResponse("<html>\x00 it works!", 200)
    if any(number.endswith(SLOW) for number in numbers):
        await asyncio.sleep(world.slow_s)
    return None


def international(country: str, number: str) -> str:
    """E.164 of a number as gateways take it."""
    return f"+{country}{number.removeprefix('0') if country == '82' else number}"
