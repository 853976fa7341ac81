"""The canonical form of what is signed."""

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otpward.core.errors import Invalid
from otpward.core.model.currency import DECIMALS
from otpward.core.model.transaction import HEADING, LONGEST, Transaction

MONEY = {"amount": "1000", "currency": "KRW"}

lines = (
    st.text(
        st.characters(blacklist_categories=("Zs", "Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"), max_codepoint=0xFFFF),
        min_size=1,
        max_size=12,
    )
    .map(lambda text: unicodedata.normalize("NFC", text))
    .filter(lambda text: text == " ".join(text.split()) and len(text) <= 34)
)
transactions = st.fixed_dictionaries(
    {"action": lines},
    optional={"payee": lines, "bank": lines, "reference": lines, "account": st.from_regex(r"[0-9A-Z]{1,10}", fullmatch=True)},
)


def test_the_text_is_as_documented() -> None:
    asked = Transaction(
        reference="회비", account="110-123-456789", bank="한빛은행", payee="홍길동", currency="KRW", amount="1000000"
    )
    assert asked.canonical == (
        "otpward-transaction-1\namount=1000000\ncurrency=KRW\npayee=홍길동\nbank=한빛은행\naccount=110-123-456789\nreference=회비\n"
    )


@given(values=transactions, seed=st.randoms())
def test_the_order_of_the_values_makes_no_difference(values: dict[str, str], seed: Any) -> None:
    names = list(values)
    seed.shuffle(names)
    assert Transaction(**{name: values[name] for name in names}).canonical == Transaction(**values).canonical


@given(one=transactions, other=transactions)
def test_other_data_is_another_text(one: dict[str, str], other: dict[str, str]) -> None:
    first, second = Transaction(**one), Transaction(**other)
    assert (first.canonical == second.canonical) is (first == second) is (one == other)


@given(values=transactions)
def test_the_text_can_be_taken_apart_again(values: dict[str, str]) -> None:
    heading, *rest = Transaction(**values).canonical.removesuffix("\n").split("\n")
    assert heading == HEADING
    assert dict(line.split("=", 1) for line in rest) == values


@given(st.dictionaries(st.sampled_from(["action", "amount", "currency", *LONGEST]), st.text(max_size=20)))
def test_whatever_comes_is_taken_or_refused_by_name(values: dict[str, str]) -> None:
    try:
        text = Transaction(**values).canonical
    except Invalid as refused:
        field = refused.field
    else:
        field = "transaction."
        assert text == unicodedata.normalize("NFC", text)
    assert (field or "").startswith("transaction.")


def test_composed_and_decomposed_letters_are_the_same() -> None:
    apart = unicodedata.normalize("NFD", "홍길동")
    assert apart != "홍길동"
    assert Transaction(payee=apart, **MONEY) == Transaction(payee="홍길동", **MONEY)


@pytest.mark.parametrize(
    ("amount", "currency", "kept"),
    [
        ("1000", "KRW", "1000"),
        ("1000", "USD", "1000.00"),
        ("0.5", "EUR", "0.50"),
        ("0.001", "KWD", "0.001"),
        ("999999999999999", "JPY", "999999999999999"),
        ("1.2", "CLF", "1.2000"),
    ],
)
def test_an_amount_has_the_decimals_of_its_currency(amount: str, currency: str, kept: str) -> None:
    assert Transaction(amount=amount, currency=currency).amount == kept


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({}, "action"),
        ({"payee": "홍길동"}, "action"),
        ({"amount": "1000"}, "currency"),
        ({"currency": "KRW"}, "amount"),
        ({"amount": "1000", "currency": "XXX"}, "currency"),
        ({"amount": "1000", "currency": "krw"}, "currency"),
        ({"amount": "1000", "currency": "ＫＲＷ"}, "currency"),
        *(
            ({"amount": amount, "currency": "USD"}, "amount")
            for amount in (
                *("0", "0.00", "-1", "+1", "1,000", "1e3", "01", "1.", ".5", "1.234", "1.23456", " 1", "1 ", "NaN"),
                *("１０００", "1000000000000000", "1" * 10_240),
            )
        ),
        ({"amount": "1.5", "currency": "KRW"}, "amount"),
        *(
            ({"payee": payee, **MONEY}, "payee")
            for payee in (
                " 홍",
                "홍 ",
                "홍  길",
                "홍\u3000길",
                "홍\u00a0길",
                "홍\n길",
                "홍\t길",
                "홍\0",
                "홍\u200b",
                "홍\u202e",
                "\ud800",
            )
        ),
        ({"payee": "가" * 141, **MONEY}, "payee"),
        ({"payee": unicodedata.normalize("NFD", "각") * 141, **MONEY}, "payee"),
        ({"payee": "x" * 10_240, **MONEY}, "payee"),
        ({"reference": "a\namount=1", **MONEY}, "reference"),
        *(
            ({"account": account, **MONEY}, "account")
            for account in ("１１０", "110--1", "-110", "110-", "110.1", "가1", "1" * 35)
        ),
    ],
)
def test_what_cannot_be_signed_as_it_is_is_refused(values: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        Transaction(**values)
    assert caught.value.field == f"transaction.{field}"


def test_currencies_are_three_letters_and_each_is_there_once() -> None:
    assert all(len(code) == 3 and code.isascii() and code.isupper() for code in DECIMALS)
    assert (DECIMALS["KRW"], DECIMALS["USD"], DECIMALS["KWD"]) == (0, 2, 3)
    assert len(DECIMALS) > 150
