"""An OCRA suite: the text in which token and server agree on how an answer is computed (RFC 6287 §6)."""

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import ClassVar, Final

from otpward.core.errors import Invalid
from otpward.core.oath.model import OCRA_DIGITS_MIN, Algorithm, Parameters, TokenKind

SUITE_MAX: Final = 64
QUESTION_MIN: Final = 4
QUESTION_MAX: Final = 64
SESSION_MAX_OCTETS: Final = 512
QUESTION_USUAL: Final = "N08"  # what a bare Q, P, S or T means (RFC 6287 §6.3)
PIN_USUAL: Final = "SHA1"
SESSION_USUAL: Final = "064"
STEP_USUAL: Final = "1M"

SHAPE: Final = re.compile(
    r"OCRA-1:HOTP-(?P<hash>SHA1|SHA256|SHA512)-(?P<digits>0|[1-9][0-9]?)"
    r":(?P<counter>C-)?Q(?P<question>[ANH][0-9]{2})?"
    r"(?P<pin>-P(?:SHA1|SHA256|SHA512)?)?(?P<session>-S(?:[0-9]{3})?)?(?P<step>-T(?:(?:0|[1-9][0-9]?)[SMH])?)?",
    re.ASCII,
)
STEP_UNITS: Final = {"S": (1, 59), "M": (60, 59), "H": (3600, 48)}
"""How long a unit is, and of how many a step consists at most (RFC 6287 table 3)."""


class NoTruncation(Invalid):
    """A suite with t = 0 hands out the whole HMAC, for which RFC 6287 defines no text that a person could type."""

    code: ClassVar[str] = "no_truncation"


class QuestionForm(StrEnum):
    """Of what a question is made (RFC 6287 table 2)."""

    ALPHANUMERIC = "A"
    NUMERIC = "N"
    HEXADECIMAL = "H"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """A suite, read. `text` is what goes into the HMAC; `pin_hash` is None where no PIN takes part, `session_octets` and
    `step_s` are 0 where no session and no time does."""

    text: str
    algorithm: Algorithm
    digits: int
    counter: bool
    form: QuestionForm
    length: int
    pin_hash: Algorithm | None
    session_octets: int
    step_s: int

    @property
    def parameters(self) -> Parameters:
        """What the hot row of a token says of it."""
        return Parameters(kind=TokenKind.OCRA, algorithm=self.algorithm, digits=self.digits, period_s=self.step_s or None)

    @property
    def of_server(self) -> "Suite":
        """The suite of the server's own answer in mutual mode: the same without the PIN, which the server does not type (RFC
        6287 §7.3)."""
        return replace(self, text=re.sub(r"-P(?:SHA[0-9]+)?", "", self.text), pin_hash=None)


def parse_suite(text: str) -> Suite:
    """Read a suite. Letters are upper case, numbers have no needless zeros, and nothing else stands before, between or after.

    Raises:
        NoTruncation: t is 0.
        Invalid: not a suite of RFC 6287, or one of its numbers is out of range.
    """
    shape = SHAPE.fullmatch(text) if len(text) <= SUITE_MAX else None
    if shape is None:
        raise Invalid("not a suite of RFC 6287", field="suite")
    digits = int(shape["digits"])
    if digits == 0:
        raise NoTruncation("a suite without truncation has no answer that could be typed", field="suite")
    if digits < OCRA_DIGITS_MIN:
        raise Invalid(f"an answer has at least {OCRA_DIGITS_MIN} digits", field="suite")
    question = shape["question"] or QUESTION_USUAL
    length = int(question[1:])
    if not QUESTION_MIN <= length <= QUESTION_MAX:
        raise Invalid(f"a question has {QUESTION_MIN} to {QUESTION_MAX} characters", field="suite")
    pin, session, step = shape["pin"], shape["session"], shape["step"]
    suite = Suite(
        text=text,
        algorithm=Algorithm(shape["hash"].lower()),
        digits=digits,
        counter=shape["counter"] is not None,
        form=QuestionForm(question[0]),
        length=length,
        pin_hash=None if pin is None else Algorithm((pin[2:] or PIN_USUAL).lower()),
        session_octets=0 if session is None else _session_octets(session[2:] or SESSION_USUAL),
        step_s=0 if step is None else _step_s(step[2:] or STEP_USUAL),
    )
    _ = suite.parameters  # refuses an eleventh digit
    return suite


def _session_octets(text: str) -> int:
    octets = int(text)
    if not 1 <= octets <= SESSION_MAX_OCTETS:
        raise Invalid(f"a session has 1 to {SESSION_MAX_OCTETS} octets", field="suite")
    return octets


def _step_s(text: str) -> int:
    # The RFC's table begins with 0H, but steps of no length cannot be counted.
    seconds, most = STEP_UNITS[text[-1]]
    count = int(text[:-1])
    if not 1 <= count <= most:
        raise Invalid(f"a time step has 1 to {most} of its unit", field="suite")
    return seconds * count
