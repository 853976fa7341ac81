"""Every page that can be opened by its address, in both languages and both themes: judged alike, down to 320 px."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.story import steps
from tests.story.running_demo import Demo
from tests.story.walker import Walker

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Enter = Callable[..., Walker]
OPEN = [
    "/",
    "/report-loss",
    "/prove?for=follow",
    "/prove/phone?for=follow",
    "/sign-in",
    "/sign-in/other-way",
    "/check",
    "/apply",
    "/help",
    "/privacy",
    "/accessibility",
    "/no-such-page",
]
MEMBERS = ["/my", "/cases", "/check/test", "/check/resync", "/register"]
STAFF = [
    "/console",
    "/console/cases",
    "/console/losses",
    "/console/members",
    "/console/tokens",
    "/console/counter",
    "/console/shipments",
    "/console/stock",
    "/console/audit",
]
LOOKS = [pytest.param(lang, scheme, id=f"{lang}-{scheme}") for lang in ("ko", "en") for scheme in ("light", "dark")]


@pytest.fixture(scope="session")
def at_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the cookies of the signed-in member are kept."""
    return tmp_path_factory.mktemp("member") / "state.json"


def judge(walker: Walker, scheme: str, paths: list[str]) -> None:
    """Open each page at three widths."""
    walker.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    for path in paths:
        walker.open(path)
        for width, height in ((1280, 800), (390, 844)):
            walker.page.set_viewport_size({"width": width, "height": height})
            walker.look()
        walker.page.set_viewport_size({"width": 320, "height": 640})
        walker.fits()
        expect(walker.page.get_by_role("heading", level=1)).to_have_count(1)
        name = walker.page.locator("h1").inner_text()
        assert walker.page.title().startswith(name), "the title begins with the heading"


@pytest.mark.parametrize(("lang", "scheme"), LOOKS)
def test_open_pages(enter: Enter, lang: str, scheme: str) -> None:
    judge(enter(lang, 1280, missing_is_fine=True), scheme, OPEN)


@pytest.mark.parametrize(("lang", "scheme"), LOOKS)
def test_pages_of_a_member(
    demo: Demo, enter: Enter, next_person: Callable[[], steps.Person], at_home: Path, lang: str, scheme: str
) -> None:
    member = enter(lang, 1280, state=at_home if at_home.exists() else None)
    if not at_home.exists():
        who = next_person()
        member.open("/sign-in")
        member.fill("Member number or ID", who.login)
        member.fill("Password", demo.signs["member_password"])
        member.press("Continue")
        member.see("Enter the OTP number")
        member.page.locator("input[name=code]").fill(demo.code(who.serial))
        member.press("Sign in")
        member.see("My page")
        member.context.storage_state(path=at_home)
    judge(member, scheme, MEMBERS)


@pytest.mark.parametrize(("lang", "scheme"), LOOKS)
def test_pages_of_staff(enter: Enter, staff: Callable[..., Walker], lang: str, scheme: str) -> None:
    judge(staff("admin", lang, 1280), scheme, STAFF)
