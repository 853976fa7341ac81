"""What one falls back on: a recovery code that is shown once, a passkey of this device, and both as ways in."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.story import steps
from tests.story.passkeys import authenticator
from tests.story.running_demo import Demo
from tests.story.walker import Walker

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Enter = Callable[..., Walker]
LOOKS = [pytest.param("ko", 390, id="ko-390"), pytest.param("en", 1280, id="en-1280")]


def at_home(member: Walker, demo: Demo) -> Walker:
    """Passkeys need a name for an address: the loopback has one."""
    member.site = demo.site.replace("127.0.0.1", "localhost")
    return member


def sign_in(member: Walker, demo: Demo, who: steps.Person, *, ahead: int = 0) -> None:
    member.open("/sign-in")
    member.fill("Member number or ID", who.login)
    member.fill("Password", demo.signs["member_password"])
    member.press("Continue")
    member.see("Enter the OTP number")
    member.page.locator("input[name=code]").fill(demo.code(who.serial, ahead=ahead))
    member.press("Sign in")
    member.see("My page")


@pytest.mark.parametrize(("lang", "width"), LOOKS)
def test_a_recovery_code_is_saved_and_used_once(
    demo: Demo, enter: Enter, next_person: Callable[[], steps.Person], tmp_path: Path, lang: str, width: int
) -> None:
    who, member = next_person(), enter(lang, width)
    sign_in(member, demo, who)
    assert member.say("You have no backup. If you lose the device you must visit a branch") in member.text()
    member.follow("Save recovery codes")
    member.see("Ways to sign in and recover")
    member.follow("Save recovery codes")
    member.see("Recovery code")
    member.press("Make the code")
    member.see("Your new recovery code")
    code = member.page.locator("#recovery-code").inner_text()
    assert len(code.replace(" ", "").replace("\n", "")) == 28
    member.press("Continue")
    member.look()
    assert member.page.locator("#recovery-code").inner_text() == code, "the page stays until the box is ticked"
    with member.page.expect_download() as waiting:
        member.page.get_by_role("button", name=member.say("Save"), exact=True).click()
    waiting.value.save_as(tmp_path / "code.txt")
    saved = (tmp_path / "code.txt").read_text(encoding="utf-8")
    assert code.replace("\n", " ") in saved
    member.choose("I have put it in a safe place")
    member.press("Continue")
    member.see("Ways to sign in and recover")

    again = enter(lang, width, who="again")
    again.open("/sign-in/recovery-code")
    again.see("Sign in with a recovery code")
    again.fill("Member number or ID", who.login)
    again.fill("Password", demo.signs["member_password"])
    again.fill("Recovery code", code.lower())
    again.press("Sign in")
    again.see("Your new recovery code")
    assert again.page.locator("#recovery-code").inner_text() != code
    again.choose("I have put it in a safe place")
    again.press("Continue")
    again.page.wait_for_url("**/apply")

    third = enter(lang, width, who="third")
    third.open("/prove/recovery-code?for=apply")
    third.see("Enter the recovery code")
    third.fill("Member number or ID", who.login)
    third.fill("Recovery code", code)
    third.press("Continue")
    third.see("Enter the recovery code")
    refused = "That did not match what we have on file, or it was used. Try again or choose another way"
    assert third.say(refused) in third.text(), "once"


@pytest.mark.parametrize(("lang", "width"), LOOKS)
def test_a_passkey_from_first_to_last(
    demo: Demo, enter: Enter, next_person: Callable[[], steps.Person], lang: str, width: int
) -> None:
    who, member = next_person(), at_home(enter(lang, width), demo)
    sign_in(member, demo, who)
    device = authenticator(member)
    member.open("/backup/passkeys")
    member.see("Passkeys")
    member.fill("Name of the passkey", "Mine")
    member.press("Add a passkey on this device")
    member.page.wait_for_url("**?done=added")
    member.look()
    member.press("Try it now")
    member.page.wait_for_url("**?done=works")
    member.look()
    (made,) = device.credentials()
    assert (made["rpId"], made["isResidentCredential"], made["userName"]) == ("localhost", True, who.login)

    member.open("/backup/passkeys")
    member.page.get_by_role("button", name=member.say("Add a passkey on this device")).click()
    expect(member.page.get_by_text(member.say("This device already has a passkey of yours"))).to_be_visible()
    member.look()
    member.open("/backup/confirm?then=codes")
    member.see("Show once more that it is you")
    member.press("Use a passkey")
    member.page.wait_for_url("**/backup/codes")

    sign_out(member)
    member.open("/sign-in")  # the browser offers it as soon as the page is there
    member.page.wait_for_url("**/my")
    member.see("My page")
    sign_out(member)
    member.open("/prove/passkey?for=follow")
    member.see("Prove who you are with a passkey")
    member.press("Use a passkey")
    member.page.wait_for_url("**/cases")

    sign_out(member)
    device.set_back()
    member.open("/prove/passkey?for=follow")
    member.press("Use a passkey")
    member.see("Prove who you are with a passkey")
    assert member.say("That passkey was not accepted. Try again, or choose another way") in member.text(), "a copy"
    demo.wait_for_text(who.phone, "복제된 패스키", "Copied passkey")


def test_a_removed_passkey_is_forgotten_and_opens_nothing(
    demo: Demo, enter: Enter, next_person: Callable[[], steps.Person]
) -> None:
    who, member = next_person(), at_home(enter("en", 1280), demo)
    sign_in(member, demo, who)
    device = authenticator(member)
    member.open("/backup/passkeys")
    member.press("Add a passkey on this device")
    member.page.wait_for_url("**?done=added")
    (made,) = device.credentials()
    member.follow("Remove")
    member.see("Remove this passkey?")
    member.press("Remove")
    member.page.wait_for_url("**?done=removed")
    member.look()
    sign_out(member)
    for one in device.credentials():  # a browser that does not listen to the signal still has it
        device.remove(one)
    device.add(made)
    device.answer(yes=False)
    member.open("/sign-in")
    device.answer(yes=True)
    member.press("Sign in with a passkey")
    member.see("Sign in")
    assert member.say("That passkey was not accepted. Try again, or choose another way") in member.text()


def test_without_finger_or_pin_there_is_no_passkey(demo: Demo, enter: Enter, next_person: Callable[[], steps.Person]) -> None:
    who, member = next_person(), at_home(enter("en", 390), demo)
    sign_in(member, demo, who)
    device = authenticator(member, verified=False)
    member.open("/backup/passkeys")
    member.page.get_by_role("button", name="Add a passkey on this device").click()
    expect(member.page.get_by_text("No passkey was used")).to_be_visible(timeout=60_000)
    assert device.credentials() == []


def test_staff_show_a_passkey_after_the_password(demo: Demo, enter: Enter) -> None:
    staff = at_home(enter("en", 1280), demo)
    auditor = steps.Person(login="auditor", phone="", serial=demo.signs["serials"]["auditor"])
    staff.open("/sign-in")
    staff.fill("Member number or ID", "auditor")
    staff.fill("Password", demo.signs["staff_password"])
    staff.press("Continue")
    staff.page.locator("input[name=code]").fill(demo.code(auditor.serial))
    staff.press("Sign in")
    authenticator(staff)
    staff.open("/backup/passkeys")
    staff.press("Add a passkey on this device")
    staff.page.wait_for_url("**?done=added")
    staff.open("/console/sign-in")
    staff.fill("Member number or ID", "auditor")
    staff.fill("Password", demo.signs["staff_password"])
    staff.press("Continue")
    staff.see("Enter your OTP number")
    staff.press("Use a passkey")
    staff.page.wait_for_url("**/console")


def sign_out(member: Walker) -> None:
    with member.page.expect_navigation():
        member.page.get_by_role("button", name=member.say("Sign out")).first.click()


def test_without_a_script_the_page_says_what_to_do(demo: Demo, enter: Enter) -> None:
    member = at_home(enter("en", 390, script=False), demo)
    member.open("/prove/passkey?for=apply")
    member.see("Prove who you are with a passkey")
    assert "Passkeys need scripts" in member.text()


def test_at_another_address_the_page_says_where(demo: Demo, enter: Enter) -> None:
    member = enter("en", 390)
    member.open("/prove/passkey?for=apply")
    member.see("Prove who you are with a passkey")
    expect(member.page.get_by_text("This browser cannot use passkeys here")).to_be_visible()
