"""Keys we make, and numbers that people read aloud."""

import os
import re
from datetime import UTC, datetime, timedelta
from uuid import RFC_4122, UUID

from hypothesis import given
from hypothesis import strategies as st

from otpward.core.ids import BUCKETS, bucket_of, home_bucket, home_buckets, make_id, make_ids, public_number, spell

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
CHANCE = st.binary(min_size=16, max_size=16)


@given(CHANCE, st.integers(0, BUCKETS - 1))
def test_a_key_carries_its_bucket_and_is_a_uuid_of_version_8(chance: bytes, bucket: int) -> None:
    key = make_id(NOW, chance, bucket)
    assert bucket_of(key) == bucket
    assert (key.version, key.variant) == (8, RFC_4122)


@given(CHANCE)
def test_without_a_bucket_one_is_drawn(chance: bytes) -> None:
    assert 0 <= bucket_of(make_id(NOW, chance)) < BUCKETS


@given(CHANCE, CHANCE, st.integers(0, BUCKETS - 1), st.integers(1, 10**12))
def test_keys_of_a_bucket_rise_with_time(one: bytes, two: bytes, bucket: int, ms: int) -> None:
    later = make_id(NOW + timedelta(milliseconds=ms), two, bucket)
    assert make_id(NOW, one, bucket) < later
    assert isinstance(later, UUID)


def test_keys_differ_by_chance() -> None:
    assert len({make_id(NOW, os.urandom(16), 5) for _ in range(2000)}) == 2000


def test_a_home_bucket_is_the_same_for_ever() -> None:
    # Part of every stored key: these numbers may never change.
    assert [home_bucket("a", "b"), home_bucket("ab", ""), home_bucket("", "ab"), home_bucket("한빛", "SN-00")] == [
        528,
        436,
        218,
        407,
    ]


@given(st.text(max_size=20), st.lists(st.text(max_size=20), max_size=5))
def test_many_home_buckets_are_each_as_one(first: str, seconds: list[str]) -> None:
    assert home_buckets(first, seconds) == [home_bucket(first, second) for second in seconds]


@given(st.lists(st.tuples(st.binary(min_size=8, max_size=8), st.integers(0, BUCKETS - 1)), max_size=5))
def test_many_keys_are_each_as_one(drawn: list[tuple[bytes, int]]) -> None:
    made = make_ids(NOW, b"".join(chance for chance, _ in drawn), [bucket for _, bucket in drawn])
    assert made == [make_id(NOW, chance + bytes(8), bucket) for chance, bucket in drawn]


@given(st.text(max_size=20), st.text(max_size=20))
def test_parts_do_not_run_into_each_other(one: str, two: str) -> None:
    assert 0 <= home_bucket(one, two) < BUCKETS


@given(st.binary(min_size=7, max_size=7))
def test_a_number_for_people_has_no_letter_that_is_taken_for_another(chance: bytes) -> None:
    number = public_number("L", NOW, chance)
    assert re.fullmatch(r"L-261123-[2-9A-HJ-KM-NP-TV-Z]{7}", number)
    assert not set("01OILU") & set(number.rsplit("-", 1)[1])


def test_every_letter_can_be_drawn() -> None:
    letters = set(spell(bytes(range(256)), 256))
    assert len(letters) == 30
    assert not letters & set("01OILU")
