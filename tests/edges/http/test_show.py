"""Values as they are shown: fixed patterns, the institution's zone, and nothing more than may be seen."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from otpward.edges.http.show import Show, grouped, masked_name, masked_phone, masked_serial

AT = datetime(2026, 11, 20, 15, 3, 9, tzinfo=UTC)
KO = Show("ko", ZoneInfo("Asia/Seoul"))
EN = Show("en", ZoneInfo("Asia/Seoul"))


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        (KO.time(AT), "2026년 11월 21일 (토) 00:03"),
        (EN.time(AT), "21 Nov 2026, 00:03"),
        (KO.time(AT, seconds=True), "2026년 11월 21일 (토) 00:03:09"),
        (EN.time(AT, seconds=True, zone=True), "21 Nov 2026, 00:03:09 KST"),
        (KO.time(AT, zone=True), "2026년 11월 21일 (토) 00:03 대한민국 표준시"),
        (KO.time(AT, short=True), "11월 21일 00:03"),
        (EN.time(AT, short=True), "21 Nov, 00:03"),
    ],
    ids=["ko", "en", "ko-seconds", "en-seconds-zone", "ko-zone", "ko-short", "en-short"],
)
def test_a_moment_is_shown_in_the_institutions_zone(shown: str, text: str) -> None:
    assert shown == f'<time datetime="2026-11-21T00:03:09+09:00">{text}</time>'


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        KO.time(AT.replace(tzinfo=None))


def test_a_day_is_shown_and_a_moment_gives_the_day_of_the_zone() -> None:
    assert EN.date(date(2026, 12, 4)) == '<time datetime="2026-12-04">4 Dec 2026</time>'
    assert KO.date(AT) == '<time datetime="2026-11-21">2026년 11월 21일 (토)</time>'


def test_each_weekday_and_each_month_has_its_name() -> None:
    week = [KO.date(date(2026, 11, 16) + timedelta(days=day)).striptags()[-2] for day in range(7)]
    assert "".join(week) == "월화수목금토일"
    year = [EN.date(date(2026, month, 1)).striptags() for month in range(1, 13)]
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    assert year == [f"1 {month} 2026" for month in months]


def test_a_zone_without_a_korean_name_keeps_its_letters() -> None:
    assert Show("ko", UTC).time(AT, zone=True).striptags().endswith(" 협정 세계시")
    assert Show("ko", ZoneInfo("Asia/Tokyo")).time(AT, zone=True).striptags().endswith(" JST")


@pytest.mark.parametrize(
    ("span", "ko", "en"),
    [
        (timedelta(seconds=59), "0분", "0 min"),
        (timedelta(minutes=5), "5분", "5 min"),
        (timedelta(hours=3, minutes=20), "3시간 20분", "3 h 20 min"),
        (timedelta(days=2, hours=5, minutes=9), "2일 5시간", "2 d 5 h"),
        (timedelta(seconds=-5), "0분", "0 min"),
    ],
)
def test_waiting_says_the_two_largest_units(span: timedelta, ko: str, en: str) -> None:
    assert KO.waiting(AT, AT + span).striptags() == ko
    assert EN.waiting(AT, AT + span).striptags() == en


def test_numbers_and_money_are_written_as_people_write_them() -> None:
    assert (KO.money(5000), EN.money(5000)) == ("5,000원", "₩5,000")
    assert (KO.number(1234567), EN.number(-1000), KO.number(999)) == ("1,234,567", "-1,000", "999")
    assert (KO.money(0), KO.money(0, free=True), EN.money(0, free=True)) == ("0원", "무료", "Free")


@pytest.mark.parametrize(
    ("name", "shown"),
    [("홍길동", "홍*동"), ("이영", "이*"), ("남궁민수", "남**수"), ("John Smith", "J*** S****"), ("한", "한"), ("", "")],
)
def test_a_name_keeps_only_its_ends(name: str, shown: str) -> None:
    assert masked_name(name) == shown


@pytest.mark.parametrize(
    ("number", "shown"),
    [("010-1234-5678", "***-****-5678"), ("+82 10 1234 5678", "***-****-5678"), ("12", "***-****-****"), ("", "***-****-****")],
)
def test_a_phone_shows_its_last_four(number: str, shown: str) -> None:
    assert masked_phone(number) == shown


def test_a_serial_shows_its_last_four_and_a_short_one_nothing() -> None:
    assert masked_serial("1000234821") == "****4821"
    assert masked_serial("4821") == "****"


def test_a_key_is_grouped_in_fours_however_it_came() -> None:
    assert grouped("JBSWY3DPEHPK3PXPJ") == "JBSW Y3DP EHPK 3PXP J"
    assert grouped("JBSW Y3DP") == "JBSW Y3DP"
