"""Business registration numbers: ten digits, of which the last tells a slip of the finger."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otpward.core.errors import Invalid
from otpward.core.policy.companies import is_company_number, to_company_number, written_company


@pytest.mark.parametrize("typed", ["1234567891", "123-45-67891", " 123 45 67891 ", "123-4567891"])
def test_a_number_is_taken_however_it_is_written(typed: str) -> None:
    assert to_company_number(typed) == "1234567891"


@pytest.mark.parametrize(
    "typed",
    ["", "123-45-6789", "123-45-67890", "12345678911", "１２３４５６７８９１", "1980-01-02", "800101-1234567", "-" * 50, "abc"],
    ids=["nothing", "short", "a digit wrong", "too long", "wide digits", "a birth date", "a person's", "hyphens", "letters"],
)
def test_what_cannot_be_one_is_refused(typed: str) -> None:
    with pytest.raises(Invalid) as caught:
        to_company_number(typed)
    assert caught.value.field == "company"
    assert not is_company_number(typed)


@given(st.text(alphabet="0123456789", min_size=9, max_size=9))
def test_exactly_one_last_digit_fits(digits: str) -> None:
    fitting = [last for last in "0123456789" if is_company_number(digits + last)]
    assert len(fitting) == 1
    assert to_company_number(written_company(digits + fitting[0])) == digits + fitting[0]


@given(st.text())
def test_nothing_but_invalid_is_raised(typed: str) -> None:
    assert is_company_number(typed) in {True, False}
