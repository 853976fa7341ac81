"""What is known of a person, as Korean providers write it, and back."""

from datetime import date
from typing import Final

import phonenumbers

from otpward.core.errors import Invalid
from otpward.core.secret import NOTHING, Personal

CI_LENGTH: Final = 88
"""64 octets in base64 (KOREA.md §4)."""


def domestic(phone: Personal) -> str:
    """010…, digits only.

    Raises:
        Invalid: not a Korean number, which is all these providers know.
    """
    try:
        number = phonenumbers.parse(phone.reveal(), "KR")
    except phonenumbers.NumberParseException:
        raise Invalid("this is not a phone number", field="phone") from None
    if number.country_code != 82:
        raise Invalid("this provider knows Korean numbers only", field="phone")
    return f"0{phonenumbers.national_significant_number(number)}"


def international(digits: str) -> Personal:
    """+8210… for what a provider says; nothing for what is no number."""
    try:
        number = phonenumbers.parse(digits, "KR")
    except phonenumbers.NumberParseException:
        return NOTHING
    return Personal(str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)))


def eight_digits(birth: Personal) -> str:
    """19900101 for 1990-01-01.

    Raises:
        Invalid: not a day.
    """
    day = born(birth.reveal())
    if day is None:
        raise Invalid("this is not a date of birth", field="birth_date")
    return f"{day:%Y%m%d}"


def born(text: str) -> date | None:
    """The day of 1990-01-01, 19900101 or 1990.01.01; none for what is no day."""
    digits = "".join(filter(str.isdecimal, text))
    try:
        return date.fromisoformat(digits) if digits.isascii() and len(digits) == 8 else None
    except ValueError:
        return None


def ci_of(text: str | None) -> Personal:
    """연계정보 as it is, or nothing: what is not 88 characters identifies nobody."""
    return Personal(text) if text and len(text) == CI_LENGTH else NOTHING
