"""Numbers on parcels: what is read, what is refused, and the check digit of S10."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otpward.core.errors import Invalid
from otpward.core.formats.tracking import check_tracking_number, s10_check_digit

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "vectors" / "s10" / "s10.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["input"] or "empty")
def test_an_s10_number_is_judged_as_the_vectors_say(vector: dict[str, Any]) -> None:
    if vector["valid"]:
        assert check_tracking_number(vector["input"]) == vector["normalised"]
        assert s10_check_digit(vector["serial"]) == vector["check_digit"]
    else:
        with pytest.raises(Invalid) as refusal:
            check_tracking_number(vector["input"])
        assert refusal.value.field == "tracking_number"


@pytest.mark.parametrize("typed", ["6890100001233", "68901-0000-1233", " 68901 0000 1233 "])
def test_a_domestic_number_is_read_as_people_type_it(typed: str) -> None:
    assert check_tracking_number(typed) == "6890100001233"


@pytest.mark.parametrize(
    "typed", ["689010000123", "68901000012334", "689010000123A", "６８９０１００００１２３３", "6890100001233\n"]
)
def test_what_is_not_thirteen_digits_is_refused(typed: str) -> None:
    with pytest.raises(Invalid):
        check_tracking_number(typed)


@given(st.from_regex(r"[A-Z]{2}", fullmatch=True), st.from_regex(r"[0-9]{8}", fullmatch=True))
def test_a_number_made_by_the_rule_is_taken(service: str, serial: str) -> None:
    number = f"{service}{serial}{s10_check_digit(serial)}KR"
    assert check_tracking_number(number.lower()) == number


@given(st.text(max_size=40))
def test_any_text_is_either_a_number_or_refused(text: str) -> None:
    try:
        number = check_tracking_number(text)
    except Invalid:
        return
    assert len(number) == 13
    assert check_tracking_number(number) == number
