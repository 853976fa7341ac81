"""An institution's own words stand where ours stood, with the particles and articles that go with them."""

import pytest

from otpward.core.policy.called import STANDARD, Called, called_in
from otpward.core.policy.document.build import read_policy
from otpward.core.policy.document.model import Said

OFFICE = Called(member=Said("고객", "customer"), branch=Said("창구", "office"))
TOWN = Called(member=Said("구성원", "user"), branch=Said("민원실", "agency"))


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("영업점에서 받습니다", "창구에서 받습니다"),
        ("영업점을 골라 주세요", "창구를 골라 주세요"),
        ("영업점이 없습니다", "창구가 없습니다"),
        ("영업점이나 우편으로", "창구나 우편으로"),
        ("영업점으로 와 주세요", "창구로 와 주세요"),
        ("회원번호 또는 아이디", "고객번호 또는 아이디"),
        ("회원님의 번호", "고객님의 번호"),
        ("회원이 전화합니다", "고객이 전화합니다"),
        ("다른 곳은 그대로", "다른 곳은 그대로"),
    ],
)
def test_korean_particles_follow_the_word(ours: str, theirs: str) -> None:
    assert OFFICE.put(ours, "ko") == theirs


def test_after_a_soft_l_only_one_particle_differs() -> None:
    assert TOWN.put("영업점으로, 영업점을, 영업점이", "ko") == "민원실로, 민원실을, 민원실이"


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("Come to a branch", "Come to an office"),
        ("Branches", "Offices"),
        ("The member's phone", "The customer's phone"),
        ("A branch of members", "An office of customers"),
        ("It remembers", "It remembers"),
    ],
)
def test_english_articles_and_plurals_follow_the_word(ours: str, theirs: str) -> None:
    assert OFFICE.put(ours, "en") == theirs


def test_a_y_becomes_ies() -> None:
    assert TOWN.put("branches of an a branch", "en") == "agencies of an an agency"


def test_who_says_nothing_keeps_our_words() -> None:
    assert called_in(read_policy("")) == STANDARD
    assert STANDARD.put("a branch", "en") == "a branch"


def test_a_policy_names_them() -> None:
    policy = read_policy('[words]\nbranch = { ko = "창구", en = "office" }')
    assert called_in(policy).put("영업점을", "ko") == "창구를"
