"""The other side of a proof, in the sandbox, as a person's browser meets it: NICE's page, an app, a sign-on, the authority."""

import io
import re
import time
import zipfile
from pathlib import Path

import httpx

from otpward.sandbox.identity.nice_screens import IPIN_PASSWORD
from otpward.sandbox.identity.people import Person
from otpward.sandbox.identity.registry import PASSWORD
from tests.story.running_demo import Demo
from tests.story.walker import Walker

CERTIFICATE_PASSWORD = PASSWORD
CODE = re.compile(r"(?<!\d)\d{6}(?!\d)")


def newest_code(demo: Demo, phone: str, before: int) -> str:
    """The six digits of the newest text, once more than `before` texts came."""
    for _ in range(200):
        texts = demo.messages(phone)
        found = CODE.search(texts[0]) if len(texts) > before else None
        if found:
            return found.group()
        time.sleep(0.05)
    raise AssertionError(f"no code came: {demo.messages(phone)}")


def at_nice(member: Walker, demo: Demo, person: Person) -> None:
    """Carrier, name and number, the code; and back by the last link, however it ended."""
    page, before = member.page, len(demo.messages(person.phone))
    page.locator(f"input[name=carrier][value={person.carrier}]").check()
    _next(member)
    page.locator("#name").fill(person.name)
    page.locator("#birth").fill(f"{person.birth_date:%Y%m%d}")
    page.locator("#phone").fill(person.domestic_phone)
    _next(member)
    if page.locator("#code").count():
        page.locator("#code").fill(newest_code(demo, person.phone, before))
        _next(member)
    _back(member, demo)


def leave_nice(member: Walker, demo: Demo) -> None:
    """Press cancel there, and come back."""
    with member.page.expect_navigation():
        member.page.locator("button[name=cancel]").click()
    _back(member, demo)


def by_ipin(member: Walker, demo: Demo, login: str) -> None:
    """ID and password, and back."""
    member.page.locator("#id").fill(login)
    member.page.locator("#password").fill(IPIN_PASSWORD)
    _next(member)
    _back(member, demo)


def sign_on_as(member: Walker, demo: Demo, name: str) -> None:
    """Choose who signs in; the way back is at once."""
    with member.page.expect_navigation(url=f"{demo.site}/**"):
        member.page.get_by_role("link", name=name, exact=True).click()
    forgive(member, demo)


def answer_app(member: Walker, demo: Demo, person: Person, *, yes: bool) -> None:
    """On the phone, the app shows the request; one button of the two is pressed."""
    phone = member.context.new_page()
    phone.goto(f"{demo.world}/identity/barocert")
    shown = phone.locator("li", has_text=person.name).first
    shown.locator(f"button[value={'yes' if yes else 'no'}]").click()
    phone.wait_for_load_state()
    phone.close()


def certificate(demo: Demo, login: str, folder: Path, kind: str = "general") -> str:
    """The authority's counter gives this person a certificate; its files lie in `folder`. Its serial number."""
    order = {"person": login, "kind": kind}
    made = httpx.post(f"{demo.world}/api/certificates", json=order, timeout=30).raise_for_status().json()
    octets = httpx.get(f"{demo.world}{made['files']}").raise_for_status().content
    with zipfile.ZipFile(io.BytesIO(octets)) as archive:
        archive.extractall(folder)
    return str(made["serial"])


def revoke(demo: Demo, serial: str) -> None:
    """It is taken back at the counter."""
    httpx.post(f"{demo.world}/api/certificates/{serial}/revoke").raise_for_status()


def forgive(member: Walker, demo: Demo) -> None:
    """The way led over the provider's own pages, and over nobody else's."""
    member.complaints[:] = [one for one in member.complaints if not one.startswith(f"left the origin: {demo.world}/")]


def _next(member: Walker) -> None:
    with member.page.expect_navigation():
        member.page.locator("form.card button").first.click()


def _back(member: Walker, demo: Demo) -> None:
    with member.page.expect_navigation(url=f"{demo.site}/**"):
        member.page.locator("a.onward").click()
    forgive(member, demo)
