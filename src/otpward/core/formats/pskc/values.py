"""One value of a PSKC file, read strictly. A value that is not of its type is damage, and the file is not taken."""

import base64
import binascii
import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final
from xml.etree.ElementTree import Element

from otpward.core.formats.branches import local_name, text_of
from otpward.core.formats.faults import BrokenSeedFile

INTEGER: Final = re.compile(r"[+-]?[0-9]{1,20}", re.ASCII)
DATE_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?", re.ASCII)
WHITE_SPACE: Final = re.compile(r"[ \t\r\n]+")
LABEL_MAX: Final = 255
INTEGER_OCTETS_MAX: Final = 8


def base64_octets(node: Element) -> bytes:
    """Base64 with line breaks allowed and nothing else (RFC 4648 §4)."""
    text = text_of(node)
    try:
        return binascii.a2b_base64(text, strict_mode=True)
    except ValueError:
        pass
    try:
        return base64.b64decode(WHITE_SPACE.sub("", text).encode("ascii"), validate=True)
    except (UnicodeError, binascii.Error):
        raise BrokenSeedFile(f"{local_name(node)} is not base64", node=node) from None


def integer(text: str, node: Element) -> int:
    """A whole number in digits."""
    if not INTEGER.fullmatch(text):
        raise BrokenSeedFile(f"{local_name(node)} is not a whole number", node=node)
    return int(text)


def integer_octets(octets: bytes, node: Element) -> int:
    """A whole number as it lies in an encrypted value: octets, the highest first (RFC 6030 §4.2)."""
    if not 1 <= len(octets) <= INTEGER_OCTETS_MAX:
        raise BrokenSeedFile(f"the encrypted {local_name(node)} is not a whole number", node=node)
    return int.from_bytes(octets, "big")


def date_time(node: Element) -> datetime:
    """An `xs:dateTime`; without a zone it is UTC (RFC 6030 §5)."""
    moment = _moment(text_of(node))
    if moment is None:
        raise BrokenSeedFile(f"{local_name(node)} is not a date and time", node=node)
    return moment


@lru_cache(maxsize=64)
def _moment(text: str) -> datetime | None:
    """Remembered: the keys of a delivery mostly share their dates."""
    try:
        moment = datetime.fromisoformat(text) if DATE_TIME.fullmatch(text) else None
        if moment is None:
            return None
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def label(parent: Element | None, tag: str) -> str | None:
    """A short text for people, or None where it is missing or empty."""
    node = parent.find(tag) if parent is not None else None
    if node is None:
        return None
    text = text_of(node)
    if len(text) > LABEL_MAX or not text.isprintable():
        raise BrokenSeedFile(f"{local_name(node)} is too long or has unprintable characters", node=node)
    return text or None
