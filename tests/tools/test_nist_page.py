"""docs/explanation/nist-800-63b.md says of every line what shows it: a test that exists, or why there is none."""

import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = ROOT / "docs" / "explanation" / "nist-800-63b.md"
LINES = [*range(1, 15), *range(20, 31), *range(40, 51), *range(60, 68), *range(70, 80)]


@cache
def known() -> frozenset[str]:
    texts = (path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    return frozenset(name for text in texts for name in re.findall(r"^\s*(?:async )?def (test_\w+)\(", text, re.MULTILINE))


def rows() -> dict[str, str]:
    return {found[1]: found[0] for found in re.finditer(r"^\| (N-\d\d) \|.*$", PAGE.read_text(), re.MULTILINE)}


@pytest.mark.parametrize("number", LINES, ids=lambda number: f"N-{number:02d}")
def test_a_line_of_the_standard_has_its_tests_or_says_why_not(number: int) -> None:
    row = rows()[f"N-{number:02d}"]
    named = re.findall(r"`(test_\w+)`", row)
    assert named or "**Deviation:**" in row or "**Not offered:**" in row
    assert [name for name in named if name not in known()] == []


def test_no_line_stands_there_twice_or_is_made_up() -> None:
    found = re.findall(r"^\| (N-\d\d) \|", PAGE.read_text(), re.MULTILINE)
    assert found == [f"N-{number:02d}" for number in LINES]
