"""How a key that answers challenges is described (RFC 6030 §4.3.4): its suite, and formats that must not say otherwise."""

from collections.abc import Mapping
from typing import Final
from xml.etree.ElementTree import Element

from otpward.core.formats.branches import child
from otpward.core.formats.pskc.names import PSKC
from otpward.core.formats.pskc.values import integer
from otpward.core.formats.records import RefusedRow, RowFault, checked_suite
from otpward.core.oath.ocra_suite import QuestionForm, Suite

ENCODINGS: Final[Mapping[str, QuestionForm]] = {
    "DECIMAL": QuestionForm.NUMERIC,
    "HEXADECIMAL": QuestionForm.HEXADECIMAL,
    "ALPHANUMERIC": QuestionForm.ALPHANUMERIC,
}


def read_suite(text: str | None, parameters: Element | None) -> Suite:
    """The suite, if the device can be asked its questions and gives its answers.

    Raises:
        RefusedRow: no suite of RFC 6287, or a format beside it that contradicts it.
    """
    suite = checked_suite(text)
    form = child(parameters, f"{PSKC}ResponseFormat")
    if form is not None:
        _refuse_check_digit(form, RowFault.RESPONSE_FORMAT)
        if form.get("Encoding", "DECIMAL") != "DECIMAL":
            raise RefusedRow(RowFault.RESPONSE_FORMAT, "the answer is not decimal")
        if integer(form.get("Length", ""), form) != suite.digits:
            raise RefusedRow(RowFault.DIGITS, "the answer has another length than the suite says")
    form = child(parameters, f"{PSKC}ChallengeFormat")
    if form is not None:
        _refuse_check_digit(form, RowFault.CHALLENGE_FORMAT)
        if ENCODINGS.get(form.get("Encoding", "")) is not suite.form:
            raise RefusedRow(RowFault.CHALLENGE_FORMAT, "the question has another form than the suite says")
        least, most = (integer(form.get(name, ""), form) for name in ("Min", "Max"))
        if not least <= suite.length <= most:
            raise RefusedRow(RowFault.CHALLENGE_FORMAT, "the device takes no question of the suite's length")
    return suite


def _refuse_check_digit(form: Element, reason: RowFault) -> None:
    if form.get("CheckDigits", form.get("CheckDigit", "false")) not in ("false", "0"):
        raise RefusedRow(reason, "a check digit, which is not supported")
