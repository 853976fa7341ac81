"""Papers compared at the counter by scanner and keys alone; then the member goes on with their own phone."""

from collections.abc import Callable

import pytest

from tests.story import steps
from tests.story.walker import Walker

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Enter = Callable[..., Walker]
Staff = Callable[..., Walker]


def record_by_keys(teller: Walker) -> None:
    """From the first card that has the focus to the button, in the order in which it is read."""
    keys, before = teller.page.keyboard, teller.page.url
    for key in ("Space", "Tab", "Space", "Tab"):
        keys.press(key)
    keys.type("19991231")
    keys.press("Enter")  # as a scanner does
    for key in ("Tab", "Space", "Tab", "Space", "Tab", "Space", "Tab", "Tab"):
        keys.press(key)
    assert teller.page.url == before, "a form that is half filled in was not sent"
    with teller.page.expect_navigation():
        keys.press("Enter")


@pytest.mark.parametrize(("lang", "script"), [("ko", True), ("en", True), ("ko", False)], ids=["ko", "en", "ko-no-script"])
def test_by_scanner_and_keys_to_the_members_own_phone(
    enter: Enter, staff: Staff, next_person: Callable[[], steps.Person], lang: str, script: bool
) -> None:
    who, teller = next_person(), staff("teller", lang, 1024, script=script)
    teller.open("/console/counter")
    teller.follow("Prove identity in person")
    teller.see("Prove identity in person")
    teller.scan("nobody")
    teller.see("Prove identity in person")
    teller.scan(who.login)
    teller.see("Prove identity in person")
    record_by_keys(teller)
    teller.see("Identity proven")
    teller.press("Show a code for the member's phone")
    teller.look()
    code = teller.page.locator("#code").get_attribute("data-copy-text")
    assert code
    member = enter(lang, 390, script=script)
    member.open("/prove/branch")
    member.fill("Member number or ID", who.login)
    member.fill("Code from the branch", "2222 2222")
    member.press("Continue")
    member.look()
    member.fill("Code from the branch", f"{code[:4]} {code[4:]}".lower())
    member.press("Continue")
    member.look()
    assert member.page.url.endswith("/apply")
    teller.follow("Has it arrived?")
    teller.see("The member goes on in their own browser")


def test_escape_goes_back_one_step(staff: Staff, next_person: Callable[[], steps.Person]) -> None:
    who, teller = next_person(), staff("teller", "en", 1280)
    teller.open(f"/console/counter/prove?q={who.login}")
    teller.fill("Day on the paper", "2031")
    with teller.page.expect_navigation():
        teller.page.keyboard.press("Escape")
    teller.follow("Prove identity in person")
    teller.see("Prove identity in person")
