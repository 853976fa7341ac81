"""What a scan of a device finds, seen from the branch where it is scanned; and when a shelf is low."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Final

from otpward.core.ids import BranchId
from otpward.core.lifecycle.place import Place
from otpward.core.lifecycle.token import TokenState
from otpward.core.model.stock import ModelRule
from otpward.core.model.token import Device, Token
from otpward.core.oath.model import Algorithm

LOW_BELOW: Final = 5
"""Fewer than this on a shelf is low, where nobody has said otherwise: a working week of a small branch."""
REASON_LONGEST: Final = 200


class Scan(StrEnum):
    """What was found. Each is a sentence of its own at the console (UX.md §3.7)."""

    HERE = "here"
    ARRIVED = "arrived"
    RESERVED = "reserved"
    BOXED = "boxed"
    OTHER_BRANCH = "other_branch"
    TRAVELLING = "travelling"
    SHIPPED = "shipped"
    WITH_MEMBER = "with_member"
    QUARANTINED = "quarantined"
    RETIRED = "retired"
    LOST = "lost"
    UNKNOWN = "unknown"
    AGAIN = "again"
    OTHER_BOX = "other_box"


def scanned(token: Token | None, device: Device | None, branch_id: BranchId | None) -> Scan:
    """What this device is to this branch (to any, if None)."""
    if token is None or device is None:
        return Scan.UNKNOWN
    if device.place is Place.LOST:
        return Scan.LOST
    if token.state in {TokenState.RETIRED, TokenState.DESTROYED}:
        return Scan.RETIRED
    match device.place:
        case Place.MEMBER:
            return Scan.WITH_MEMBER
        case Place.SHIPMENT:
            return Scan.SHIPPED
        case Place.TRANSFER:
            return Scan.TRAVELLING
        case Place.QUARANTINE:
            return Scan.QUARANTINED
        case Place.ARRIVED:
            return Scan.ARRIVED
    if branch_id is not None and device.branch_id != branch_id:
        return Scan.OTHER_BRANCH
    if token.state is TokenState.RESERVED:
        return Scan.RESERVED
    return Scan.HERE if device.transfer_id is None else Scan.BOXED


def is_too_old(token: Token, device: Device, *, now: datetime, sha1_until_year: int) -> bool:
    """Whether it may not be given out any more: its validity or its battery is over, or the end date of its hash has passed."""
    return (
        (token.valid_until is not None and token.valid_until <= now)
        or (device.battery_until is not None and device.battery_until < now.date())
        or (token.algorithm is Algorithm.SHA1 and now.year > sha1_until_year)
    )


COUNTED: Final = frozenset({Scan.HERE, Scan.RESERVED, Scan.BOXED})
"""What should lie at the branch when it is counted."""


def low_below(model: str, branch_id: BranchId, rules: Iterable[ModelRule]) -> int | None:
    """From how many on this model is low there: what is said of the branch, else of all, else nothing."""
    of_model = [rule for rule in rules if rule.model == model]
    of_branch = [rule for rule in of_model if rule.branch_id == branch_id]
    for rule in [*of_branch, *(rule for rule in of_model if rule.branch_id is None)]:
        return rule.low_below
    return None
