"""The words of consents: whole in both languages, and never changed once somebody agreed to them."""

import hashlib

import pytest

from otpward.core.errors import NotFound
from otpward.core.model.consent import Purpose
from otpward.core.policy.consents import USES, Basis, Wording, kept_for
from otpward.core.policy.document.build import read_policy

PARTS = ("title", "why", "items", "kept", "refuse")
SUMS = {
    ("documents", 1): "8eb90e209982d330",
    ("renewal", 1): "f8c5f640ea3041b3",
    ("post", 1): "1678f841c16bc792",
    ("identity_service", 1): "87ac397091394032",
}
"""If this fails, somebody would be shown other words than those they agreed to: add a version at the end instead."""
EVERY = [(use.purpose, number + 1, wording) for use in USES.values() for number, wording in enumerate(use.wordings)]


def text_of(wording: Wording) -> str:
    return "\n".join(wording.line(part, language, 0) for part in PARTS for language in ("ko", "en"))


@pytest.mark.parametrize(("purpose", "version", "wording"), EVERY, ids=lambda value: str(value)[:20])
def test_words_that_were_shown_are_never_changed(purpose: Purpose, version: int, wording: Wording) -> None:
    assert hashlib.sha256(text_of(wording).encode()).hexdigest()[:16] == SUMS[purpose.value, version]


@pytest.mark.parametrize(("purpose", "version", "wording"), EVERY, ids=lambda value: str(value)[:20])
def test_every_part_is_said_in_both_languages(purpose: Purpose, version: int, wording: Wording) -> None:
    assert all(wording.line(part, language, 0) for part in PARTS for language in ("ko", "en"))
    assert {"{n}" in wording.kept.ko, "{n}" in wording.kept.en} == {purpose in {Purpose.DOCUMENTS, Purpose.IDENTITY_SERVICE}}


def test_every_purpose_has_a_use() -> None:
    assert set(USES) == set(Purpose)
    assert {use.purpose for use in USES.values() if use.basis is not Basis.TOLD} == {Purpose.DOCUMENTS, Purpose.RENEWAL}


def test_how_long_is_what_the_policy_says() -> None:
    policy = read_policy("[retention]\ndocument_days = 45\napplication_years = 3\n")
    assert kept_for(Purpose.DOCUMENTS, policy) == 45
    assert "45" in USES[Purpose.DOCUMENTS].wording(1).line("kept", "ko", 45)
    assert kept_for(Purpose.IDENTITY_SERVICE, policy) == 3


@pytest.mark.parametrize("version", [0, -1, 99])
def test_a_version_that_never_was_has_no_words(version: int) -> None:
    with pytest.raises(NotFound):
        USES[Purpose.DOCUMENTS].wording(version)
