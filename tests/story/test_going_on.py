"""Something goes wrong at each provider in the browser: it is told, the draft stays, and another way leads on at once."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from otpward.sandbox.identity.people import Person
from tests.story import outside, proving
from tests.story.running_demo import Demo
from tests.story.steps import Person as Member
from tests.story.walker import Walker

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Enter = Callable[..., Walker]
GoWrong = Callable[[Walker, Demo, Person, Path], None]
CANCELLED = "You stopped before the end"
EXPIRED = "The time for this is over"
FAILED = "We could not confirm who you are"
FORGED = "The answer was not the one to your request. Try again from here"
NO_CERTIFICATE = "This certificate is not accepted. Choose one of the accepted kinds that was not revoked, or another way"
WRONG_CODE = "The code is not correct or has expired. Try again or get a new one"


def at_nice(provider: str, suffix: str) -> GoWrong:
    """The member themself, on a number where this goes wrong."""

    def walk(member: Walker, demo: Demo, who: Person, _folder: Path) -> None:
        proving.choose(member, "review", provider, who)
        proving.go_there(member, provider)
        outside.at_nice(member, demo, replace(who, phone=f"+82107777{suffix}"))

    return walk


def cancelled_at_nice(member: Walker, demo: Demo, who: Person, _folder: Path) -> None:
    proving.choose(member, "review", "phone", who)
    proving.go_there(member, "phone")
    outside.leave_nice(member, demo)


def by_ipin_of(player: str) -> GoWrong:
    def walk(member: Walker, demo: Demo, who: Person, _folder: Path) -> None:
        proving.choose(member, "review", "ipin", who)
        proving.go_there(member, "ipin")
        outside.by_ipin(member, demo, player)

    return walk


def wrong_code(member: Walker, demo: Demo, who: Person, _folder: Path) -> None:
    before = len(demo.messages(who.phone))
    proving.choose(member, "review", "portone", who, carrier="SKT", digit="1")
    came = outside.newest_code(demo, who.phone, before)
    member.fill("Code from your phone", f"{(int(came) + 1) % 1_000_000:06d}")
    member.press("Continue")


def declined(member: Walker, demo: Demo, who: Person, _folder: Path) -> None:
    proving.choose(member, "review", "kakao", who)
    outside.answer_app(member, demo, who, yes=False)
    member.press("I have answered, go on")


def signed_with(kind: str, *, revoked: bool = False) -> GoWrong:
    def walk(member: Walker, demo: Demo, who: Person, folder: Path) -> None:
        serial = outside.certificate(demo, who.id, folder, kind)
        if revoked:
            outside.revoke(demo, serial)
        proving.choose(member, "review", "certificate", who)
        proving.sign(member, [str(folder / "signCert.der"), str(folder / "signPri.key")])

    return walk


TABLE = [
    ("ko", "phone", at_nice("phone", "0004"), EXPIRED, "expired"),
    ("en", "phone", cancelled_at_nice, CANCELLED, "cancelled"),
    ("ko", "ipin", by_ipin_of("s0002"), CANCELLED, "cancelled"),
    ("en", "ipin", by_ipin_of("s0003"), FAILED, "other_name"),
    ("ko", "phone-v1", at_nice("phone-v1", "0005"), FORGED, "forged"),
    ("en", "phone-v1", at_nice("phone-v1", "0003"), FAILED, "other_name"),
    ("ko", "portone", wrong_code, WRONG_CODE, "not_yet"),
    ("en", "portone", wrong_code, WRONG_CODE, "not_yet"),
    ("ko", "kakao", declined, CANCELLED, "cancelled"),
    ("en", "kakao", declined, CANCELLED, "cancelled"),
    ("ko", "certificate", signed_with("banks-only"), NO_CERTIFICATE, "not_accepted"),
    ("en", "certificate", signed_with("general", revoked=True), NO_CERTIFICATE, "not_accepted"),
]


@pytest.mark.parametrize(
    ("lang", "provider", "go_wrong", "told", "result"), [pytest.param(*row, id=f"{row[1]}-{row[0]}-{row[4]}") for row in TABLE]
)
def test_what_goes_wrong_leaves_the_draft_and_another_way_leads_on(
    demo: Demo,
    enter: Enter,
    next_person: Callable[[], Member],
    tmp_path: Path,
    lang: str,
    provider: str,
    go_wrong: GoWrong,
    told: str,
    result: str,
) -> None:
    member = enter(lang, 390 if lang == "ko" else 1280)
    who = proving.known(next_person().login)
    proving.prove_by_phone_code(member, demo, "follow", who)
    member.page.wait_for_url("**/cases")
    before = proving.start_draft(member, demo.signs["serials"][who.id])
    go_wrong(member, demo, who, tmp_path)
    member.look()
    assert member.say(told) in member.text() or member.say(told) in member.page.locator("h1").inner_text()
    proving.refused(demo, who.id, result, provider)
    assert proving.draft(member) == before, "the draft stays as it was"
    proving.prove_by_phone_code(member, demo, "review", who)
    member.page.wait_for_url("**/apply/review")
    assert proving.draft(member) == before
    member.press("Send application")
    proving.on(member, "Your application is in")
    assert proving.written(demo, who.id)[-1].method == "phone_code"


@pytest.mark.parametrize(
    ("lang", "who", "told", "result"),
    [
        pytest.param("ko", "이취소", CANCELLED, "cancelled", id="ko-cancelled"),
        pytest.param("en", "최느긋", EXPIRED, "expired", id="en-expired"),
    ],
)
def test_a_sign_on_that_brings_nobody_leads_on_to_the_phone_code(
    demo: Demo, enter: Enter, next_person: Callable[[], Member], lang: str, who: str, told: str, result: str
) -> None:
    member, asked = enter(lang, 390 if lang == "ko" else 1280), proving.known(next_person().login)
    proving.choose(member, "follow", "sign-on", asked)
    proving.go_there(member, "sign-on")
    outside.sign_on_as(member, demo, who)
    member.see(told)
    proving.refused(demo, asked.id, result, "sign-on")
    member.follow("Choose another way")
    proving.prove_by_phone_code(member, demo, "follow", asked)
    member.page.wait_for_url("**/cases")
