"""Is it broken? A clock that is off, a number that was used, a lock after the limit, and a screen that stays dark."""

from collections.abc import Callable

import pytest

from tests.story import proving, steps
from tests.story.running_demo import Demo
from tests.story.walker import Walker

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Enter = Callable[..., Walker]
Next = Callable[[], steps.Person]
WRONG = "000000"


def check(member: Walker, demo: Demo, who: steps.Person) -> None:
    """From the first page to the field for the number: without sign-in, by a phone code."""
    before = demo.codes_sent(who.phone)
    member.open("/check")
    member.see("What is wrong?")
    member.follow("It says the number is wrong")
    member.see("Choose how to prove who you are")
    assert who.serial[-4:] not in member.text(), "nothing of the device before proof"
    member.follow("Phone code")
    member.fill("Member number or ID", who.login)
    member.fill("Mobile number we have on file", who.phone)
    member.press("Send the code")
    member.fill("6-digit phone code", demo.phone_code(who.phone, before))
    member.press("Continue")
    member.see("Check my OTP")


def type_number(member: Walker, number: str) -> None:
    member.page.locator("input[name=code]").fill(number)
    member.press("Check")
    member.look()


def test_a_clock_that_is_off_is_told_and_set_right_and_a_used_number_is_refused(
    demo: Demo, enter: Enter, next_person: Next
) -> None:
    who, member = next_person(), enter("ko", 390)
    check(member, demo, who)
    far = demo.code(who.serial, ahead=8)
    type_number(member, far)
    member.see("Enter two numbers in a row to adjust the time")
    member.page.locator("input[name=first]").fill(demo.code(who.serial, ahead=8))
    member.page.locator("input[name=second]").fill(demo.code(who.serial, ahead=9))
    member.press("Adjust the time")
    member.see("Time adjusted")
    told = [word for word in member.text().split() if word.isdigit() or word.removesuffix("초").isdigit()]
    assert told, "the verdict is in seconds"
    member.open("/check/test?why=refused")
    type_number(member, demo.code(who.serial, ahead=9))
    assert member.say("That number was used. Enter the next one") in member.text()


def test_after_the_limit_it_locks_and_proof_opens_it(demo: Demo, enter: Enter, next_person: Next) -> None:
    who, member = next_person(), enter("en", 1280)
    check(member, demo, who)
    for _ in range(10):
        member.page.locator("input[name=code]").fill(WRONG)
        member.press("Check")
    member.see("Your OTP takes no number now")
    member.look()
    assert demo.verify(member=who.login, code=demo.code(who.serial))["result"] == "refused"
    member.follow("Unlock after proving who you are")
    proving.prove_by_phone_code(member, demo, "unlock", proving.known(who.login))
    member.press("Unlock")
    member.see("Your OTP is unlocked")
    assert demo.verify(member=who.login, code=demo.code(who.serial))["result"] == "accepted"
