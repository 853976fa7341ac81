"""Staff come to the console by the institution's sign-on, in both languages; and who does not work here does not."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.story.running_demo import Demo
from tests.story.walker import Walker

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Enter = Callable[..., Walker]
TITLES = {"ko": "한빛 직원 계정", "en": "Hanbit staff account"}
LANGUAGES = [pytest.param("ko", 390, id="ko"), pytest.param("en", 1280, id="en")]


def go(walker: Walker, demo: Demo, lang: str, who: str) -> None:
    """By the link of the page to the sign-on, where somebody is chosen, and back."""
    walker.open("/console/sign-in")
    walker.see("Sign in to the console")
    walker.follow("Sign in with {provider}", provider=TITLES[lang])
    assert walker.page.url.startswith(f"{demo.world}/oidc/authorize?")
    with walker.page.expect_navigation(url=f"{demo.site}/**"):
        walker.page.get_by_role("link", name=who, exact=True).click()
    # The way leads over the sign-on's own pages, and over nobody else's.
    walker.complaints[:] = [one for one in walker.complaints if not one.startswith(f"left the origin: {demo.world}/")]


@pytest.mark.parametrize(("lang", "width"), LANGUAGES)
def test_the_sign_on_takes_the_place_of_the_password(demo: Demo, enter: Enter, lang: str, width: int) -> None:
    staff = enter(lang, width)
    go(staff, demo, lang, "한관리")
    staff.see("Enter your OTP number")
    # Each language a number of its own: a number is good once.
    staff.fill("OTP number", demo.code(demo.signs["serials"]["admin"], ahead=LANGUAGES[1].id == lang))
    staff.press("Sign in")
    staff.see("My work today")


@pytest.mark.parametrize(("lang", "width"), LANGUAGES)
def test_a_member_who_does_not_work_here_stays_outside(demo: Demo, enter: Enter, lang: str, width: int) -> None:
    member = enter(lang, width)
    go(member, demo, lang, "홍길동")
    member.see("Sign in to the console")
    refused = member.say("That sign-on does not open the console. Sign in here, or ask your administrator.")
    expect(member.page.get_by_role("status")).to_have_text(refused)
    member.open("/console")
    member.see("Sign in to the console")
