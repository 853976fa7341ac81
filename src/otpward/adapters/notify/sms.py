"""What every Korean SMS gateway asks of a text, a number and a key, whoever runs it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import phonenumbers

from otpward.core.errors import Invalid

CHARSET: Final = "cp949"
"""What gateways mean by EUC-KR: it holds all 11,172 syllables in two bytes each, where strict EUC-KR lacks names like 뷁."""

SMS_BYTES: Final = 90
"""A standard SMS as Korean carriers count it."""

LMS_BYTES: Final = 2000
"""The long kind (LMS). It costs more, and a phone gets it only with its data switched on."""

SUBJECT_BYTES: Final = 40
"""Over a long text; the short kind has none."""

KOREA: Final = 82


class Kind(StrEnum):
    """How a text travels, in the word that the gateways use for it."""

    SMS = "SMS"
    LMS = "LMS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A phone number as gateways want it: 010… within Korea, the national number and the country's code for all others."""

    country: int
    digits: str

    @property
    def abroad(self) -> bool:
        """Whether it is outside Korea."""
        return self.country != KOREA


def phone_number(to: str) -> Number:
    """Take E.164 apart; raises `Invalid` for what is no number, without repeating it."""
    try:
        number = phonenumbers.parse(to, None)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or number.country_code is None or number.extension or not phonenumbers.is_possible_number(number):
        raise Invalid("the number is not a phone number with its country code", field="to")
    national = phonenumbers.national_significant_number(number)
    return Number(country=number.country_code, digits=f"0{national}" if number.country_code == KOREA else national)


def sender_digits(sender: str) -> str:
    """The registered sender's number without its hyphens."""
    return "".join(filter(str.isdigit, sender))


def size(text: str) -> int:
    """Bytes on the air; raises `Invalid` for what no carrier would carry, before it costs anything."""
    try:
        return len(text.encode(CHARSET))
    except UnicodeEncodeError:
        raise Invalid("the text has a character that SMS cannot carry", field="text") from None


def kind_for(text: str, number: Number) -> Kind:
    """The short kind if the text fits, else the long one, which stays within Korea; raises `Invalid`."""
    octets = size(text)
    limit = SMS_BYTES if number.abroad else LMS_BYTES
    if not text.strip() or octets > limit:
        raise Invalid(f"a text to this number holds 1 to {limit} bytes", field="text")
    return Kind.SMS if octets <= SMS_BYTES else Kind.LMS


def subject_for(kind: Kind, subject: str) -> str:
    """The subject over a long text, as much as fits and can be carried; a short text has none."""
    if kind is Kind.SMS:
        return ""
    plain = " ".join(subject.split())
    return plain.encode(CHARSET, "ignore")[:SUBJECT_BYTES].decode(CHARSET, "ignore").strip()
