"""A question stands for one transaction and for chance."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otpward.core.errors import Invalid
from otpward.core.model.transaction import Transaction
from otpward.core.oath.ocra import ALPHABETS, question_octets
from otpward.core.oath.ocra_suite import QuestionForm, parse_suite
from otpward.core.oath.question import checked_client_challenge, make_question, make_session

NONCE = bytes(range(32))
LONG = parse_suite("OCRA-1:HOTP-SHA256-8:QA20-S064")
DATA = Transaction(amount="1000", currency="KRW", payee="홍길동").canonical


@given(form=st.sampled_from(QuestionForm), length=st.integers(4, 64), nonce=st.binary(min_size=32, max_size=32))
def test_a_question_is_of_its_suite(form: QuestionForm, length: int, nonce: bytes) -> None:
    suite = parse_suite(f"OCRA-1:HOTP-SHA1-6:Q{form}{length:02d}")
    question = make_question(suite, nonce, DATA)
    assert len(question) == length
    assert ALPHABETS[form].fullmatch(question)
    assert len(question_octets(suite, question)) == 128
    assert checked_client_challenge(suite, question) == question


@given(one=st.text(max_size=50), other=st.text(max_size=50))
def test_other_data_is_another_question(one: str, other: str) -> None:
    questions = [make_question(LONG, NONCE, text.encode("utf-8", "replace").decode()) for text in (one, other)]
    same = one.encode("utf-8", "replace") == other.encode("utf-8", "replace")
    assert (questions[0] == questions[1]) is same


@given(one=st.binary(min_size=32, max_size=32), other=st.binary(min_size=32, max_size=32))
def test_other_chance_is_another_question(one: bytes, other: bytes) -> None:
    assert (make_question(LONG, one, DATA) == make_question(LONG, other, DATA)) is (one == other)


def test_a_question_can_be_made_again_from_the_record() -> None:
    assert make_question(parse_suite("OCRA-1:HOTP-SHA1-6:QN08"), NONCE, DATA) == "29215189"
    assert make_question(parse_suite("OCRA-1:HOTP-SHA1-6:QN10"), NONCE, DATA) != "29215189"


def test_every_digit_comes_about_as_often() -> None:
    suite = parse_suite("OCRA-1:HOTP-SHA1-6:QN64")
    digits = "".join(make_question(suite, n.to_bytes(32), DATA) for n in range(500))
    assert all(2_900 < digits.count(digit) < 3_500 for digit in "0123456789")


def test_what_is_typed_by_hand_has_no_letters_that_look_alike() -> None:
    suite = parse_suite("OCRA-1:HOTP-SHA1-6:QA64")
    assert not set("".join(make_question(suite, n.to_bytes(32), DATA) for n in range(50))) & set("0O1ILUoil")


def test_a_session_is_the_whole_hash_of_the_transaction() -> None:
    assert make_session(LONG, "abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert make_session(parse_suite("OCRA-1:HOTP-SHA256-8:QA20"), "abc") == ""
    with pytest.raises(Invalid):
        make_session(parse_suite("OCRA-1:HOTP-SHA256-8:QA20-S063"), "abc")


@pytest.mark.parametrize("text", ["", "1234567", "123456789", "1234567a", "１２３４５６７８", "1" * 10_240, "1234567\n"])
def test_a_client_challenge_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        checked_client_challenge(parse_suite("OCRA-1:HOTP-SHA1-6:QN08"), text)
    assert caught.value.field == "client_challenge"
