"""Which ways are enough, alone and together, and how sure several make."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otpward.core.model.proof import Act, Assurance, Method
from otpward.core.model.token import Form
from otpward.core.policy.combinations import COMBINATIONS, DEFAULT, LEVELS, Combinations, Need, Shown, level_of

LOW, SUBSTANTIAL, HIGH = Assurance
SOME = st.lists(st.builds(Shown, method=st.sampled_from(Method), level=st.sampled_from(Assurance), by_phone=st.booleans()))
TWO = Combinations(
    rules={**DEFAULT, Act.APPLY: (frozenset({Method.CERTIFICATE}), frozenset({Method.PHONE_CODE, Method.PASSKEY}))},
    by_form={Form.CARD: {Act.APPLY: (frozenset({Method.CERTIFICATE, Method.PHONE_CODE}),)}},
)


def shown(*methods: Method) -> list[Shown]:
    return [Shown(method=one, level=LEVELS[one], by_phone=one in {Method.PHONE_CODE, Method.APP}) for one in methods]


@pytest.mark.parametrize(
    ("what", "level"),
    [
        ([], None),
        ([Method.PHONE_CODE], LOW),
        ([Method.CERTIFICATE], SUBSTANTIAL),
        ([Method.IN_PERSON], HIGH),
        ([Method.PHONE_CODE, Method.OTP], SUBSTANTIAL),
        ([Method.PHONE_CODE, Method.CERTIFICATE], HIGH),
        ([Method.PHONE_CODE, Method.APP], SUBSTANTIAL),
        ([Method.PHONE_CODE, Method.PHONE_CODE], LOW),
        ([Method.CERTIFICATE, Method.CERTIFICATE], SUBSTANTIAL),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, list) else str(value),
)
def test_two_that_are_independent_make_surer_than_one(what: list[Method], level: Assurance | None) -> None:
    assert level_of(shown(*what)) is level


@given(SOME, SOME)
def test_to_show_more_never_makes_less_sure(some: list[Shown], more: list[Shown]) -> None:
    before, after = level_of(some), level_of(some + more)
    assert before is None or (after is not None and after.rank >= before.rank)


@given(SOME, SOME, st.sampled_from(Act), st.sampled_from(Assurance), st.frozensets(st.sampled_from(Form)))
def test_what_is_enough_stays_enough(
    some: list[Shown], more: list[Shown], act: Act, level: Assurance, forms: frozenset[Form]
) -> None:
    need = Need(act=act, level=level, forms=forms)
    if TWO.is_enough(need, some):
        assert TWO.is_enough(need, some + more)


@pytest.mark.parametrize("act", list(Act))
def test_nothing_is_not_enough_and_papers_seen_always_are(act: Act) -> None:
    assert not COMBINATIONS.is_enough(Need(act=act), [])
    assert COMBINATIONS.is_enough(Need(act=act, level=HIGH), shown(Method.IN_PERSON))


@pytest.mark.parametrize("act", [act for act in Act if act is not Act.FOLLOW])
def test_a_sign_on_is_enough_to_look_and_no_more(act: Act) -> None:
    assert COMBINATIONS.is_enough(Need(act=Act.FOLLOW), shown(Method.SIGN_ON))
    assert not COMBINATIONS.is_enough(Need(act=act), shown(Method.SIGN_ON))
    assert not COMBINATIONS.helps(Need(act=act), Method.SIGN_ON)


def test_a_phone_code_alone_changes_no_contact() -> None:
    need = Need(act=Act.CHANGE_CONTACT)
    assert not COMBINATIONS.is_enough(need, shown(Method.PHONE_CODE))
    assert COMBINATIONS.is_enough(need, shown(Method.PHONE_CODE, Method.OTP))


@pytest.mark.parametrize(
    ("enrolled", "what", "enough"),
    [
        (LOW, [Method.PHONE_CODE], True),
        (SUBSTANTIAL, [Method.PHONE_CODE], False),
        (SUBSTANTIAL, [Method.CERTIFICATE], True),
        (SUBSTANTIAL, [Method.PHONE_CODE, Method.OTP], True),
        (HIGH, [Method.CERTIFICATE], False),
        (HIGH, [Method.APP, Method.PHONE_CODE], False),
        (HIGH, [Method.CERTIFICATE, Method.PHONE_CODE], True),
        (HIGH, [Method.IN_PERSON], True),
    ],
)
def test_nothing_weaker_than_enrolment_lets_anybody_in(enrolled: Assurance, what: list[Method], *, enough: bool) -> None:
    assert COMBINATIONS.is_enough(Need(act=Act.APPLY, level=enrolled), shown(*what)) is enough


def test_an_institution_asks_for_its_own_two() -> None:
    need = Need(act=Act.APPLY)
    assert not TWO.is_enough(need, shown(Method.PHONE_CODE))
    assert TWO.is_enough(need, shown(Method.PHONE_CODE, Method.PASSKEY))
    assert TWO.is_enough(need, shown(Method.CERTIFICATE))
    assert not TWO.helps(need, Method.AGENCY)


def test_a_kind_of_device_may_ask_for_more_and_all_that_it_is_about_are_asked() -> None:
    about_card = Need(act=Act.APPLY, forms=frozenset({Form.CARD}))
    assert not TWO.is_enough(about_card, shown(Method.CERTIFICATE))
    assert TWO.is_enough(about_card, shown(Method.CERTIFICATE, Method.PHONE_CODE))
    about_both = Need(act=Act.APPLY, forms=frozenset({Form.CARD, Form.FOB}))
    assert not TWO.is_enough(about_both, shown(Method.PHONE_CODE, Method.PASSKEY))
    assert TWO.is_enough(about_both, shown(Method.CERTIFICATE, Method.PHONE_CODE))
    assert TWO.is_enough(Need(act=Act.UNLOCK, forms=frozenset({Form.CARD})), shown(Method.PHONE_CODE))


@pytest.mark.parametrize(
    ("had", "offered", "missing"),
    [
        ([], [Method.CERTIFICATE], 1),
        ([], [Method.PHONE_CODE, Method.PASSKEY], 2),
        ([Method.PHONE_CODE], [Method.PHONE_CODE, Method.PASSKEY], 1),
        ([Method.PHONE_CODE], [Method.PHONE_CODE, Method.CERTIFICATE], 1),
        ([Method.CERTIFICATE], [Method.PHONE_CODE], 0),
        ([], [Method.PHONE_CODE], None),
        ([], [Method.AGENCY], None),
    ],
)
def test_how_many_it_takes_is_counted(had: list[Method], offered: list[Method], missing: int | None) -> None:
    assert TWO.missing(Need(act=Act.APPLY), shown(*had), shown(*offered)) == missing


@pytest.mark.parametrize(
    ("enrolled", "offered", "missing"),
    [
        (SUBSTANTIAL, [Method.PHONE_CODE], None),
        (SUBSTANTIAL, [Method.PHONE_CODE, Method.OTP], 2),
        (HIGH, [Method.PHONE_CODE, Method.APP], None),
        (HIGH, [Method.PHONE_CODE, Method.CERTIFICATE], 2),
    ],
)
def test_what_enrolment_took_may_make_it_two(enrolled: Assurance, offered: list[Method], missing: int | None) -> None:
    assert COMBINATIONS.missing(Need(act=Act.APPLY, level=enrolled), [], shown(*offered)) == missing
