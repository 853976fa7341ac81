"""A question that nobody can foresee and that stands for one transaction only (RFC 6287 §7 and §9)."""

from hashlib import sha256, shake_256
from typing import Final

from otpward.core.errors import Invalid
from otpward.core.ids import LETTERS
from otpward.core.oath.ocra import ALPHABETS
from otpward.core.oath.ocra_suite import QuestionForm, Suite

NONCE_OCTETS: Final = 32
SESSION_OCTETS: Final = 64  # a SHA-256 in hexadecimal, which just fits the RFC's usual session
_MARGIN_OCTETS: Final = 16
"""So much more chance than the characters need, that each is equally likely to one part in 2^128."""
_LETTERS: Final = {
    QuestionForm.ALPHANUMERIC: LETTERS,  # typed by hand, so without those that are taken for one another
    QuestionForm.NUMERIC: "0123456789",
    QuestionForm.HEXADECIMAL: "0123456789ABCDEF",
}


def make_question(suite: Suite, nonce: bytes, canonical: str) -> str:
    """The question of a suite's full length for this chance and this transaction.

    It is cut from a hash over both: as unpredictable as `nonce`, and another for other data. Whoever doubts later is shown the
    nonce and computes it again. It binds as far as its length goes; where the suite has a session, `make_session` binds wholly.
    """
    letters, data = _LETTERS[suite.form], canonical.encode("utf-8")
    hashed = shake_256(b"otpward-question-1\n" + len(nonce).to_bytes(4) + nonce + suite.text.encode("ascii") + b"\n" + data)
    number = int.from_bytes(hashed.digest(suite.length + _MARGIN_OCTETS))
    made = []
    for _ in range(suite.length):
        number, place = divmod(number, len(letters))
        made.append(letters[place])
    return "".join(made)


def make_session(suite: Suite, canonical: str) -> str:
    """The whole SHA-256 of the transaction as text, for a suite with a session; empty for one without.

    Raises:
        Invalid: the suite's session is too short for it.
    """
    if not suite.session_octets:
        return ""
    if suite.session_octets < SESSION_OCTETS:
        raise Invalid(f"a session of less than {SESSION_OCTETS} octets holds no whole hash", field="suite")
    return sha256(canonical.encode("utf-8")).hexdigest()


def checked_client_challenge(suite: Suite, text: str) -> str:
    """The question that a token asks the server in mutual mode: of the suite's form and full length, so that no other two
    questions make the same text, and hexadecimal digits in one case, so that the same question is seen to be the same.

    Raises:
        Invalid: it is not.
    """
    if len(text) != suite.length or not ALPHABETS[suite.form].fullmatch(text):
        raise Invalid(
            f"the client's challenge has {suite.length} characters of the form {suite.form}", field="client_challenge"
        )
    return text.upper() if suite.form is QuestionForm.HEXADECIMAL else text
