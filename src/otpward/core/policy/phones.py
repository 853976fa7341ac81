"""Telephone numbers as people type them, and as we compare them."""

from typing import Final

import phonenumbers

from otpward.core.errors import Invalid

HOME: Final = "KR"
_LONGEST: Final = 40
_KOREA: Final = 82
_MOBILE: Final = "10"
_MOBILE_DIGITS: Final = 10
"""A Korean 010 number has eight more digits. One that lacks a digit would be possible elsewhere, and match nobody."""
_TEXTED: Final = frozenset({phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE})
"""In North America nobody can tell the two apart."""


def to_e164(typed: str) -> str:
    """`+8210…` from a local or a +country number, spaces and hyphens allowed; raises `Invalid` (field `phone`)."""
    if len(typed) > _LONGEST:
        raise Invalid("too long for a phone number", field="phone")
    try:
        number = phonenumbers.parse(typed, HOME)
    except phonenumbers.NumberParseException:
        raise Invalid("not a phone number", field="phone") from None
    if not phonenumbers.is_possible_number(number) or _lacks_a_digit(number):
        raise Invalid("a digit seems to be missing, or one too many", field="phone")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def to_mobile(typed: str) -> str:
    """`+8210…` of a number that text messages reach: no landline, no number of the internet or of a service; raises `Invalid`
    (field `phone`)."""
    text = to_e164(typed)
    if phonenumbers.number_type(phonenumbers.parse(text)) not in _TEXTED:
        raise Invalid("text messages do not reach this number", field="phone")
    return text


def _lacks_a_digit(number: phonenumbers.PhoneNumber) -> bool:
    digits = str(number.national_number)
    return number.country_code == _KOREA and digits.startswith(_MOBILE) and len(digits) != _MOBILE_DIGITS
