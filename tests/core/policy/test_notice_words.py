"""Words of an institution: sent only if they are whole, and nothing in them could be taken for a fraud."""

import pytest

from otpward.core.policy.notice_words import UnfitText, check_words, is_long, placeholders, sample, sms_octets
from otpward.core.policy.notices import TEXTS, NoticeKind

GOOD = "[{name}] {time} {phone}"


@pytest.mark.parametrize("kind", list(NoticeKind))
def test_our_own_words_are_fit(kind: NoticeKind) -> None:
    korean, english = TEXTS[kind]
    check_words(kind, {"ko": korean, "en": english})
    assert "{" not in sample(korean, "ko") + sample(english, "en")
    assert placeholders(kind) >= {"name", "phone", "time"}


@pytest.mark.parametrize(
    ("kind", "text", "what", "named"),
    [
        pytest.param(NoticeKind.TOKEN_LOCKED, "", "language", "", id="a language is missing"),
        pytest.param(NoticeKind.TOKEN_LOCKED, f"{GOOD} {{branch}}", "unknown", "branch", id="unknown"),
        pytest.param(NoticeKind.TOKEN_LOCKED, f"{GOOD} {{", "broken", "", id="an open brace"),
        pytest.param(NoticeKind.TOKEN_LOCKED, f"{GOOD} {{0}}", "broken", "", id="a number"),
        pytest.param(NoticeKind.TOKEN_LOCKED, f"{GOOD} {{name.__class__}}", "broken", "", id="an attribute"),
        pytest.param(NoticeKind.TOKEN_LOCKED, f"{GOOD} {{name!r:>999999}}", "broken", "", id="a format"),
        pytest.param(NoticeKind.TOKEN_LOCKED, "[{name}] locked", "missing", "phone", id="no phone"),
        pytest.param(NoticeKind.PHONE_CODE, "[{name}] 인증 {minutes}", "missing", "code", id="no code"),
        pytest.param(NoticeKind.PHONE_CODE, "[{name}] 인증 {code} https://a.kr", "link_and_code", "", id="link with a code"),
        pytest.param(NoticeKind.PHONE_CODE, "[{name}] 인증 {code} www.a.kr", "link_and_code", "", id="bare link with a code"),
        pytest.param(NoticeKind.PHONE_CODE, "[{name}] 인증 {code} {serial}", "key", "serial", id="serial with a code"),
        pytest.param(NoticeKind.TOKEN_LOCKED, f"{GOOD} {{seed}}", "key", "seed", id="seed"),
        pytest.param(NoticeKind.TOKEN_LOCKED, f"{GOOD} 😀", "letters", "😀", id="emoji"),
        pytest.param(NoticeKind.TOKEN_LOCKED, f"{GOOD} \u0007", "letters", "?", id="bell"),
        pytest.param(NoticeKind.TOKEN_LOCKED, GOOD + "가" * 800, "long", "", id="too long"),
    ],
)
def test_what_cannot_be_sent_is_refused_and_says_why(kind: NoticeKind, text: str, what: str, named: str) -> None:
    with pytest.raises(UnfitText) as refusal:
        check_words(kind, {"ko": TEXTS[kind][0], "en": text})
    assert (refusal.value.what, refusal.value.named, refusal.value.field) == (what, named, "en")


@pytest.mark.parametrize(
    ("text", "octets", "long"), [("가" * 45, 90, False), ("가" * 45 + "a", 91, True), ("a" * 90, 90, False)]
)
def test_bytes_are_those_on_the_air(text: str, octets: int, long: bool) -> None:
    assert (sms_octets(text), is_long(text)) == (octets, long)
