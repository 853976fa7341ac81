"""From a lost OTP to a working one, collected at the counter: in Korean on a phone, in English at a desk."""

import re
from collections.abc import Callable

import pytest

from tests.story import desk_steps, steps
from tests.story.ends import report_and_apply, works_once
from tests.story.running_demo import Demo
from tests.story.walker import Walker

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Enter = Callable[..., Walker]
Staff = Callable[..., Walker]
PEOPLE = [pytest.param(lang, width, id=f"{lang}-{width}") for lang, width in (("ko", 390), ("en", 1280))]


@pytest.mark.parametrize(("lang", "width"), PEOPLE)
def test_collected_at_the_counter(
    demo: Demo, enter: Enter, staff: Staff, next_person: Callable[[], steps.Person], lang: str, width: int
) -> None:
    who, member = next_person(), enter(lang, width)
    number = report_and_apply(demo, member, who, "branch", "본점" if lang == "ko" else "Head Office")
    teller = staff("teller", lang, width)
    desk_steps.approve(teller, number)
    serial = desk_steps.reserve(teller, demo)
    desk_steps.set_out(teller)
    member.open(f"/cases/{number}")
    member.see("Application {no}", no=number)
    member.follow("Show the pick-up pass")
    member.see("Pick-up pass")
    code = re.sub(r"\s", "", member.page.locator("#code").inner_text())
    assert re.fullmatch(r"[2-9A-Z]{8}", code)
    if lang == "ko":
        desk_steps.hand_over(teller, code, serial, None)
        assert demo.verify(serial=serial, code=demo.code(serial))["result"] == "refused", "handed over is not active"
        steps.register_device(member, number, serial)
        steps.activate(member, demo.code(serial))
    else:
        desk_steps.hand_over(teller, code, serial, demo.code(serial))
        member.open(f"/cases/{number}")
        member.see("Application {no}", no=number)
    works_once(demo, who.login, serial, who.serial)


CLICKS = 8
"""Complaint, on, paper, three ticks, approve; and after the member's own number, hand over. Beside them three scans, and the
eight digits of the day on the paper."""
_COUNTING = "addEventListener('pointerdown', () => { sessionStorage.clicks = 1 + Number(sessionStorage.clicks ?? 0); }, true)"


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_a_broken_otp_is_swapped_in_one_sitting(
    demo: Demo, staff: Staff, next_person: Callable[[], steps.Person], lang: str
) -> None:
    """By a scanner that types: the old device, the new one, and the old one again when it is taken back."""
    who, teller = next_person(), staff("teller", lang, 1280 if lang == "ko" else 820)
    teller.page.add_init_script(_COUNTING)
    teller.open("/console/counter/swap")
    teller.see("Swap a broken OTP")
    if lang == "ko":
        step_back(teller)
    teller.field("Serial number or member number").focus()
    teller.scan(who.serial)
    teller.see("What is wrong?")
    teller.choose("The screen stays dark")
    teller.press("Continue")
    teller.see("Compare the ID")
    teller.tick(teller.say("Passport"))
    teller.fill("Day on the paper", "20310501")
    for box in teller.page.get_by_role("checkbox").all():
        box.check()
    teller.press("Take and approve the application")
    teller.see("Scan the new device")
    serial = desk_steps.on_the_shelf(teller, demo)
    teller.scan(serial)
    teller.see("Test OTP")
    teller.page.keyboard.type(demo.code(serial))
    teller.press("Hand over and activate")
    teller.see("Handed over and activated")
    assert int(teller.page.evaluate("sessionStorage.clicks")) == CLICKS
    teller.scan(who.serial)
    teller.see("Handed over and activated")
    assert teller.say("Old OTP taken back") in teller.text()
    if lang == "ko":
        sign_with_a_pen(teller)
    works_once(demo, who.login, serial, who.serial)


def step_back(teller: Walker) -> None:
    """A browser that reads no codes asks for a photo instead; Escape goes back one step."""
    with teller.page.expect_file_chooser():
        teller.page.get_by_role("button", name=teller.say("Scan with camera")).click()
    with teller.page.expect_navigation():
        teller.page.keyboard.press("Escape")
    teller.see("Hand over an OTP")
    teller.follow("Broken OTP: swap it now")
    teller.page.evaluate("sessionStorage.clicks = 0")


def sign_with_a_pen(teller: Walker) -> None:
    """Strokes that were drawn are kept, and the receipt is a PDF."""
    field = teller.page.locator("svg.signature")
    field.scroll_into_view_if_needed()
    box = field.bounding_box()
    assert box is not None
    mouse = teller.page.mouse
    mouse.move(box["x"] + 40, box["y"] + 60)
    mouse.down()
    for step in range(1, 12):
        mouse.move(box["x"] + 40 + 20 * step, box["y"] + 60 + 30 * (step % 2))
    mouse.up()
    teller.press("Keep the signature")
    teller.see("Handed over and activated")
    drawn = teller.page.locator("svg.signature path").get_attribute("d") or ""
    assert drawn.count("L") >= 10
    with teller.page.expect_download() as saved:
        teller.page.get_by_role("link", name=teller.say("Save the hand-over receipt (PDF)")).click()
    assert saved.value.path().read_bytes().startswith(b"%PDF-")
