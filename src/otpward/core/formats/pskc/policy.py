"""When and for what a key may be used (RFC 6030 §5). What is not understood is taken as forbidden."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from xml.etree.ElementTree import Element

from otpward.core.formats.branches import child, text_of
from otpward.core.formats.faults import BrokenSeedFile
from otpward.core.formats.pskc.names import PSKC
from otpward.core.formats.pskc.values import date_time, integer
from otpward.core.formats.records import Unusable

KNOWN: Final = frozenset(
    f"{PSKC}{name}" for name in ("StartDate", "ExpiryDate", "PINPolicy", "KeyUsage", "NumberOfTransactions")
)
PIN_AT_DEVICE: Final = "Local"  # the device itself asks for the PIN; every other mode is for the server to check
PIN_IN_ANSWER: Final = "Algorithmic"  # the PIN enters the computation, as in an OCRA suite with P
FOR_CODES: Final = frozenset({"OTP"})
FOR_ANSWERS: Final = frozenset({"OTP", "CR"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What the file allows."""

    valid_from: datetime | None = None
    valid_until: datetime | None = None
    uses_max: int | None = None
    pin_key_id: str | None = None
    unusable_because: Unusable | None = None


def read_policy(
    policy: Element | None, device: Element | None, *, usages: frozenset[str] = FOR_CODES, pin_in_answer: bool = False
) -> Policy:
    """The dates of key and device, the narrower of each, and whether the key may be used for one of `usages`. With
    `pin_in_answer` the key computes with a PIN, which another key of the file holds."""
    return Policy(
        valid_from=max(_dates("StartDate", policy, device), default=None),
        valid_until=min(_dates("ExpiryDate", policy, device), default=None),
        uses_max=_uses_max(policy),
        pin_key_id=_pin_key_id(policy) if pin_in_answer else None,
        unusable_because=_forbidden(policy, usages, pin_in_answer=pin_in_answer) if policy is not None else None,
    )


def _dates(name: str, *holders: Element | None) -> list[datetime]:
    found = [child(holder, f"{PSKC}{name}") for holder in holders if holder is not None]
    return [date_time(node) for node in found if node is not None]


def _uses_max(policy: Element | None) -> int | None:
    node = child(policy, f"{PSKC}NumberOfTransactions")
    if node is None:
        return None
    uses = integer(text_of(node), node)
    if uses < 0:
        raise BrokenSeedFile("NumberOfTransactions is negative", node=node)
    return uses


def _pin_key_id(policy: Element | None) -> str | None:
    pin = child(policy, f"{PSKC}PINPolicy")
    return (pin.get("PINKeyId", "").strip() or None) if pin is not None else None


def _forbidden(policy: Element, usages: frozenset[str], *, pin_in_answer: bool) -> Unusable | None:
    if any(each.tag not in KNOWN for each in policy):
        return Unusable.UNKNOWN_POLICY
    allowed = {text_of(each) for each in policy if each.tag == f"{PSKC}KeyUsage"}
    if allowed and not allowed & usages:
        return Unusable.USAGE_NOT_OTP
    pin = child(policy, f"{PSKC}PINPolicy")
    if pin is None:
        return None
    if len(pin):
        return Unusable.UNKNOWN_POLICY
    mode = pin.get("PINUsageMode", PIN_AT_DEVICE)
    return None if mode == PIN_AT_DEVICE or (mode == PIN_IN_ANSWER and pin_in_answer) else Unusable.PIN_AT_SERVER
