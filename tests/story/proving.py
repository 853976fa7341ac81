"""Room 2 in the portal, by whichever way: from the cards to the provider's page, and what the audit then says."""

import json
import re
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import Final

from playwright.sync_api import expect

from otpward.sandbox.identity.people import Person, by_id
from tests.story import outside
from tests.story.running_demo import Demo
from tests.story.steps import Person as Member
from tests.story.walker import Walker

TITLES: Final = {
    "phone": {"ko": "NICE 휴대폰 확인", "en": "NICE (phone)"},
    "ipin": {"ko": "NICE 아이핀", "en": "NICE (i-PIN)"},
    "phone-v1": {"ko": "NICE 휴대폰 확인(이전 방식)", "en": "NICE (phone, first edition)"},
    "portone": {"ko": "포트원 본인인증", "en": "PortOne"},
    "kakao": {"ko": "카카오 인증서", "en": "Kakao certificate"},
    "sign-on": {"ko": "한빛 통합 로그인", "en": "Hanbit sign-on"},
    "certificate": {"ko": "공동인증서", "en": "Joint certificate"},
}
"""The demo's providers, by the names of its settings."""

_EVENTS: Final = """
SELECT line.event, line.result, line.detail, proof.method, proof.provider FROM audit_line AS line
JOIN proof ON proof.id = line.subject_id JOIN member ON member.id = proof.member_id
WHERE member.login = ? AND line.event IN ('proof:passed', 'proof:failed') ORDER BY line.at, line.id
"""


@dataclass(frozen=True)
class Line:
    """What the audit says of a proof of this member."""

    event: str
    result: str
    method: str
    provider: str
    why: str


def written(demo: Demo, login: str) -> list[Line]:
    """The audit's lines about the ends of this member's proofs, the newest last."""
    with closing(sqlite3.connect(f"file:{demo.folder / 'otpward.db'}?mode=ro", uri=True)) as store:
        rows = store.execute(_EVENTS, (login,)).fetchall()
    return [
        Line(event=event, result=result, method=method, provider=provider, why=str(json.loads(detail).get("why", "")))
        for event, result, detail, method, provider in rows
    ]


def passed(demo: Demo, login: str, method: str, provider: str = "") -> None:
    """The last proof of this member passed by this method, and the audit says so."""
    last = written(demo, login)[-1]
    assert (last.event, last.method, last.provider) == ("proof:passed", method, provider), last


def refused(demo: Demo, login: str, result: str, provider: str = "") -> None:
    """The last one did not, and the audit says why."""
    last = written(demo, login)[-1]
    assert (last.event, last.result, last.provider) == ("proof:failed", result, provider), last


def known(login: str) -> Person:
    """A member as the world outside knows them."""
    found = by_id(login)
    assert found, login
    return found


def on(member: Walker, heading: str, **values: object) -> None:
    """This page is open; it is judged elsewhere."""
    expect(member.page.get_by_role("heading", level=1)).to_have_text(member.say(heading, **values))


def title(member: Walker, provider: str) -> str:
    """What the provider is called in this person's language."""
    return TITLES[provider][member.words.lang]


def choose(member: Walker, errand: str, provider: str, who: Person, **more: str) -> None:
    """From the cards to the provider; what it asks for is filled in, and sent."""
    page = member.page
    member.open(f"/prove?for={errand}")
    on(member, "Choose how to prove who you are")
    member.follow(title(member, provider))
    on(member, "Prove who you are with {provider}", provider=title(member, provider))
    person = {"member": who.id, "name": who.name, "birth_date": f"{who.birth_date:%Y%m%d}", "phone": who.domestic_phone}
    for name, text in (person | more).items():
        field = page.locator(f"main [name={name}]")
        if field.count():
            field.select_option(text) if name == "carrier" else field.fill(text)
    member.press("Continue")


def seventh_digit(who: Person) -> str:
    """Of the resident registration number: century and sex; of a foreigner from five on."""
    first = (1 if who.birth_date.year < 2000 else 3) + (4 if who.foreign else 0)
    return str(first if who.male else first + 1)


def go_there(member: Walker, provider: str) -> None:
    """On to the provider, by its link or its form."""
    on(member, "Go to {provider}", provider=title(member, provider))
    label = member.say("Go to {provider}", provider=title(member, provider))
    there = member.page.get_by_role("link", name=label).or_(member.page.get_by_role("button", name=label))
    with member.page.expect_navigation():
        there.click()


def prove_by_phone_code(member: Walker, demo: Demo, errand: str, who: Person) -> None:
    """The code of our own; of a member who sits here nothing is asked."""
    before = demo.codes_sent(who.phone)
    member.open(f"/prove/phone?for={errand}")
    if member.page.locator("main [name=member]").count():
        member.fill("Member number or ID", who.id)
        member.fill("Mobile number we have on file", who.domestic_phone)
    member.press("Send the code")
    on(member, "Enter the phone code")
    member.fill("6-digit phone code", demo.phone_code(who.phone, before))
    member.press("Continue")


def sign(member: Walker, files: list[str]) -> None:
    """The certificate of these files signs the text of the page, in the page."""
    on(member, "Sign with your certificate")
    member.page.get_by_label(member.say("Choose a certificate")).set_input_files(files)
    member.page.get_by_label(member.say("Certificate password")).fill(outside.CERTIFICATE_PASSWORD)
    with member.page.expect_navigation():
        member.page.get_by_role("button", name=member.say("Sign and continue")).click()


def sign_in(member: Walker, demo: Demo, who: Member, *, code: str = "") -> None:
    """Password and OTP; this number of it, or the one of now."""
    member.open("/sign-in")
    member.fill("Member number or ID", who.login)
    member.fill("Password", demo.signs["member_password"])
    member.press("Continue")
    member.page.locator("input[name=code]").fill(code or demo.code(who.serial))
    member.press("Sign in")
    on(member, "My page")


def start_draft(member: Walker, old_serial: str) -> str:
    """An application, filled in to its last page; what that page says."""
    member.open("/apply")
    member.press("Start")
    member.follow("Reason")
    member.choose("It is broken")
    member.fill("Serial number of the old device", old_serial)
    member.press("Continue")
    member.open("/apply/delivery?how=post")
    member.fill("Postcode", "04528")
    member.page.get_by_label(member.say("Address"), exact=True).fill("서울 중구 세종대로 110")
    member.press("Continue")
    return draft(member)


def draft(member: Walker) -> str:
    """What was filled in, as the last page of the application lists it."""
    member.open("/apply/review")
    on(member, "Check and send")
    return re.sub(r"\s+", " ", " ".join(member.page.locator("main dl").all_inner_texts()))
