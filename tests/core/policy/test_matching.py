"""Evidence is of the member, or it is not; the reason is exact, for the audit."""

import unicodedata
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from otpward.core.ids import InstitutionId, MemberId
from otpward.core.model.evidence import Evidence
from otpward.core.model.member import Member
from otpward.core.model.proof import Method
from otpward.core.policy.matching import Known, Match, match, phone_behind, same_name
from otpward.core.secret import NOTHING, Personal

AT = datetime(2026, 11, 23, tzinfo=UTC)
MEMBER = Member(
    id=MemberId(UUID(int=1)),
    institution_id=InstitutionId(UUID(int=2)),
    login="m1001",
    name=Personal("홍길동"),
    birth_date=Personal("1980-01-02"),
    phone=Personal("+821055501101"),
    email=NOTHING,
    phone_print=b"p",
    joined_at=AT,
)
EVIDENCE = Evidence(
    method=Method.AGENCY,
    provider="sure",
    provider_tx="1",
    name=Personal("홍길동"),
    birth_date=date(1980, 1, 2),
    phone=Personal("010-5550-1101"),
    verified_at=AT,
    raw_hash=b"",
)
COMPANY: dict[str, Any] = {
    "method": Method.CERTIFICATE,
    "birth_date": None,
    "phone": NOTHING,
    "subject": Personal("cn"),
    "company": Personal("1234567891"),
}
CASES: dict[str, tuple[dict[str, Any], dict[str, Any], Known, Match]] = {
    "the person": ({}, {}, Known(), Match.PERSON),
    "no phone in it": ({"phone": NOTHING}, {}, Known(), Match.PERSON),
    "decomposed and spaced": ({"name": Personal(unicodedata.normalize("NFD", " 홍 길동 "))}, {}, Known(), Match.PERSON),
    "birth date in figures": ({}, {"birth_date": Personal("19800102")}, Known(), Match.PERSON),
    "other name": ({"name": Personal("김하나")}, {}, Known(), Match.OTHER_NAME),
    "no name": ({"name": NOTHING}, {"name": NOTHING}, Known(), Match.OTHER_NAME),
    "other birth date": ({"birth_date": date(1980, 2, 1)}, {}, Known(), Match.OTHER_BIRTH_DATE),
    "other phone": ({"phone": Personal("01055501102")}, {}, Known(), Match.OTHER_PHONE),
    "phone that is none": ({"phone": Personal("x")}, {}, Known(), Match.OTHER_PHONE),
    "no phone on file": ({}, {"phone": NOTHING}, Known(), Match.OTHER_PHONE),
    "name alone": ({"birth_date": None}, {}, Known(), Match.TOO_LITTLE),
    "nothing to compare with": ({}, {"birth_date": NOTHING}, Known(), Match.TOO_LITTLE),
    "same ci, all else changed": (
        {"name": Personal("홍길순"), "phone": Personal("01099999999"), "birth_date": None},
        {"ci_print": b"a"},
        Known(ci_print=b"a"),
        Match.CI,
    ),
    "other ci, all else alike": ({}, {"ci_print": b"a"}, Known(ci_print=b"b"), Match.OTHER_CI),
    "ci on file, none in it": ({}, {"ci_print": b"a"}, Known(), Match.PERSON),
    "namesake on file": ({"phone": NOTHING}, {}, Known(ci_print=b"b", ci_elsewhere=True), Match.OTHER_CI),
    "two memberships, one phone": ({}, {}, Known(ci_print=b"b", ci_elsewhere=True), Match.PERSON),
    "subject seen before": ({"birth_date": None, "subject": Personal("cn")}, {}, Known(subject=True), Match.SUBJECT),
    "subject without a name": (
        {"birth_date": None, "name": NOTHING, "subject": Personal("sub")},
        {},
        Known(subject=True),
        Match.SUBJECT,
    ),
    "subject seen before, other name": (
        {"name": Personal("김하나"), "birth_date": None, "subject": Personal("cn")},
        {},
        Known(subject=True),
        Match.OTHER_NAME,
    ),
    "first certificate, signed in": (
        {"birth_date": None, "phone": NOTHING, "subject": Personal("cn")},
        {},
        Known(vouched=True),
        Match.VOUCHED,
    ),
    "the company on file": (COMPANY, {"birth_date": Personal("123-45-67891")}, Known(), Match.COMPANY),
    "the company on file, named otherwise": (
        COMPANY | {"name": Personal("주식회사 한빛상사")},
        {"name": Personal("(주)한빛상사"), "birth_date": Personal("1234567891")},
        Known(),
        Match.COMPANY,
    ),
    "another company": (COMPANY, {"birth_date": Personal("220-12-34562")}, Known(subject=True), Match.OTHER_COMPANY),
    "a company, and a person on file": (COMPANY, {}, Known(), Match.TOO_LITTLE),
    "a company, and a person on file, signed in": (COMPANY, {}, Known(vouched=True), Match.VOUCHED),
    "a company on file, no number shown": (
        COMPANY | {"company": NOTHING},
        {"birth_date": Personal("123-45-67891")},
        Known(),
        Match.TOO_LITTLE,
    ),
    "a company on file, a person's birth date": ({}, {"birth_date": Personal("123-45-67891")}, Known(), Match.OTHER_BIRTH_DATE),
    "signed in, nothing lasting": ({"birth_date": None, "phone": NOTHING}, {}, Known(vouched=True), Match.TOO_LITTLE),
    "has left": ({}, {"left_at": AT}, Known(), Match.NO_MEMBER),
    "lost phone": ({}, {"phone_lost_at": AT}, Known(), Match.LOST_PHONE),
    "lost phone, same ci": ({}, {"phone_lost_at": AT, "ci_print": b"a"}, Known(ci_print=b"a"), Match.LOST_PHONE),
    "lost phone, i-pin": ({"phone": NOTHING}, {"phone_lost_at": AT}, Known(), Match.PERSON),
    "lost phone, app that does not say": (
        {"phone": NOTHING, "method": Method.APP},
        {"phone_lost_at": AT},
        Known(),
        Match.LOST_PHONE,
    ),
    "young phone": ({}, {}, Known(phone_young=True), Match.YOUNG_PHONE),
    "young phone, same ci": ({}, {"ci_print": b"a"}, Known(ci_print=b"a", phone_young=True), Match.YOUNG_PHONE),
    "young phone, i-pin": ({"phone": NOTHING}, {}, Known(phone_young=True), Match.PERSON),
    "lost phone, another one, same ci": (
        {"phone": Personal("01055509999")},
        {"phone_lost_at": AT, "ci_print": b"a"},
        Known(ci_print=b"a"),
        Match.CI,
    ),
    "lost phone, certificate": (
        {"phone": NOTHING, "method": Method.CERTIFICATE, "subject": Personal("cn"), "birth_date": None},
        {"phone_lost_at": AT},
        Known(subject=True),
        Match.SUBJECT,
    ),
}


@pytest.mark.parametrize(("evidence", "member", "known", "expected"), CASES.values(), ids=CASES.keys())
def test_evidence_is_of_the_member_or_it_is_not(
    evidence: dict[str, Any], member: dict[str, Any], known: Known, expected: Match
) -> None:
    assert match(replace(EVIDENCE, **evidence), replace(MEMBER, **member), known) is expected


def test_a_stranger_is_nobody() -> None:
    assert match(EVIDENCE, None, Known()) is Match.NO_MEMBER


def test_some_reasons_match_and_the_others_do_not() -> None:
    assert {one for one in Match if one.matched} == {
        Match.CI,
        Match.SUBJECT,
        Match.COMPANY,
        Match.PERSON,
        Match.VOUCHED,
    }


@pytest.mark.parametrize(("one", "other"), [("HONG Gildong", "Hong  GILDONG"), ("홍길동", "홍 길 동")])
def test_names_are_compared_as_people_read_them(one: str, other: str) -> None:
    assert same_name(Personal(one), Personal(other))
    assert not same_name(Personal(one), Personal(f"{other}a"))


@pytest.mark.parametrize(
    ("changes", "tail"),
    [
        ({}, "1101"),
        ({"phone": NOTHING}, ""),
        ({"phone": Personal("01055501102")}, ""),
        ({"phone": NOTHING, "method": Method.APP}, "1101"),
        ({"method": Method.CERTIFICATE}, ""),
    ],
)
def test_what_rests_on_the_members_phone_is_known_by_its_last_digits(changes: dict[str, Any], tail: str) -> None:
    assert phone_behind(replace(EVIDENCE, **changes), MEMBER).reveal() == tail
