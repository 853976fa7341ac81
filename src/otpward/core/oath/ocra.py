"""A question becomes an answer (RFC 6287 §5), and an answer is looked for."""

import hashlib
import hmac
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from otpward.core.errors import Invalid
from otpward.core.oath.model import COUNTER_MAX
from otpward.core.oath.ocra_suite import QuestionForm, Suite
from otpward.core.secret import Secret

QUESTION_OCTETS: Final = 128  # RFC 6287 §5.1
ALPHABETS: Final = {
    QuestionForm.ALPHANUMERIC: re.compile(r"[0-9A-Za-z]+", re.ASCII),
    QuestionForm.NUMERIC: re.compile(r"[0-9]+", re.ASCII),
    QuestionForm.HEXADECIMAL: re.compile(r"[0-9A-Fa-f]+", re.ASCII),
}
NOTHING: Final = Secret(b"")


@dataclass(frozen=True, slots=True, kw_only=True)
class DataInput:
    """What an answer is computed over, beside counter and time (RFC 6287 §5.1): the question as the device takes it (in mutual
    mode both, in the order of the one who answers), the hash of the PIN, the session."""

    question: str
    pin_hash: Secret = NOTHING
    session: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where on the token's way an answer stands: its counter and its time step, None where the suite has none."""

    counter: int | None = None
    step: int | None = None


def ocra(key: Secret, suite: Suite, asked: DataInput, place: Place) -> str:
    """The answer of `key` to `asked` (RFC 6287 §5.2).

    Raises:
        Invalid: a value is missing, is there although the suite has none, or does not fit it.
    """
    return next(_answers(key, suite, asked, [place])).decode("ascii")


def find_answers(key: Secret, suite: Suite, asked: DataInput, typed: str, places: Sequence[Place]) -> tuple[Place, ...]:
    """All of `places` where the answer is `typed`, in their order.

    As with codes: text of exact length in constant time, and the search never stops early, so that its duration tells nothing.
    """
    guess = typed.encode("utf-8", "surrogatepass")
    answers = zip(places, _answers(key, suite, asked, places), strict=True)
    return tuple([place for place, answer in answers if hmac.compare_digest(answer, guess)])


def hash_pin(suite: Suite, pin: Secret) -> Secret:
    """What of a PIN goes into an answer: its hash, as the suite names it (RFC 6287 §5.1).

    Raises:
        Invalid: the suite has no PIN.
    """
    if suite.pin_hash is None:
        raise Invalid("the suite has no PIN", field="pin")
    return Secret(hashlib.new(suite.pin_hash, pin.reveal()).digest())


def question_octets(suite: Suite, question: str) -> bytes:
    """The question as it enters the HMAC, filled with zeros to 128 octets (RFC 6287 §5.1).

    A number is written in hexadecimal first; where that has an odd count of digits, a zero follows (erratum 3729).

    Raises:
        Invalid: a character that the suite's form does not know, or more than two questions of its length.
    """
    if len(question) > 2 * suite.length or not ALPHABETS[suite.form].fullmatch(question):
        raise Invalid("not a question of this suite", field="question")
    if suite.form is QuestionForm.ALPHANUMERIC:
        octets = question.encode("ascii")
    else:
        hexadecimal = f"{int(question):x}" if suite.form is QuestionForm.NUMERIC else question
        octets = bytes.fromhex(hexadecimal + "0" * (len(hexadecimal) % 2))
    return octets.ljust(QUESTION_OCTETS, b"\0")


def _answers(key: Secret, suite: Suite, asked: DataInput, places: Sequence[Place]) -> Iterator[bytes]:
    """The answer at each place. The HMAC begins with what they share and is copied from there."""
    start = hmac.new(key.reveal(), suite.text.encode("ascii") + b"\0", suite.algorithm)
    middle = question_octets(suite, asked.question) + _pin(suite, asked.pin_hash) + _session(suite, asked.session)
    for place in places:
        message = start.copy()
        message.update(_number(place.counter, here=suite.counter, field="counter"))
        message.update(middle)
        message.update(_number(place.step, here=suite.step_s > 0, field="step"))
        mac = message.digest()
        offset = mac[-1] & 0x0F
        number = int.from_bytes(mac[offset : offset + 4]) & 0x7FFF_FFFF  # RFC 4226 §5.3
        yield (b"%010d" % number)[-suite.digits :]


def _number(value: int | None, *, here: bool, field: str) -> bytes:
    if here != (value is not None) or not 0 <= (value or 0) <= COUNTER_MAX:
        raise Invalid(f"the suite has {'a' if here else 'no'} {field}", field=field)
    return b"" if value is None else value.to_bytes(8)


def _pin(suite: Suite, pin_hash: Secret) -> bytes:
    wanted = 0 if suite.pin_hash is None else hashlib.new(suite.pin_hash).digest_size
    if len(pin_hash) != wanted:
        raise Invalid("the hash of the PIN is not that of the suite", field="pin")
    return pin_hash.reveal()


def _session(suite: Suite, session: str) -> bytes:
    octets = session.encode("utf-8")
    if (suite.session_octets > 0) != bool(octets) or len(octets) > suite.session_octets:
        raise Invalid("the session is not that of the suite", field="session")
    return octets.rjust(suite.session_octets, b"\0")
