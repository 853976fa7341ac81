"""The reference of the policy is the checker's own, and the examples of the guide are policies."""

import re
from pathlib import Path
from textwrap import dedent

from otpward.core.policy.document.build import read_policy
from tools.policy_page import PAGE, page

GUIDE = Path(__file__).resolve().parent.parent.parent / "docs" / "howto" / "policy.md"


def test_the_page_of_the_policy_is_what_the_checker_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run python -m tools.policy_page"


def test_the_example_of_the_guide_is_a_policy() -> None:
    example = re.search(r"\n\n((?:    .*\n|\n)+)", GUIDE.read_text(encoding="utf-8"))
    assert example
    assert "pupil" in read_policy(dedent(example[1])).kinds
