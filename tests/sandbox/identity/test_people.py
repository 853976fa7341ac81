"""The people of the sandbox: the demo's members among them, the same CI for the same person everywhere."""

import unicodedata
from datetime import date

import pytest

from otpward.edges.cli import sample
from otpward.sandbox.identity.people import (
    COMPANY,
    MEMBERS,
    PEOPLE,
    STAFF,
    Scenario,
    by_id,
    by_phone,
    recognised,
    scenario_of,
    told_of,
)


def test_the_members_of_the_demo_live_here() -> None:
    assert sample._MEMBERS == MEMBERS
    for index, name in enumerate(MEMBERS):
        person = by_id(f"m{1001 + index}")
        assert person is not None
        assert (person.name, person.phone) == (name, sample.phone_of(index))
        if person.id != COMPANY[0]:
            assert person.birth_date.isoformat() == sample._on_file(person.id, index)


def test_the_staff_of_the_demo_live_here() -> None:
    assert [one[:2] for one in sample._STAFF] == list(STAFF)
    for index, (login, name) in enumerate(STAFF, len(MEMBERS)):
        person = by_id(login)
        assert person is not None
        assert (person.name, person.phone) == (name, sample.phone_of(index))


def test_everybody_has_a_ci_of_88_characters_and_a_di_per_site() -> None:
    assert {len(person.ci) for person in PEOPLE} == {88}
    assert {len(person.di("a")) for person in PEOPLE} == {64}
    assert len({person.ci for person in PEOPLE}) == len({person.phone for person in PEOPLE}) == len(PEOPLE)
    assert PEOPLE[0].di("a") != PEOPLE[0].di("b")


@pytest.mark.parametrize(("phone", "scenario"), [("+821055501101", Scenario.FINE), *((f"+8210999{s}", s) for s in Scenario)])
def test_the_last_four_digits_say_what_happens(phone: str, scenario: Scenario) -> None:
    assert scenario_of(phone) is scenario


def test_a_person_is_recognised_however_the_name_is_spaced() -> None:
    hong = PEOPLE[0]
    for name in ("홍길동", "홍 길동", unicodedata.normalize("NFD", "홍길동")):
        assert recognised(name=name, birth_date=hong.birth_date, phone=hong.phone) == hong
    assert recognised(name="홍길순", birth_date=hong.birth_date, phone=hong.phone) is None
    assert recognised(name="홍길동", birth_date=date(2000, 1, 1), phone=hong.phone) is None


def test_a_number_that_nobody_has_belongs_to_whoever_says_so() -> None:
    one = recognised(name="새 사람", birth_date=date(1999, 9, 9), phone="+821012345678")
    two = recognised(name="새사람", birth_date=date(1999, 9, 9), phone="+821087654321")
    assert one is not None
    assert two is not None
    assert one.name == "새 사람"
    assert one.ci == two.ci


def test_a_service_speaks_of_somebody_else_where_the_number_asks_for_it() -> None:
    told = {Scenario(person.phone[-4:]): (person, told_of(person)) for person in PEOPLE if person.id.startswith("s0")}
    person, other = told[Scenario.OTHER_NAME]
    assert (other.name, other.ci) != (person.name, person.ci)
    assert other.phone == person.phone
    person, other = told[Scenario.OTHER_CI]
    assert (other.name, other.birth_date) == (person.name, person.birth_date)
    assert other.ci != person.ci
    assert told[Scenario.FOREIGNER][1].foreign
    assert told[Scenario.MINOR][1].birth_date.year == 2016
    assert by_phone("+821055500001") == told_of(told[Scenario.FINE][0])
