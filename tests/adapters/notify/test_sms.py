"""What every gateway asks of a text: ninety bytes go short, two thousand long, and what cannot be carried does not go."""

import pytest

from otpward.adapters.notify.sms import Kind, Number, kind_for, phone_number, sender_digits, subject_for
from otpward.core.errors import Invalid

HERE = Number(country=82, digits="01012345678")
ABROAD = Number(country=1, digits="4155552671")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("a" * 90, Kind.SMS),
        ("가" * 45, Kind.SMS),
        ("뷁" * 45, Kind.SMS),
        ("a" * 91, Kind.LMS),
        ("가" * 45 + "a", Kind.LMS),
        ("가" * 46, Kind.LMS),
        ("a" * 2000, Kind.LMS),
        ("가" * 1000, Kind.LMS),
    ],
    ids=["90 letters", "45 syllables", "45 rare ones", "91 letters", "45 and one", "46 syllables", "2000", "1000 syllables"],
)
def test_the_kind_follows_from_the_bytes(text: str, kind: Kind) -> None:
    assert kind_for(text, HERE) is kind


@pytest.mark.parametrize(
    ("text", "number"),
    [("", HERE), (" \n", HERE), ("a" * 2001, HERE), ("가" * 1000 + "a", HERE), ("😀", HERE), ("𠮷", HERE), ("a" * 91, ABROAD)],
    ids=["empty", "blank", "2001 letters", "2001 bytes", "emoji", "rare character", "long text abroad"],
)
def test_what_cannot_be_carried_is_refused_before_it_costs_anything(text: str, number: Number) -> None:
    with pytest.raises(Invalid) as refusal:
        kind_for(text, number)
    assert refusal.value.field == "text"
    assert text.strip() == "" or text not in str(refusal.value)


@pytest.mark.parametrize(
    ("kind", "subject", "said"),
    [
        (Kind.SMS, "한빛기관", ""),
        (Kind.LMS, "한빛기관", "한빛기관"),
        (Kind.LMS, "가" * 21, "가" * 20),
        (Kind.LMS, "a" + "가" * 20, "a" + "가" * 19),
        (Kind.LMS, "한빛😀기관", "한빛기관"),
        (Kind.LMS, "두\n줄", "두 줄"),
        (Kind.LMS, "", ""),
    ],
    ids=["short text", "fits", "21 syllables", "half a syllable over", "emoji", "two lines", "none"],
)
def test_a_subject_stands_over_a_long_text_as_far_as_it_fits(kind: Kind, subject: str, said: str) -> None:
    assert subject_for(kind, subject) == said
    assert len(said.encode("cp949")) <= 40


@pytest.mark.parametrize(
    ("to", "number"),
    [("+821012345678", HERE), ("+82212345678", Number(country=82, digits="0212345678")), ("+14155552671", ABROAD)],
)
def test_a_number_is_taken_apart(to: str, number: Number) -> None:
    assert phone_number(to) == number
    assert number.abroad is not to.startswith("+82")


@pytest.mark.parametrize("to", ["", "01012345678", "+82", "+82101234567890123", "hong@example.com", "+8210123456;ext=9"])
def test_what_is_no_number_is_refused_and_not_repeated(to: str) -> None:
    with pytest.raises(Invalid) as refusal:
        phone_number(to)
    assert refusal.value.field == "to"
    assert not to or to not in str(refusal.value)


def test_a_sender_is_digits() -> None:
    assert sender_digits("02-1588-0000") == "0215880000"
