"""From a lost OTP to a working one: at the counter, by post, on the phone; in both languages and at both sizes."""

import io
import re
from collections.abc import Callable

import pytest
import zxingcpp
from PIL import Image

from tests.story import desk_steps, steps
from tests.story.running_demo import Demo, app_code
from tests.story.walker import Walker

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Enter = Callable[..., Walker]
Staff = Callable[..., Walker]
PEOPLE = [pytest.param(lang, width, id=f"{lang}-{width}") for lang in ("ko", "en") for width in (390, 1280)]


def works_once(demo: Demo, login: str, serial: str, old: str) -> None:
    """The end of every story: the old token's code is refused, the new one's accepted, and the same refused the second time."""
    refused = demo.verify(serial=old, code=demo.code(old))
    assert (refused["result"], refused["reason"]) == ("refused", "not_registered")
    code = demo.code(serial, ahead=1)  # the one before was spent by the test
    accepted = demo.verify(member=login, code=code)
    assert (accepted["result"], accepted.get("token")) == ("accepted", serial)
    again = demo.verify(member=login, code=code)
    assert (again["result"], again["reason"]) == ("refused", "replayed")


def report_and_apply(demo: Demo, member: Walker, who: steps.Person, way: str, branch: str = "") -> str:
    """Rooms 1 to 3; the number of the case."""
    steps.report_loss(member, who)
    refused = demo.verify(serial=who.serial, code=demo.code(who.serial))
    assert (refused["result"], refused["reason"]) == ("refused", "on_hold"), "stopped as soon as the receipt is on the screen"
    steps.prove_by_phone(member, demo, who)
    return steps.apply(member, way, who.serial, branch=branch)


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


@pytest.mark.parametrize(("lang", "width"), PEOPLE)
def test_sent_by_post(
    demo: Demo, enter: Enter, staff: Staff, next_person: Callable[[], steps.Person], lang: str, width: int
) -> None:
    who, member = next_person(), enter(lang, width)
    number = report_and_apply(demo, member, who, "post")
    desk_steps.approve(staff("teller", lang, width), number)
    sender = staff("stock", lang, width)
    sender.open(f"/console/cases/{number}")
    serial = desk_steps.reserve(sender, demo)
    tracking = desk_steps.send(sender, demo, number, serial)
    demo.move_parcel(tracking, "in_transit", "delivered")
    demo.wait_for_text(who.phone, "등록해 주세요", "Register it")
    assert demo.verify(serial=serial, code=demo.code(serial))["result"] == "refused", "delivered is not active"
    steps.register_device(member, number, serial)
    steps.activate(member, demo.code(serial))
    works_once(demo, who.login, serial, who.serial)


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_sent_by_post_without_script(
    demo: Demo, enter: Enter, staff: Staff, next_person: Callable[[], steps.Person], lang: str
) -> None:
    who, member = next_person(), enter(lang, 390, script=False)
    number = report_and_apply(demo, member, who, "post")
    desk_steps.approve(staff("teller", lang, 1280, script=False), number)
    sender = staff("stock", lang, 1280, script=False)
    sender.open(f"/console/cases/{number}")
    serial = desk_steps.reserve(sender, demo)
    tracking = desk_steps.send(sender, demo, number, serial)
    demo.move_parcel(tracking, "in_transit", "delivered")
    demo.wait_for_text(who.phone, "등록해 주세요", "Register it")
    steps.register_device(member, number, serial)
    steps.activate(member, demo.code(serial))
    works_once(demo, who.login, serial, who.serial)


@pytest.mark.parametrize(("lang", "width"), [PEOPLE[0], PEOPLE[3]])
def test_registered_on_the_phone(
    demo: Demo, enter: Enter, staff: Staff, next_person: Callable[[], steps.Person], lang: str, width: int
) -> None:
    who, member = next_person(), enter(lang, width)
    number = report_and_apply(demo, member, who, "app")
    teller = staff("teller", lang, width)
    desk_steps.approve(teller, number)
    teller.press("Make the app token")
    teller.look()
    late = enter(lang, width, who="another-day")  # another day, another browser: the member shows who they are again
    steps.prove_again(late, demo, who)
    late.open(f"/cases/{number}")
    late.follow("Register your new OTP")
    late.see("Register the app")
    found = zxingcpp.read_barcodes(Image.open(io.BytesIO(late.page.screenshot(full_page=True))))
    assert [one.format.name for one in found] == ["QRCode"]
    uri = found[0].text
    key = re.search(r"secret=([A-Z2-7]+)", uri)
    assert key, "the QR code is an otpauth address with a key"
    assert key.group(1) == re.sub(r"\s", "", late.page.locator("#key").inner_text())
    steps.activate(late, app_code(key.group(1)))
    code = app_code(key.group(1), ahead=1)
    assert demo.verify(member=who.login, code=code)["result"] == "accepted"
    assert demo.verify(member=who.login, code=code)["reason"] == "replayed"
    assert demo.verify(serial=who.serial, code=demo.code(who.serial))["reason"] == "not_registered"
    late.open(f"/register/app?case={number}")
    assert key.group(1) not in late.page.content(), "the key is never shown after success"


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_phone_and_otp_lost_together(
    demo: Demo, enter: Enter, staff: Staff, next_person: Callable[[], steps.Person], lang: str
) -> None:
    who, member = next_person(), enter(lang, 390)
    member.open("/report-loss")
    member.fill("Member number or ID", who.login)
    member.fill("Mobile number we have on file", who.phone)
    member.choose("My phone is lost too")
    texts = len(demo.messages(who.phone))
    member.press("Stop my OTP now")
    member.see("Your report is in")
    assert demo.verify(serial=who.serial, code=demo.code(who.serial))["reason"] == "on_hold"
    member.follow("Find a branch")
    member.see("Help")
    teller = staff("teller", lang, 1280)
    teller.open(f"/console/members?q={who.login}")
    teller.look()
    teller.follow("Take an application at the counter")
    teller.see("Take an application at the counter")
    teller.choose("Resident registration card")
    teller.choose("Name, birth date and photo are those of the person before me")
    teller.press("Take the application")
    number = teller.page.url.rsplit("/", 1)[1]
    desk_steps.approve(teller, number)
    serial = desk_steps.reserve(teller, demo)
    desk_steps.set_out(teller)
    teller.follow("Hand over an OTP")
    desk_steps.compare_and_test(teller, serial, demo.code(serial))
    works_once(demo, who.login, serial, who.serial)
    assert len(demo.messages(who.phone)) == texts, "nothing was sent to the lost phone"
