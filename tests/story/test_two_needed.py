"""Who was enrolled in person shows two things: for an application, and to use a device again that was found."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.story import outside, proving, steps
from tests.story.running_demo import Demo
from tests.story.walker import Walker

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Enter = Callable[..., Walker]
SPENT: set[str] = set()
LANGUAGES = [pytest.param("ko", 390, id="ko"), pytest.param("en", 1280, id="en")]


def unspent(demo: Demo, serial: str) -> str:
    """A number of this device that no test here has used; what is waited for is the device's next."""
    while True:
        for ahead in (0, 1):
            code = demo.code(serial, ahead=ahead)
            if code not in SPENT:
                SPENT.add(code)
                return code
        time.sleep(1)


def asked_for_one_more(member: Walker) -> None:
    """After the first the page says that another one is needed, and greys what was shown."""
    member.page.wait_for_url("**/prove?*")
    member.see("Choose how to prove who you are")
    status = member.page.get_by_role("status")
    expect(status).to_contain_text(member.say("Two are needed ({i} of 2)", i=2))
    expect(status).to_contain_text(member.say("Done: {methods}. Choose one more.", methods=member.say("Phone code")))


def second(member: Walker, demo: Demo, who: steps.Person, provider: str, folder: Path) -> None:
    """From the cards that are open, to the end at this provider."""
    member.follow(proving.title(member, provider))
    proving.on(member, "Prove who you are with {provider}", provider=proving.title(member, provider))
    assert not member.page.locator("main [name=member]").count(), "nothing is asked for twice"
    member.press("Continue")
    if provider == "ipin":
        proving.go_there(member, provider)
        outside.by_ipin(member, demo, who.login)
    else:
        outside.certificate(demo, who.login, folder)
        proving.sign(member, [str(folder / "signCert.der"), str(folder / "signPri.key")])


@pytest.mark.parametrize(("lang", "width"), LANGUAGES)
def test_an_application(demo: Demo, enter: Enter, tmp_path: Path, lang: str, width: int) -> None:
    who, member = steps.person(demo, steps.ENROLLED_IN_PERSON), enter(lang, width)
    if lang == "en":
        proving.sign_in(
            member, demo, who, code=unspent(demo, who.serial)
        )  # a certificate is first known from a member who is signed in
    proving.prove_by_phone_code(member, demo, "apply", proving.known(who.login))
    asked_for_one_more(member)
    second(member, demo, who, "ipin" if lang == "ko" else "certificate", tmp_path)
    member.page.wait_for_url("**/apply")
    before = proving.start_draft(member, who.serial)
    assert f"****{who.serial[-4:]}" in before
    member.press("Send application")
    member.see("Your application is in")
    both = [one.method for one in proving.written(demo, who.login)][-2:]
    assert both == ["phone_code", "agency" if lang == "ko" else "certificate"]
    number = member.page.url.rsplit("=", 1)[1]
    member.open(f"/cases/{number}/cancel")  # the next language applies anew
    member.press("Cancel the application")


@pytest.mark.parametrize(("lang", "width"), LANGUAGES)
def test_a_report_is_cancelled(demo: Demo, enter: Enter, tmp_path: Path, lang: str, width: int) -> None:
    who, member = steps.person(demo, steps.ENROLLED_IN_PERSON), enter(lang, width)
    number = steps.report_loss(member, who)
    member.follow("I found it – cancel the report")
    before = demo.codes_sent(who.phone)
    member.press("Send the code")
    member.fill("6-digit phone code", demo.phone_code(who.phone, before))
    member.press("Continue")
    asked_for_one_more(member)
    member.open(f"/report-loss/{number}/lift")
    member.page.wait_for_url("**/prove?*")
    second(member, demo, who, "ipin", tmp_path)
    member.see("Now a number of the device you found")
    member.fill("OTP number", unspent(demo, who.serial))
    member.press("Cancel the report")
    member.see("You can use your OTP again")
