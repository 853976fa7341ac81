"""A question becomes an answer, and an answer is looked for (RFC 6287)."""

import hashlib
import hmac
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otpward.core.errors import Invalid
from otpward.core.oath.model import Algorithm, Parameters, TokenKind
from otpward.core.oath.ocra import DataInput, Place, find_answers, hash_pin, ocra, question_octets
from otpward.core.oath.ocra_suite import NoTruncation, QuestionForm, Suite, parse_suite
from otpward.core.secret import Secret
from tests.vectors.rows import rows

KEY = Secret(b"12345678901234567890")
ROWS = rows("rfc6287/ocra.json")
NUMERIC = parse_suite("OCRA-1:HOTP-SHA1-6:QN08")
FULL = parse_suite("OCRA-1:HOTP-SHA256-8:C-QN08-PSHA1-S064-T1M")


def by_id(row: dict[str, Any]) -> str:
    return str(row["id"])


def what(row: dict[str, Any], suite: Suite) -> tuple[Secret, DataInput, Place]:
    pin = hash_pin(suite, Secret(row["pin"].encode())) if suite.pin_hash else Secret(b"")
    step = row["unix_time"] // suite.step_s if suite.step_s else None
    place = Place(counter=row["counter"] if suite.counter else None, step=step)
    return Secret(bytes.fromhex(row["secret_hex"])), DataInput(question=row["question"], pin_hash=pin), place


@pytest.mark.parametrize("row", ROWS, ids=by_id)
def test_ocra_is_that_of_rfc_6287(row: dict[str, Any]) -> None:
    suite = parse_suite(row["suite"])
    key, asked, place = what(row, suite)
    assert ocra(key, suite, asked, place) == row["response"]
    assert find_answers(key, suite, asked, row["response"], [place]) == (place,)
    if "pin_hash_hex" in row:
        assert asked.pin_hash.reveal().hex() == row["pin_hash_hex"]
    if "time_steps_hex" in row:
        assert place.step == int(row["time_steps_hex"], 16)


def test_all_rows_are_there() -> None:
    assert len(ROWS) == 70


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("OCRA-1:HOTP-SHA1-6:QN08", (Algorithm.SHA1, 6, False, "N", 8, None, 0, 0)),
        ("OCRA-1:HOTP-SHA512-8:C-QA64", (Algorithm.SHA512, 8, True, "A", 64, None, 0, 0)),
        ("OCRA-1:HOTP-SHA256-4:QH04-PSHA512", (Algorithm.SHA256, 4, False, "H", 4, Algorithm.SHA512, 0, 0)),
        ("OCRA-1:HOTP-SHA1-10:C-QN08-PSHA256-S512-T48H", (Algorithm.SHA1, 10, True, "N", 8, Algorithm.SHA256, 512, 172_800)),
        ("OCRA-1:HOTP-SHA1-6:QN08-T59S", (Algorithm.SHA1, 6, False, "N", 8, None, 0, 59)),
        ("OCRA-1:HOTP-SHA1-6:QN08-T5M", (Algorithm.SHA1, 6, False, "N", 8, None, 0, 300)),
        ("OCRA-1:HOTP-SHA1-6:Q-P-S-T", (Algorithm.SHA1, 6, False, "N", 8, Algorithm.SHA1, 64, 60)),
    ],
)
def test_a_suite_is_read(text: str, facts: tuple[object, ...]) -> None:
    suite = parse_suite(text)
    read = (suite.algorithm, suite.digits, suite.counter, suite.form.value, suite.length)
    assert (*read, suite.pin_hash, suite.session_octets, suite.step_s) == facts
    assert suite.text == text
    period_s = suite.step_s or None
    assert suite.parameters == Parameters(
        kind=TokenKind.OCRA, algorithm=suite.algorithm, digits=suite.digits, period_s=period_s
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "OCRA-1",
        "OCRA-1:HOTP-SHA1-6",
        "OCRA-1:HOTP-SHA1-6:",
        "OCRA-1:HOTP-SHA1-6:C",
        "OCRA-2:HOTP-SHA1-6:QN08",
        "ocra-1:hotp-sha1-6:qn08",
        "OCRA-1:TOTP-SHA1-6:QN08",
        "OCRA-1:HOTP-MD5-6:QN08",
        "OCRA-1:HOTP-SHA384-6:QN08",
        "OCRA-1:HOTP-SHA-1-6:QN08",
        "OCRA-1:HOTP-SHA1-3:QN08",
        "OCRA-1:HOTP-SHA1-11:QN08",
        "OCRA-1:HOTP-SHA1-06:QN08",
        "OCRA-1:HOTP-SHA1-00:QN08",
        "OCRA-1:HOTP-SHA1--6:QN08",
        "OCRA-1:HOTP-SHA1-６:QN08",
        "OCRA-1:HOTP-SHA1-6:QN03",
        "OCRA-1:HOTP-SHA1-6:QN65",
        "OCRA-1:HOTP-SHA1-6:QN8",
        "OCRA-1:HOTP-SHA1-6:QN008",
        "OCRA-1:HOTP-SHA1-6:QB08",
        "OCRA-1:HOTP-SHA1-6:QN08-C",
        "OCRA-1:HOTP-SHA1-6:C-C-QN08",
        "OCRA-1:HOTP-SHA1-6:QN08-QN08",
        "OCRA-1:HOTP-SHA1-6:QN08-PMD5",
        "OCRA-1:HOTP-SHA1-6:QN08-S64",
        "OCRA-1:HOTP-SHA1-6:QN08-S000",
        "OCRA-1:HOTP-SHA1-6:QN08-S513",
        "OCRA-1:HOTP-SHA1-6:QN08-S064-PSHA1",
        "OCRA-1:HOTP-SHA1-6:QN08-T1M-S064",
        "OCRA-1:HOTP-SHA1-6:QN08-T0S",
        "OCRA-1:HOTP-SHA1-6:QN08-T60S",
        "OCRA-1:HOTP-SHA1-6:QN08-T0M",
        "OCRA-1:HOTP-SHA1-6:QN08-T60M",
        "OCRA-1:HOTP-SHA1-6:QN08-T0H",
        "OCRA-1:HOTP-SHA1-6:QN08-T49H",
        "OCRA-1:HOTP-SHA1-6:QN08-T01M",
        "OCRA-1:HOTP-SHA1-6:QN08-T1D",
        "OCRA-1:HOTP-SHA1-6:QN08-T1M1S",
        "OCRA-1:HOTP-SHA1-6:QN08-",
        "OCRA-1:HOTP-SHA1-6:QN08\n",
        " OCRA-1:HOTP-SHA1-6:QN08",
        "OCRA-1:HOTP-SHA1-6:QN08:C",
        "OCRA-1:HOTP-SHA1-6:QN08" + "-T1M" * 5000,
    ],
)
def test_what_is_no_suite_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse_suite(text)
    assert caught.value.field in {"suite", "digits"}


def test_a_suite_without_truncation_is_refused_by_name() -> None:
    with pytest.raises(NoTruncation):
        parse_suite("OCRA-1:HOTP-SHA1-0:QN08")


@given(st.text(alphabet="OCRAHTPSMQN-:0123456789", max_size=70))
def test_reading_a_suite_ends_in_one_or_in_a_refusal(text: str) -> None:
    with suppress(Invalid):
        assert parse_suite("OCRA-1:HOTP-" + text).text.endswith(text)


@pytest.mark.parametrize(
    ("form", "question", "begins"),
    [
        ("N", "00000000", "00"),
        ("N", "12345678", "bc614e"),
        ("N", "00000016", "10"),
        ("N", "00000017", "11"),
        ("N", "11111111", "a98ac7"),
        ("N", "00000256", "1000"),
        ("N", "00000001", "10"),
        ("H", "abc", "abc0"),
        ("H", "ABCDEF01", "abcdef01"),
        ("A", "SIG10000", "5349473130303030"),
    ],
)
def test_a_question_is_written_as_the_erratum_says_and_filled_with_zeros(form: str, question: str, begins: str) -> None:
    octets = question_octets(parse_suite(f"OCRA-1:HOTP-SHA1-6:Q{form}08"), question)
    assert octets == bytes.fromhex(begins).ljust(128, b"\0")


def test_two_longest_questions_just_fit() -> None:
    assert question_octets(parse_suite("OCRA-1:HOTP-SHA1-6:QA64"), "x" * 128) == b"x" * 128


@pytest.mark.parametrize(
    ("form", "question"),
    [
        ("N", ""),
        ("N", "1234567a"),
        ("N", "１２３４"),
        ("N", "-1234"),
        ("N", "1234\n"),
        ("H", "12g4"),
        ("A", "ab c"),
        ("A", "äbcd"),
        ("A", "ab_d"),
        ("A", "a" * 17),
        ("N", "1" * 10_000),
    ],
)
def test_a_question_of_another_form_is_refused(form: str, question: str) -> None:
    with pytest.raises(Invalid) as caught:
        question_octets(parse_suite(f"OCRA-1:HOTP-SHA1-6:Q{form}08"), question)
    assert caught.value.field == "question"


def test_all_fields_stand_in_the_order_of_the_rfc() -> None:
    pin = hash_pin(FULL, Secret(b"1234"))
    message = (
        FULL.text.encode()
        + b"\0"
        + (7).to_bytes(8)
        + question_octets(FULL, "12345678")
        + pin.reveal()
        + b"session".rjust(64, b"\0")
        + (9).to_bytes(8)
    )
    mac = hmac.digest(KEY.reveal(), message, hashlib.sha256)
    cut = int.from_bytes(mac[mac[-1] & 15 :][:4]) & 0x7FFF_FFFF
    asked = DataInput(question="12345678", pin_hash=pin, session="session")
    assert ocra(KEY, FULL, asked, Place(counter=7, step=9)) == f"{cut % 10**8:08d}"


@pytest.mark.parametrize(
    ("suite", "asked", "place", "field"),
    [
        (NUMERIC, DataInput(question="12345678"), Place(counter=0), "counter"),
        (NUMERIC, DataInput(question="12345678"), Place(step=0), "step"),
        (NUMERIC, DataInput(question="12345678", pin_hash=Secret(bytes(20))), Place(), "pin"),
        (NUMERIC, DataInput(question="12345678", session="x"), Place(), "session"),
        (FULL, DataInput(question="12345678", pin_hash=Secret(bytes(20)), session="x"), Place(step=1), "counter"),
        (FULL, DataInput(question="12345678", pin_hash=Secret(bytes(20)), session="x"), Place(counter=1), "step"),
        (FULL, DataInput(question="12345678", session="x"), Place(counter=1, step=1), "pin"),
        (FULL, DataInput(question="12345678", pin_hash=Secret(bytes(20))), Place(counter=1, step=1), "session"),
        (
            FULL,
            DataInput(question="12345678", pin_hash=Secret(bytes(20)), session="x" * 65),
            Place(counter=1, step=1),
            "session",
        ),
        (
            FULL,
            DataInput(question="12345678", pin_hash=Secret(bytes(20)), session="x"),
            Place(counter=2**64, step=1),
            "counter",
        ),
        (FULL, DataInput(question="12345678", pin_hash=Secret(bytes(20)), session="x"), Place(counter=1, step=-1), "step"),
    ],
)
def test_what_does_not_fit_the_suite_is_refused(suite: Suite, asked: DataInput, place: Place, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        ocra(KEY, suite, asked, place)
    assert caught.value.field == field


def test_a_suite_without_a_pin_hashes_none() -> None:
    with pytest.raises(Invalid):
        hash_pin(NUMERIC, Secret(b"1234"))


def test_the_server_answers_without_the_pin() -> None:
    mine = parse_suite("OCRA-1:HOTP-SHA512-8:C-QA08-PSHA1-S064-T1M").of_server
    assert mine == parse_suite("OCRA-1:HOTP-SHA512-8:C-QA08-S064-T1M")
    assert parse_suite("OCRA-1:HOTP-SHA512-8:QA08-P").of_server == parse_suite("OCRA-1:HOTP-SHA512-8:QA08")
    assert NUMERIC.of_server == NUMERIC


@given(
    digits=st.integers(4, 10),
    form=st.sampled_from(QuestionForm),
    counter=st.integers(0, 2**64 - 20),
    step=st.integers(0, 2**40),
    at=st.integers(0, 9),
)
def test_an_answer_is_found_where_it_stands(digits: int, form: QuestionForm, counter: int, step: int, at: int) -> None:
    suite = parse_suite(f"OCRA-1:HOTP-SHA256-{digits}:C-Q{form}08-T30S")
    places = [Place(counter=counter + n // 3, step=step + n % 3) for n in range(10)]
    answer = ocra(KEY, suite, DataInput(question="12345678"), places[at])
    assert len(answer) == digits
    assert answer.isascii()
    assert answer.isdigit()
    assert places[at] in find_answers(KEY, suite, DataInput(question="12345678"), answer, places)


@pytest.mark.parametrize("typed", ["", "23765", "2376531", "２３７６５３", "23765a", "237653\n", "\ud800" * 6, "1" * 10_240])
def test_only_the_answer_itself_is_found(typed: str) -> None:
    seed, asked, place = what(ROWS[0], NUMERIC)
    assert find_answers(seed, NUMERIC, asked, "237653", [place]) == (place,)
    assert find_answers(seed, NUMERIC, asked, typed, [place]) == ()
