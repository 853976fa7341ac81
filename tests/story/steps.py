"""The rooms of the story, as a member walks through them in the portal."""

import re
from dataclasses import dataclass

from tests.story.running_demo import Demo
from tests.story.walker import Walker

ENROLLED_IN_PERSON = 5
"""Member m1005, of whom two proofs are asked."""


@dataclass(frozen=True)
class Person:
    """A member of the sample institution."""

    login: str
    phone: str
    serial: str


def person(demo: Demo, number: int) -> Person:
    """Member m10NN of the sample institution."""
    login = f"m{1000 + number}"
    return Person(login=login, phone=f"+82105550{1100 + number}", serial=demo.signs["serials"][login])


def report_loss(member: Walker, who: Person) -> str:
    """Room 1: the first page, the form, the receipt; its number."""
    member.open("/")
    member.see("What would you like to do?")
    member.follow("Report a lost OTP")
    member.see("Report a lost OTP")
    member.fill("Member number or ID", who.login)
    member.fill("Mobile number we have on file", "0" + who.phone.removeprefix("+82"))
    member.press("Stop my OTP now")
    member.see("Your report is in")
    number = re.search(r"L-\d{6}-[2-9A-Z]{7}", member.text())
    assert number, member.text()
    assert re.search(r"\d\d:\d\d:\d\d", member.text()), "the receipt tells the time to the second"
    return number.group(0)


def prove_by_phone(member: Walker, demo: Demo, who: Person) -> None:
    """Room 2: the phone code, from the receipt of the report."""
    before = demo.codes_sent(who.phone)
    member.press("Enter the phone code")
    member.see("Enter the phone code")
    member.fill("6-digit phone code", demo.phone_code(who.phone, before))
    member.press("Continue")
    member.see("Your OTP is stopped")


def prove_again(member: Walker, demo: Demo, who: Person) -> None:
    """Room 2, on another day: through `/prove`, to follow the application."""
    before = demo.codes_sent(who.phone)
    member.open("/prove?for=follow")
    member.see("Choose how to prove who you are")
    member.follow("Phone code")
    member.see("Phone code")
    member.fill("Member number or ID", who.login)
    member.fill("Mobile number we have on file", who.phone)
    member.press("Send the code")
    member.see("Enter the phone code")
    member.fill("6-digit phone code", demo.phone_code(who.phone, before))
    member.press("Continue")


def apply(member: Walker, way: str, old_serial: str, *, branch: str = "") -> str:
    """Room 3: the task list, one page each, the receipt; the number of the case."""
    member.follow("Apply for a new OTP")
    member.page.wait_for_url("**/apply")
    member.look()
    member.press("Start")
    member.page.wait_for_url("**/apply/tasks")
    member.look()
    member.follow("Reason")
    member.see("Why do you need a new OTP?")
    member.fill("Serial number of the old device", old_serial)
    member.press("Continue")
    member.page.wait_for_url("**/apply/tasks")
    member.follow("How you receive it")
    member.see("How you receive it")
    cards = {"branch": ("At a branch", "receive"), "post": ("By post", ""), "app": ("On my phone", "")}
    label, context = cards[way]
    member.choose(label, context=context)
    member.press("Continue")
    if way == "branch":
        member.see("Where do you collect it?")
        member.tick(branch, begins=True)
        member.press("Continue")
    elif way == "post":
        member.see("Where do we send it?")
        member.fill("Postcode", "04528")
        member.page.get_by_label(member.say("Address"), exact=True).fill("서울 중구 세종대로 110")
        member.press("Continue")
    member.page.wait_for_url("**/apply/tasks")
    member.follow("Documents")
    member.see("Documents")
    member.follow("Continue")
    member.page.wait_for_url("**/apply/tasks")
    member.follow("Check and send")
    member.see("Check and send")
    member.press("Send application")
    member.see("Your application is in")
    number = re.search(r"R-\d{6}-[2-9A-Z]{7}", member.text())
    assert number, member.text()
    return number.group(0)


def register_device(member: Walker, number: str, serial: str) -> None:
    """Room 6: the serial on the back; a wrong one first."""
    member.open(f"/cases/{number}")
    member.see("Application {no}", no=number)
    member.follow("Register your new OTP")
    member.see("Register the device")
    member.fill("Serial number on the back", "0000000000")
    member.press("Continue")
    member.see("Register the device")
    assert member.say("This is not the device sent for your application") in member.text()
    member.fill("Serial number on the back", serial)
    member.press("Continue")
    member.see("Enter the first number")


def activate(member: Walker, code: str) -> None:
    """Room 7: a wrong number, then the right one."""
    wrong = f"{(int(code) + 500_000) % 1_000_000:06d}"
    label = member.say("{n}-digit OTP number", n=len(code))
    member.page.get_by_label(label).fill(wrong)
    member.press("Finish")
    member.look()
    assert member.page.title().startswith(member.say("Error: "))
    member.page.get_by_label(label).fill(code)
    member.press("Finish")
    member.see("Your new OTP is ready")
