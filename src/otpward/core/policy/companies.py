"""Business registration numbers (사업자등록번호) as people type them, and as they are compared."""

import re
from typing import Final

from otpward.core.errors import Invalid

_WEIGHTS: Final = (1, 3, 7, 1, 3, 7, 1, 3, 5)
_LONGEST: Final = 40
_TEN_DIGITS: Final = re.compile(r"[0-9]{10}")
_BETWEEN: Final = re.compile(r"[\s-]+")


def to_company_number(typed: str) -> str:
    """Ten digits, from a number with or without hyphens; the last digit must fit the others (KOREA.md §4).

    Raises:
        Invalid: it cannot be one (field `company`).
    """
    digits = "" if len(typed) > _LONGEST else _BETWEEN.sub("", typed)
    if not _TEN_DIGITS.fullmatch(digits) or int(digits[-1]) != _last_digit(digits):
        raise Invalid("not a business registration number", field="company")
    return digits


def written_company(number: str) -> str:
    """As it stands on papers: 123-45-67891."""
    return f"{number[:3]}-{number[3:5]}-{number[5:]}"


def is_company_number(text: str) -> bool:
    """Whether this is such a number: where a birth date may stand, this stands for a company."""
    try:
        return bool(to_company_number(text))
    except Invalid:
        return False


def _last_digit(digits: str) -> int:
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, digits, strict=False)) + int(digits[8]) * 5 // 10
    return -total % 10
