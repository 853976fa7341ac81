"""Numbers on parcels: the domestic 13 digits, and the international form with its check digit (UPU S10)."""

import re
from typing import Final

from otpward.core.errors import Invalid

DOMESTIC: Final = re.compile(r"[0-9]{13}")
"""Korea Post prints thirteen digits on registered mail and states no check digit for them."""

INTERNATIONAL: Final = re.compile(r"([A-Z]{2})([0-9]{8})([0-9])([A-Z]{2})")
"""Service, serial, check digit, country (UPU S10 §5)."""

WEIGHTS: Final = (8, 6, 4, 2, 3, 5, 9, 7)
SPACERS: Final = str.maketrans("", "", " -\t")


def s10_check_digit(serial: str) -> int:
    """The ninth digit for eight (UPU S10 §5): 11 less the weighted sum modulo 11, where 10 is written 0 and 11 is 5."""
    rest = 11 - sum(weight * int(digit) for weight, digit in zip(WEIGHTS, serial, strict=True)) % 11
    return {10: 0, 11: 5}.get(rest, rest)


def check_tracking_number(text: str) -> str:
    """Return the number as a carrier takes it: no spaces, no hyphens, capitals.

    Raises:
        Invalid: neither thirteen digits nor an S10 number, or its check digit is wrong.
    """
    number = text.translate(SPACERS).upper() if text.isascii() else ""
    if DOMESTIC.fullmatch(number):
        return number
    parts = INTERNATIONAL.fullmatch(number)
    if parts is None:
        raise Invalid("a tracking number has 13 digits, or 2 letters, 9 digits and 2 letters", field="tracking_number")
    if int(parts[3]) != s10_check_digit(parts[2]):
        raise Invalid("the check digit of the tracking number is wrong", field="tracking_number")
    return number
