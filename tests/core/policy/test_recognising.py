"""Which paper a page seems to be; only what hardly stands elsewhere is a sign."""

import pytest

from otpward.core.policy.covering import Line, find_numbers
from otpward.core.policy.papers import Paper
from otpward.core.policy.recognising import is_another, signs_of

RRN = "900101-1234567"
LICENCE = ["자동차운전면허증 (Driver's License)", "11-22-123456-78", RRN]
PASSPORT = [
    "REPUBLIC OF KOREA",
    "PASSPORT",
    "PMKORKIM<<HANA<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<",
    "M123A45674KOR8001024F3105011<<<<<<<<<<<<<<06",
]
ALIEN = ["외국인등록증", "ALIEN REGISTRATION CARD", "900101-5234567"]
ENTRY_RECORD = ["출입국에 관한 사실증명", "Passport No. M12345678", "2026-11-01"]
COMPANY = ["사업자등록증", "123-45-67891", "110111-1234567"]


def signs(texts: list[str], score: float = 0.95) -> frozenset[Paper]:
    lines = [Line(text, tuple((at + 0.5) / len(text) for at in range(len(text))), score) for text in texts]
    return signs_of(lines, find_numbers(lines))


@pytest.mark.parametrize(
    ("texts", "papers"),
    [
        pytest.param(LICENCE, {Paper.DRIVER_LICENSE}, id="a licence"),
        pytest.param(PASSPORT, {Paper.PASSPORT}, id="a passport"),
        pytest.param(ALIEN, {Paper.ALIEN_REGISTRATION_CARD}, id="an alien registration card"),
        pytest.param(["주민등록증", RRN], {Paper.RESIDENT_CARD}, id="a resident card whose title was read"),
        pytest.param(["주민등록종", RRN], set(), id="a resident card whose title was not"),
        pytest.param(["ALIEN REGISTRATION CARD"], set(), id="a title alone"),
        pytest.param(ENTRY_RECORD, set(), id="a certificate with a passport's number"),
        pytest.param(COMPANY, set(), id="a company's certificate"),
        pytest.param([], set(), id="nothing"),
    ],
)
def test_a_paper_is_known_by_what_only_it_bears(texts: list[str], papers: set[Paper]) -> None:
    assert signs(texts) == papers


def test_what_was_read_badly_is_no_sign() -> None:
    assert signs(LICENCE, 0.6) == signs(PASSPORT, 0.6) == signs(ALIEN, 0.6) == frozenset()


@pytest.mark.parametrize(
    ("pages", "paper", "another"),
    [
        pytest.param([{Paper.PASSPORT}], Paper.PASSPORT, False, id="what was asked for"),
        pytest.param([{Paper.PASSPORT}], Paper.DRIVER_LICENSE, True, id="another card"),
        pytest.param([set()], Paper.DRIVER_LICENSE, False, id="nothing to tell by"),
        pytest.param([{Paper.PASSPORT}, {Paper.DRIVER_LICENSE}], Paper.DRIVER_LICENSE, False, id="both, on two pages"),
        pytest.param([{Paper.PASSPORT}], None, True, id="a card for a certificate"),
        pytest.param([set(), {Paper.DRIVER_LICENSE}], None, False, id="a certificate with a copy of a card"),
        pytest.param([set()], None, False, id="a certificate"),
        pytest.param([], None, False, id="no page"),
    ],
)
def test_another_paper_is_asked_about(pages: list[set[Paper]], paper: Paper | None, another: bool) -> None:
    assert is_another(pages, paper) is another
