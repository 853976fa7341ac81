"""Which characters of what was read on a paper must be covered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otpward.core.policy.covering import Found, Line, enough, find_numbers
from otpward.core.policy.papers import Paper


def line(text: str, score: float = 0.99) -> Line:
    """A line whose characters stand at equal distances."""
    return Line(text, tuple((at + 0.5) / max(1, len(text)) for at in range(len(text))), score)


def left(*texts: str, score: float = 0.99) -> list[str]:
    """What can still be read of these lines once they are covered."""
    lines = [line(text, score) for text in texts]
    shown = [list(text) for text in texts]
    for one in find_numbers(lines):
        for at, middle in enumerate(lines[one.line].middles):
            if one.start <= middle <= one.end:
                shown[one.line][at] = "■"
    return ["".join(text) for text in shown]


@pytest.mark.parametrize(
    ("text", "covered"),
    [
        pytest.param("991301-1234567", "991301■■■■■■■■", id="a resident number"),
        pytest.param("991301 - 1234567", "991301■■■■■■■■■■", id="with spaces"),
        pytest.param("9913011234567", "991301■■■■■■■", id="without a dash"),
        pytest.param("991301-5234567", "991301■■■■■■■■", id="an alien registration number"),
        pytest.param("99I30I-I2B4S6O", "99I30I■■■■■■■■", id="letters read for digits"),
        pytest.param("991301-123456", "991301■■■■■■■", id="a digit overlooked"),
        pytest.param("991301-12345678", "991301■■■■■■■■■", id="a digit too many"),
        pytest.param("홍길동 991301-1234567", "홍길동 991301■■■■■■■■", id="behind a name"),
        pytest.param("1234567", "■■■■■■■", id="the back half alone"),
        pytest.param("99-12-345678-90", "99-12-■■■■■■■■■", id="a licence number"),
        pytest.param("서울 12-345678-90", "서울 12-■■■■■■■■■", id="an old licence number"),
        pytest.param("X12345678", "■■■■■■■■■", id="a passport number"),
        pytest.param("X123A4567", "■■■■■■■■■", id="a passport number since 2021"),
        pytest.param("X1Z3A45G7", "■■■■■■■■■", id="a passport number, misread"),
        pytest.param("PMKORYESI<<GYEONBON<<<<<<<<<<<<<<<<<<<<<<<<<", "■" * 44, id="the first line for machines"),
        pytest.param("X123A45671KOR9913011M31030401234567<<<<<<<40", "■" * 44, id="the second line for machines"),
        pytest.param("2019. 3. 14.", "2019. 3. 14.", id="a date stays"),
        pytest.param("2019.03.14 ~ 2029.03.13", "2019.03.14 ~ 2029.03.13", id="two dates stay"),
        pytest.param("010-1234-5678", "010-1234-5678", id="a telephone number stays"),
        pytest.param("세종대로 110", "세종대로 110", id="an address stays"),
        pytest.param("REPUBLIC OF KOREA", "REPUBLIC OF KOREA", id="words stay"),
        pytest.param("GILBOA SOLIS", "GILBOA SOLIS", id="a name that looks like digits stays"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_what_must_not_be_kept_is_covered_and_nothing_else(text: str, covered: str) -> None:
    assert left(text) == [covered]


def test_halves_in_two_boxes_are_covered_where_they_stand() -> None:
    assert left("991301", "1234567") == ["991301", "■■■■■■■"]


@pytest.mark.parametrize("code", ["AB12CD", "7QXT9", "XVXXC"])
def test_the_code_beside_a_licence_is_covered(code: str) -> None:
    assert left("99-12-345678-90", code)[1] == "■" * len(code)


def test_without_a_licence_a_word_of_six_capitals_stays() -> None:
    assert left("UTOPIA") == ["UTOPIA"]


@pytest.mark.parametrize(
    ("found", "paper", "is_enough"),
    [
        pytest.param([(Found.REGISTRATION, True)], Paper.RESIDENT_CARD, True, id="a card with its number"),
        pytest.param([(Found.REGISTRATION, False)], Paper.RESIDENT_CARD, False, id="badly read"),
        pytest.param([], Paper.RESIDENT_CARD, False, id="a card without one was overlooked"),
        pytest.param(
            [(Found.REGISTRATION, True), (Found.LICENCE, True)], Paper.DRIVER_LICENSE, False, id="a licence bears three"
        ),
        pytest.param(
            [(Found.REGISTRATION, True), (Found.LICENCE, True), (Found.CODE, True)], Paper.DRIVER_LICENSE, True, id="all three"
        ),
        pytest.param([(Found.PASSPORT, True)], Paper.PASSPORT, False, id="a passport without its lines"),
        pytest.param([], None, True, id="another paper need not bear one"),
        pytest.param([(Found.DIGITS, False)], None, False, id="another paper with a doubtful one"),
    ],
)
def test_a_paper_is_sure_only_with_what_it_must_bear(
    found: list[tuple[Found, bool]], paper: Paper | None, is_enough: bool
) -> None:
    assert enough(found, paper) is is_enough


@given(st.text(max_size=80), st.floats(0, 1))
def test_whatever_was_read_stretches_lie_within_reach_of_the_line(text: str, score: float) -> None:
    for one in find_numbers([line(text, score)]):
        assert -0.5 <= one.start < one.end <= 1.5


@given(st.from_regex(r"[0-9]{6}[- ]?[1-8][0-9]{6}", fullmatch=True), st.text(alphabet="가나다 :", max_size=6))
def test_no_back_half_is_ever_left(number: str, before: str) -> None:
    shown = left(before + number)[0]
    assert shown.endswith("■" * 7)
