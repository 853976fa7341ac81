"""The rooms of the story as staff see them at the console."""

import re

from tests.story.running_demo import Demo
from tests.story.walker import Walker


def sign_in(staff: Walker, demo: Demo, login: str) -> None:
    """Password, then an OTP of the product itself."""
    staff.open("/console")
    staff.see("Sign in to the console")
    staff.fill("Member number or ID", login)
    staff.fill("Password", demo.signs["staff_password"])
    staff.press("Continue")
    staff.see("Enter your OTP number")
    staff.fill("OTP number", demo.code(demo.signs["serials"][login]))
    staff.press("Sign in")
    staff.see("My work today")


def open_case(staff: Walker, number: str) -> None:
    """From the queue to the case."""
    staff.open("/console/cases?state=to_do")
    staff.see("Applications")
    staff.follow(number)
    staff.see("Application {no}", no=number)


def approve(staff: Walker, number: str) -> None:
    """Take the case up, and approve it."""
    open_case(staff, number)
    staff.press("Take up this application")
    staff.see("Application {no}", no=number)
    staff.choose("Approve")
    staff.press("Save the decision")
    staff.see("Application {no}", no=number)
    take_fee(staff)


def take_fee(staff: Walker) -> None:
    """Write down that the fee was paid, where one is due."""
    if staff.page.locator("#fee input[name=means]").count():
        staff.choose("Cash")
        staff.press("Record the payment")
        staff.look()


def reserve(staff: Walker, demo: Demo) -> str:
    """Take a device from the shelf by its serial, typed as a scanner types it; the serial."""
    offered = [button.inner_text() for button in staff.page.locator("button[name=shelf]").all()]
    serial = next(one for one in offered if demo.devices[one].period_s is not None)
    staff.field("Serial number").click()
    staff.scan(serial)
    staff.look()
    assert serial in staff.text()
    return serial


def on_the_shelf(staff: Walker, demo: Demo) -> str:
    """A device that lies on the shelf of this branch, read off the page of the application in another tab."""
    tab = staff.context.new_page()
    number = re.search(r"R-\d{6}-[2-9A-Z]{7}", staff.text() + staff.page.locator("main").inner_text())
    assert number, staff.text()
    tab.goto(f"{staff.site}/console/cases/{number.group(0)}")
    offered = [button.inner_text() for button in tab.locator("button[name=shelf]").all()]
    tab.close()
    return next(one for one in offered if demo.devices[one].period_s is not None)


def set_out(staff: Walker) -> None:
    """The device lies ready at the counter."""
    staff.press("It lies ready")
    staff.look()


def send(staff: Walker, demo: Demo, number: str, serial: str) -> str:
    """Pack the device and hand it in at the post office; the tracking number."""
    staff.open(f"/console/cases/{number}")
    staff.press("It is packed")
    staff.look()
    tracking = demo.hand_in_parcel()
    staff.fill("Serial number", serial)
    staff.fill("Tracking number", tracking)
    staff.press("Handed in")
    staff.look()
    staff.open("/console/shipments")
    staff.look()
    assert tracking in staff.text()
    return tracking


def see_papers(staff: Walker, act: str) -> None:
    """Compare the paper with the person, on the page that is open, for this act."""
    staff.see("Prove identity in person")
    staff.choose(act)
    staff.tick(staff.say("Passport"))
    staff.fill("Day on the paper", "2031-05-01")
    for box in staff.page.get_by_role("checkbox").all():
        box.check()
    staff.press("Record the proof")
    staff.see("Identity proven")


def hand_over(staff: Walker, code: str, serial: str, otp: str | None) -> None:
    """The counter's five steps; with `otp` the device is tested there, without it the member does so at home."""
    staff.open("/console/counter")
    staff.see("Hand over an OTP")
    staff.scan(code)
    compare_and_test(staff, serial, otp)


def compare_and_test(staff: Walker, serial: str, otp: str | None) -> None:
    """The last four of the five steps."""
    staff.see("Compare the ID")
    staff.tick(staff.say("Passport"))
    staff.fill("Day on the paper", "2031-05-01")
    for box in staff.page.get_by_role("checkbox").all():
        box.check()
    staff.press("Continue")
    staff.see("Scan the device")
    staff.scan(serial)
    staff.see("Test OTP")
    if otp is None:
        staff.page.get_by_text(staff.say("The member activates at home")).click()
        staff.press("Hand over without a test")
        staff.see("Handed over")
    else:
        staff.fill("OTP number", otp)
        staff.press("Hand over and activate")
        staff.see("Handed over and activated")
