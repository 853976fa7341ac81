"""How every story ends, and how most begin."""

from tests.story import steps
from tests.story.running_demo import Demo
from tests.story.walker import Walker


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
