"""What we write to people: short, whole, without a link or a seed."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from otpward.core.policy.called import Called
from otpward.core.policy.document.model import Said
from otpward.core.policy.notices import CODES, REMINDERS, TEXTS, NoticeKind, compose, short_date, short_time

SMS_OCTETS = 90
NAME = {"ko": "한빛기관", "en": "Hanbit"}
BRANCH = {"ko": "본점", "en": "Head Office"}
LONGEST_DAY = datetime(2026, 12, 30, 3, 59, tzinfo=UTC)


def values(language: str) -> dict[str, str]:
    return {
        "name": NAME[language],
        "phone": "1588-0000",
        "time": short_time(LONGEST_DAY, language),
        "date": short_date(LONGEST_DAY, language),
        "code": "012345",
        "minutes": "10",
        "number": "R-261230-7KQ4M2P",
        "branch": BRANCH[language],
        "tracking": "RR123456785KR",
        "link": "https://otp.hanbit.example/r/23456789ABCDEFGHJKMNPQRS",
    }


EVERY = pytest.mark.parametrize("kind", list(NoticeKind))
SHORT = pytest.mark.parametrize("kind", [kind for kind in NoticeKind if kind not in REMINDERS])
"""All but reminders, which have a link and go as long messages."""
BOTH = pytest.mark.parametrize("language", ["ko", "en"])


@SHORT
@BOTH
def test_a_notice_fits_one_text_message(kind: NoticeKind, language: str) -> None:
    text = compose(kind, language, values(language))
    assert len(text.encode("cp949")) <= SMS_OCTETS, text
    text.encode("euc_kr")  # what the gateways take; CP949 has letters that it has not


@EVERY
@BOTH
def test_a_notice_names_the_institution_and_leaves_no_gap(kind: NoticeKind, language: str) -> None:
    text = compose(kind, language, values(language))
    assert text.startswith(f"[{NAME[language]}] ")
    assert not re.search(r"[{}]", text)


@SHORT
@BOTH
def test_a_notice_has_no_link(kind: NoticeKind, language: str) -> None:
    assert not re.search(r"https?:|www\.|\w\.(kr|com|net|org)\b|://", compose(kind, language, values(language)))


@EVERY
@BOTH
def test_a_notice_says_whom_to_call(kind: NoticeKind, language: str) -> None:
    # N-67. The English phone code says what matters more and has no room for both.
    text = compose(kind, language, values(language))
    assert "1588-0000" in text or (kind in CODES and language == "en")


@pytest.mark.parametrize("kind", sorted(CODES))
@pytest.mark.parametrize(("language", "word"), [("ko", "인증"), ("en", "verify")])
def test_a_code_carries_the_word_that_gateways_route_by(kind: NoticeKind, language: str, word: str) -> None:
    text = compose(kind, language, values(language))
    assert word in text
    assert re.findall(r"\d{6}", text) == ["012345"]


@EVERY
@BOTH
def test_only_these_carry_a_code(kind: NoticeKind, language: str) -> None:
    assert ("{code}" in TEXTS[kind][language == "en"]) is (kind in CODES)


@EVERY
@BOTH
def test_a_notice_says_nothing_that_institutions_call_otherwise(kind: NoticeKind, language: str) -> None:
    # So `words` of the policy has nothing to replace here, and no notice gets longer by it.
    text = re.sub(r"{\w+}", "", TEXTS[kind][language == "en"])
    strange = Called(member=Said(ko="조합원", en="fellow"), branch=Said(ko="창구", en="office"))
    assert strange.put(text, language) == text


def test_words_from_outside_are_not_read_as_patterns() -> None:
    strange = values("en") | {"name": "{code} {0.__class__}"}
    text = compose(NoticeKind.CASE_SUBMITTED, "en", strange)
    assert text.startswith("[{code} {0.__class__}] ")


@pytest.mark.parametrize(
    ("language", "time", "date"),
    [("ko", "1월 1일 00:00", "1월 1일"), ("en", "1 Jan 00:00 KST", "1 Jan")],
)
def test_times_are_those_of_korea(language: str, time: str, date: str) -> None:
    midnight = datetime(2026, 12, 31, 15, 0, tzinfo=UTC)
    assert (short_time(midnight, language), short_date(midnight, language)) == (time, date)
    assert short_date(midnight - timedelta(microseconds=1), language) != date
