"""What is signed: a transaction in one canonical form, so that the same data is always the same text and other data never is.

The text is a heading, then a line `name=value` for each value that is there, in this order, each ended by a line feed, in
UTF-8 and Unicode normal form C. No value can hold a line feed, so no two transactions have one text.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Final

from otpward.core.errors import Invalid
from otpward.core.model.currency import DECIMALS

HEADING: Final = "otpward-transaction-1"
LONGEST: Final[Mapping[str, int]] = {
    "action": 140,
    "payee": 140,  # ISO 20022: a name, remittance information
    "bank": 70,
    "account": 34,  # an IBAN; Korean account numbers are shorter
    "reference": 140,
}
AMOUNT: Final = re.compile(r"(?P<whole>0|[1-9][0-9]{0,14})(?:\.(?P<part>[0-9]{1,4}))?", re.ASCII)
ACCOUNT: Final = re.compile(r"[0-9A-Za-z](?:[ -]?[0-9A-Za-z])*", re.ASCII)
UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Characters that a person does not see, or that reorder what they see."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """What the member is asked to agree to: an action in the relying system's own words, or an amount, and to whom it goes.

    Values are kept as they are signed: in normal form C, the amount with all decimals of its currency. The order of the fields
    is part of the format.

    Raises:
        Invalid: `field` names the value that cannot be taken.
    """

    action: str = ""
    amount: str = ""
    currency: str = ""
    payee: str = ""
    bank: str = ""
    account: str = ""
    reference: str = ""

    def __post_init__(self) -> None:
        for name, longest in LONGEST.items():
            object.__setattr__(self, name, _line(getattr(self, name), name, longest))
        if self.account and not ACCOUNT.fullmatch(self.account):
            raise _refused("account", "an account number has letters, digits, and single spaces or hyphens between them")
        if bool(self.amount) != bool(self.currency):
            missing = "currency" if self.amount else "amount"
            raise _refused(missing, "an amount has a currency, and a currency an amount")
        if self.amount:
            object.__setattr__(self, "amount", _amount(self.amount, self.currency))
        if not self.action and not self.amount:
            raise _refused("action", "say what is signed: an action or an amount")

    @property
    def canonical(self) -> str:
        """The text that is signed."""
        lines = [f"{name}={value}" for name, value in self.values.items()]
        return "".join(f"{line}\n" for line in (HEADING, *lines))

    @property
    def values(self) -> Mapping[str, str]:
        """The values that are there, by name, in order."""
        every = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in every.items() if value}


def _line(text: str, name: str, longest: int) -> str:
    if len(text) > longest:  # before it is normalised: nothing long is worth the work
        raise _refused(name, f"longer than {longest} characters")
    if any(unicodedata.category(letter) in UNSEEN for letter in text):
        raise _refused(name, "a character that cannot be seen")
    normal = unicodedata.normalize("NFC", text)
    if len(normal) > longest:
        raise _refused(name, f"longer than {longest} characters")
    if normal != " ".join(normal.split()):
        raise _refused(name, "a space at an end, two in a row, or one that is none")
    return normal


def _amount(text: str, currency: str) -> str:
    decimals = DECIMALS.get(currency)
    if decimals is None:
        raise _refused("currency", "not a currency of ISO 4217")
    shape = AMOUNT.fullmatch(text)
    if shape is None:
        raise _refused("amount", "not an amount: digits, and a point before decimals")
    part = shape["part"] or ""
    if len(part) > decimals:
        raise _refused("amount", f"{currency} has {decimals} decimals")
    if not (shape["whole"] + part).strip("0"):
        raise _refused("amount", "an amount is more than nothing")
    return f"{shape['whole']}.{part.ljust(decimals, '0')}" if decimals else shape["whole"]


def _refused(name: str, message: str) -> Invalid:
    return Invalid(message, field=f"transaction.{name}")
