"""What an application takes: every combination has an answer, and a waiver counts only when what it asks is known to be so."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otpward.core.errors import NotFound
from otpward.core.model.case import Delivery, Reason
from otpward.core.policy.document.build import check_octets, policy_of, read_policy
from otpward.core.policy.document.difference import differences
from otpward.core.policy.document.faults import BadPolicy
from otpward.core.policy.document.model import Policy
from otpward.core.policy.document.requirement import Facts, requirement

_KINDS = ["individual", "minor", "corporation", "proxy", "abroad"]
_PAPERS = ["id_card", "passport", "power_of_attorney", "corporate_seal"]


def _some(of: list[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(of), unique=True, max_size=len(of))


_RULES = st.dictionaries(
    st.sampled_from(["a", "b", "by_post", "minor"]),
    st.fixed_dictionaries(
        {},
        optional={
            "kinds": _some(_KINDS),
            "reasons": _some([*Reason]),
            "deliveries": _some([*Delivery]),
            "offered": st.booleans(),
            "documents": _some(_PAPERS),
            "fee_won": st.integers(0, 1_000_000),
            "working_days": st.integers(0, 60),
            "two_people": st.booleans(),
            "approvers": st.just(["administrator"]),
        },
    ),
)
_LIKE = st.fixed_dictionaries({"like": st.sampled_from(["", *_KINDS])})
_TEXTS = st.fixed_dictionaries(
    {"rules": _RULES},
    optional={"kinds": st.dictionaries(st.sampled_from(_KINDS), _LIKE)},
)


def _read(tables: dict[str, Any]) -> Policy | None:
    try:
        return policy_of(tables)
    except BadPolicy:
        return None


@given(_TEXTS)
def test_every_combination_has_an_answer(tables: dict[str, Any]) -> None:
    policy = _read(tables)
    if policy is None:
        return
    for kind in policy.kinds:
        for reason in Reason:
            for delivery in Delivery:
                asked = requirement(policy, kind, reason, delivery)
                assert asked.approvers
                assert asked.fee_won <= asked.full_fee_won
                assert not asked.offered or all(paper.ways for paper in asked.papers)


@given(_TEXTS)
def test_a_policy_differs_from_itself_in_nothing(tables: dict[str, Any]) -> None:
    policy = _read(tables)
    if policy is not None:
        assert differences(policy, policy) == []
        there, back = differences(read_policy(""), policy), differences(policy, read_policy(""))
        assert {(one.path, one.before, one.after) for one in there} == {(one.path, one.after, one.before) for one in back}


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_whatever_comes_is_a_policy_or_a_sentence(octets: bytes) -> None:
    told = []
    try:
        check_octets(octets)
    except BadPolicy as error:
        told = [fault.sentence("ko") for fault in error.faults]
    assert all(told)


def test_a_kind_that_nobody_knows_is_no_kind() -> None:
    with pytest.raises(NotFound):
        requirement(read_policy(""), "ghost", Reason.LOST, Delivery.POST)


PAID = read_policy("[rules.all]\nfee_won = 5000\n[waivers.senior]\nused = true")


@pytest.mark.parametrize(
    ("reason", "facts", "fee", "open_to"),
    [
        (Reason.LOST, Facts(), 5000, ["senior"]),
        (Reason.LOST, Facts(age=64), 5000, []),
        (Reason.LOST, Facts(age=65), 0, []),
        (Reason.FAULTY, Facts(), 5000, ["faulty", "senior"]),
        (Reason.FAULTY, Facts(device_months=11), 0, []),
        (Reason.FAULTY, Facts(device_months=12), 5000, ["senior"]),
        (Reason.FAULTY, Facts(device_months=12, age=30), 5000, []),
    ],
    ids=["lost", "too young", "old enough", "broken", "broken early", "broken late", "broken late and young"],
)
def test_a_waiver_counts_when_what_it_asks_is_known(reason: Reason, facts: Facts, fee: int, open_to: list[str]) -> None:
    asked = requirement(PAID, "individual", reason, Delivery.BRANCH, facts)
    assert asked.fee_won == fee
    assert [one.name for one in asked.waivers] == open_to


def test_where_there_is_no_fee_there_is_nothing_to_waive() -> None:
    asked = requirement(read_policy(""), "individual", Reason.FAULTY, Delivery.BRANCH)
    assert asked.fee_won == 0
    assert asked.waivers == ()


def test_a_difference_says_the_key_in_words_and_what_stood_there() -> None:
    [fee] = differences(read_policy(""), read_policy("[rules.all]\nfee_won = 5000"))
    assert (fee.path, fee.before, fee.after) == ("rules.all.fee_won", "0", "5000")
    assert (fee.title("ko"), fee.title("en")) == ("규칙 › all › 수수료(원)", "Rules › all › The fee in won")


def test_what_is_new_stood_nowhere_before() -> None:
    own = read_policy("[refusals]\nown = {ko='가', en='a'}")
    [new] = differences(read_policy(""), own)
    assert (new.path, new.before, new.after) == ("refusals.own", None, '{ ko = "가", en = "a" }')
