"""Telephone numbers as people type them."""

import pytest

from otpward.core.errors import Invalid
from otpward.core.policy.phones import to_e164


@pytest.mark.parametrize(
    "typed",
    [
        "010-5550-1101",
        "01055501101",
        " 010 5550 1101 ",
        "+82 10-5550-1101",
        "+821055501101",
        "010.5550.1101",
        "０１０５５５０１１０１",
    ],
)
def test_a_number_is_the_same_however_it_is_typed(typed: str) -> None:
    assert to_e164(typed) == "+821055501101"


def test_a_number_from_abroad_keeps_its_country() -> None:
    assert to_e164("+1 212 555 0123") == "+12125550123"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "010",
        "010-5550-110",
        "phone",
        "0" * 41,
        "010-5550-11011101",
        "+",
        "+999123",
        "010-5550-11011",
        "010-5550-1101\x00" * 9,
    ],
)
def test_what_is_no_number_names_its_field(typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        to_e164(typed)
    assert refused.value.field == "phone"
