"""One value of a PSKC file, read strictly. A value that is not of its type is damage, and the file is not taken."""

import base64
import binascii
import re
from datetime import UTC, datetime
from typing import Final

from otpward.core.formats.faults import BrokenSeedFile
from otpward.core.formats.pskc.tree import Node

INTEGER: Final = re.compile(r"[+-]?[0-9]{1,20}", re.ASCII)
DATE_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?", re.ASCII)
WHITE_SPACE: Final = re.compile(r"[ \t\r\n]+")
LABEL_MAX: Final = 255
INTEGER_OCTETS_MAX: Final = 8


def base64_octets(node: Node) -> bytes:
    """Base64 with line breaks allowed and nothing else (RFC 4648 §4)."""
    try:
        return base64.b64decode(WHITE_SPACE.sub("", node.text()).encode("ascii"), validate=True)
    except (UnicodeError, binascii.Error):
        raise BrokenSeedFile(f"{node.local_name} is not base64", where=node.where) from None


def integer(text: str, node: Node) -> int:
    """A whole number in digits."""
    if not INTEGER.fullmatch(text):
        raise BrokenSeedFile(f"{node.local_name} is not a whole number", where=node.where)
    return int(text)


def integer_octets(octets: bytes, node: Node) -> int:
    """A whole number as it lies in an encrypted value: octets, the highest first (RFC 6030 §4.2)."""
    if not 1 <= len(octets) <= INTEGER_OCTETS_MAX:
        raise BrokenSeedFile(f"the encrypted {node.local_name} is not a whole number", where=node.where)
    return int.from_bytes(octets, "big")


def date_time(node: Node) -> datetime:
    """An `xs:dateTime`; without a zone it is UTC (RFC 6030 §5)."""
    text = node.text()
    try:
        if not DATE_TIME.fullmatch(text):
            raise ValueError
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise BrokenSeedFile(f"{node.local_name} is not a date and time", where=node.where) from None


def label(parent: Node | None, tag: str) -> str | None:
    """A short text for people, or None where it is missing or empty."""
    node = parent.only(tag) if parent is not None else None
    if node is None:
        return None
    text = node.text()
    if len(text) > LABEL_MAX or not text.isprintable():
        raise BrokenSeedFile(f"{node.local_name} is too long or has unprintable characters", where=node.where)
    return text or None
