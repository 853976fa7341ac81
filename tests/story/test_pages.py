"""Every page that can be opened by its address, in both languages and both themes: judged alike, down to 320 px."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.story import outside, proving, steps
from tests.story.live_links import live_links
from tests.story.pictures import certificate
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
    "/sign-in/recovery-code",
    "/prove/passkey?for=follow",
    "/prove/recovery-code?for=follow",
    "/prove/otp?for=follow",
    "/prove/branch?for=apply",
    "/prove/provider?for=follow&by=phone",
    "/prove/provider?for=follow&by=portone",
    "/prove/provider?for=follow&by=certificate",
    "/prove/certificate?for=follow",
    "/console/sign-in",
    "/check",
    "/apply",
    "/help",
    "/privacy",
    "/accessibility",
    "/r/NOSUCHLINK",
    "/no-such-page",
]
MEMBERS = [
    "/my",
    "/backup",
    "/backup/codes",
    "/backup/passkeys",
    "/backup/confirm?then=codes",
    "/settings",
    "/settings/phone",
    "/settings/email",
    "/settings/consents",
    "/cases",
    "/check/test",
    "/check/resync",
    "/check/wake",
    "/check/replace?why=dark",
    "/check/replace?why=phone_changed",
    "/history",
    "/register",
]
APPLYING = [
    "/apply/tasks",
    "/apply/kind",
    "/apply/reason",
    "/apply/applicant",
    "/apply/delivery",
    "/apply/documents",
    "/apply/consent?item=seal_certificate",
    "/apply/documents/seal_certificate",
]
STAFF = [
    "/console",
    "/console/cases",
    "/console/losses",
    "/console/members",
    "/console/tokens",
    "/console/counter",
    "/console/shipments",
    "/console/campaigns",
    "/console/campaigns/new",
    "/console/campaigns/forecast",
    "/console/stock",
    "/console/stock/in",
    "/console/stock/transfer",
    "/console/stock/count",
    "/console/stock/quarantine",
    "/console/stock/rules",
    "/console/stock/import",
    "/console/audit",
    "/console/messages",
    "/console/messages/token_locked",
]
COUNTER = ["/console/counter/prove", "/console/counter/prove?q=m1003", "/console/counter/swap"]
STARTED = ("phone", "phone-v1", "portone", "kakao", "certificate")
"""A provider for each way to go on: by a link, by a form, with a code, on the phone, with a signature."""
LOOKS = [pytest.param(lang, scheme, id=f"{lang}-{scheme}") for lang in ("ko", "en") for scheme in ("light", "dark")]
SIZES = {"light": ((1280, 800), (390, 844)), "dark": ((390, 844),)}
"""What stands where is the same in both themes; colours are judged on the narrow page."""


@pytest.fixture(scope="module")
def at_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the cookies of the signed-in member are kept."""
    return tmp_path_factory.mktemp("member") / "state.json"


def judge(walker: Walker, scheme: str, paths: list[str]) -> None:
    """Open each page at its widths, and at the narrowest of all."""
    walker.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    for path in paths:
        walker.open(path)
        for width, height in SIZES[scheme]:
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
def test_pages_behind_the_links_of_notices(demo: Demo, enter: Enter, lang: str, scheme: str) -> None:
    judge(enter(lang, 1280), scheme, live_links(demo.folder, "m1018", f"{lang}-{scheme}"))


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
        # Its contact pages open to who has shown who they are for that.
        proving.choose(member, "contact", "ipin", proving.known(who.login))
        proving.go_there(member, "ipin")
        outside.by_ipin(member, demo, who.login)
        member.see("Change the mobile number")
        member.context.storage_state(path=at_home)
    judge(member, scheme, MEMBERS)


@pytest.mark.parametrize(("lang", "scheme"), LOOKS)
def test_pages_of_a_proof_on_its_way(demo: Demo, enter: Enter, lang: str, scheme: str) -> None:
    member, who = enter(lang, 1280), proving.known(f"m{1010 + [look.id for look in LOOKS].index(f'{lang}-{scheme}')}")
    pages = []
    for provider in STARTED:
        proving.choose(member, "follow", provider, who, carrier="SKT", digit="1")
        pages.append(member.page.url)
    proving.choose(member, "follow", "ipin", who)
    member.open("/prove/return/ipin")
    member.see("You stopped before the end")
    pages.append(member.page.url)
    member.open("/prove/phone?for=follow")
    member.fill("Member number or ID", who.id)
    member.fill("Mobile number we have on file", who.domestic_phone)
    member.press("Send the code")
    pages.append(member.page.url)
    judge(member, scheme, [page.removeprefix(demo.site) for page in pages])


@pytest.mark.parametrize(("lang", "scheme"), LOOKS)
def test_pages_of_an_application(demo: Demo, enter: Enter, lang: str, scheme: str) -> None:
    """By proxy and by post: the kind that is asked for most."""
    member, who = enter(lang, 1280), proving.known(f"m{1014 + [look.id for look in LOOKS].index(f'{lang}-{scheme}') % 3}")
    proving.prove_by_phone_code(member, demo, "apply", who)
    judge(member, scheme, ["/apply", "/apply?kind=minor", "/apply?kind=corporation"])
    member.open("/apply?kind=proxy")
    if member.page.get_by_role("button", name=member.say("Start"), exact=True).count():
        member.press("Start")
        member.follow("Reason")
        member.choose("It is broken")
        member.press("Continue")
    member.open("/apply/delivery?how=post")
    member.fill("Postcode", "04528")
    member.page.get_by_label(member.say("Address"), exact=True).fill("서울 중구 세종대로 110")
    member.press("Continue")
    judge(member, scheme, APPLYING)
    if scheme == "light":
        pages_of_a_picture(member)


def pages_of_a_picture(member: Walker) -> None:
    """Sent, covered by hand, kept; and what would go with it, if somebody else applied."""
    member.page.set_viewport_size({"width": 390, "height": 844})
    member.open("/apply/documents/power_of_attorney")
    if member.page.locator("input[name=agree]").count():
        member.page.locator("input[name=agree]").check(force=True)
        with member.page.expect_navigation():
            member.page.locator("main form button").first.click()
    member.page.locator("#f-file").set_input_files(
        files={"name": "paper.png", "mimeType": "image/png", "buffer": certificate()}
    )
    member.page.get_by_role("button", name=member.say("Send the picture"), exact=True).click()
    expect(member.page.locator("figure.sheet img").first).to_be_visible(timeout=60_000)
    member.look()
    member.open(f"{member.page.url.removeprefix(member.site).split('?')[0]}?hand=1")
    member.look()
    member.page.set_viewport_size({"width": 320, "height": 640})
    member.fits()
    keep = member.page.url.split("?")[0]
    member.page.goto(keep)
    if member.page.locator("input[name=looked]").count():
        member.choose("I have looked: no such number can be read any more")
    member.press("Keep this picture")
    member.open("/apply/kind")
    member.page.locator("input[name=kind]").first.check(force=True)
    member.press("Continue")
    member.see("Change who applies?")


@pytest.mark.parametrize(("lang", "scheme"), LOOKS)
def test_pages_of_staff(enter: Enter, staff: Callable[..., Walker], lang: str, scheme: str) -> None:
    judge(staff("admin", lang, 1280), scheme, STAFF)
    judge(staff("teller", lang, 1280), scheme, COUNTER)
