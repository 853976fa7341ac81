"""Each kind of applicant, from the page before the start to the application that was sent, as the policy asks of them."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import pytest
from playwright.sync_api import expect

from otpward.core.policy.notices import KST
from tests.story import proving
from tests.story.pictures import certificate
from tests.story.running_demo import Demo
from tests.story.walker import Walker

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Enter = Callable[..., Walker]


@dataclass(frozen=True)
class Applicant:
    """Who applies: a member of the sample institution; as which kind, by whom, and how many papers that takes at a branch."""

    login: str
    kind: dict[str, str]
    papers: int
    task: str = ""
    question: str = ""
    label: str = ""
    relation: str = ""


ADULT = Applicant("m1003", {"ko": "본인 (성인)", "en": "An adult"}, 1)
MINOR = Applicant(
    "m1017",
    {"ko": "미성년자와 보호자", "en": "A minor, with a guardian"},
    3,
    "Guardian",
    "Who is the guardian?",
    "Name of the guardian",
    "Mother",
)
COMPANY = Applicant(
    "m1018",
    {"ko": "법인과 담당자", "en": "A company, through a delegate"},
    5,
    "Delegate",
    "Who acts for the company?",
    "Name of the delegate",
    "Employee",
)
PROXY = Applicant(
    "m1008",
    {"ko": "대리인", "en": "Somebody else, as a proxy"},
    3,
    "Proxy",
    "Who applies for you?",
    "Name of the proxy",
    "Husband or wife",
)
ABROAD = Applicant("m1009", {"ko": "해외에 있는 본인", "en": "A member who is abroad"}, 2)
EVERYBODY = [
    pytest.param(ADULT, "ko", 390, id="individual-ko"),
    pytest.param(MINOR, "ko", 390, id="minor-ko"),
    pytest.param(COMPANY, "en", 1280, id="corporation-en"),
    pytest.param(PROXY, "ko", 1280, id="proxy-ko"),
    pytest.param(ABROAD, "en", 390, id="abroad-en"),
]
BRANCH = {"ko": "본점", "en": "Head Office"}


def begin(member: Walker, demo: Demo, who: Applicant) -> None:
    """Proven, and begun as this kind; who is on file as one is offered it without having to look for it."""
    proving.prove_by_phone_code(member, demo, "apply", proving.known(who.login))
    member.page.wait_for_url("**/apply")
    title = who.kind[member.words.lang]
    if who in (PROXY, ABROAD):
        member.page.get_by_text(member.say("Somebody else applies, or in another way")).click()
        with member.page.expect_navigation():
            member.page.get_by_role("link", name=title).click()
    assert who.papers < 2 or title in member.text()
    member.look()
    member.press("Start")
    member.page.wait_for_url("**/apply/tasks")


def name_who_acts(member: Walker, who: Applicant) -> None:
    """First sent empty, then filled in."""
    member.follow(who.task)
    member.see(who.question)
    member.press("Continue")
    member.look()
    assert member.page.title().startswith(member.say("Error: "))
    member.fill(who.label, "김보호")
    member.choose(who.relation)
    member.press("Continue")
    member.page.wait_for_url("**/apply/tasks")


def give_reason(member: Walker) -> None:
    """It is broken."""
    member.follow("Reason")
    member.choose("It is broken")
    member.press("Continue")


def collect(member: Walker) -> None:
    """It is collected at the first branch."""
    member.follow("How you receive it")
    member.choose("At a branch", context="receive")
    member.press("Continue")
    member.see("Where do you collect it?")
    member.page.locator("input[name=branch]").first.check(force=True)
    member.press("Continue")
    member.page.wait_for_url("**/apply/tasks")


def gone_on_with(enter: Enter, demo: Demo, member: Walker, who: Applicant) -> Walker:
    """The browser is closed; days later, in another one, the member shows who they are again, and the draft is as it was."""
    member.page.close()
    member.context.clear_cookies()
    again = enter(member.words.lang, 390, who="again")
    again.open("/apply/tasks")
    assert "/prove" in again.page.url or "/sign-in" in again.page.url
    proving.prove_by_phone_code(again, demo, "apply", proving.known(who.login))
    again.page.wait_for_url("**/apply/review")
    again.look()
    again.open("/apply/tasks")
    assert again.page.get_by_text(again.say("Completed")).count() == 5
    return again


@pytest.mark.parametrize(("who", "lang", "width"), EVERYBODY)
def test_each_kind_applies_as_the_policy_asks(demo: Demo, enter: Enter, who: Applicant, lang: str, width: int) -> None:
    member = enter(lang, width)
    begin(member, demo, who)
    assert member.page.get_by_text(member.say("Cannot start yet")).count() == 3 + bool(who.task)
    give_reason(member)
    if who.task:
        name_who_acts(member, who)
    collect(member)
    if who is ADULT:
        member = gone_on_with(enter, demo, member, who)
    member.follow("Documents")
    member.see("Documents")
    assert member.page.locator(".task").count() == who.papers
    assert member.page.locator(".task.done").count() == who.papers
    member.follow("Continue")
    member.look()
    member.follow("Check and send")
    member.see("Check and send")
    assert who.kind[lang] in member.text()
    assert not who.task or "김보호" in member.text()

    other_tab = member.context.new_page()
    other_tab.goto(f"{member.site}/apply/review")
    member.press("Send application")
    member.see("Your application is in")
    number = re.search(r"R-\d{6}-[2-9A-Z]{7}", member.text())
    assert number
    with other_tab.expect_navigation():
        other_tab.get_by_role("button", name=member.say("Send application"), exact=True).click()
    expect(other_tab.get_by_text(number.group(0)).first).to_be_visible()
    other_tab.close()

    member.open(f"/cases/{number.group(0)}")
    member.see("Application {no}", no=number.group(0))
    assert not who.task or "김보호" in member.text()
    member.follow("Cancel the application")
    member.see("Cancel the application?")
    member.press("Cancel the application")
    member.look()
    assert member.say("Cancelled") in member.text()


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_by_post_certificates_are_sent_and_an_old_one_is_not_taken(demo: Demo, enter: Enter, lang: str) -> None:
    member = enter(lang, 390)
    who = proving.known({"ko": "m1010", "en": "m1011"}[lang])
    proving.prove_by_phone_code(member, demo, "apply", who)
    member.open("/apply?kind=proxy")
    member.press("Start")
    give_reason(member)
    member.open("/apply/delivery?how=post")
    member.fill("Postcode", "04528")
    member.page.get_by_label(member.say("Address"), exact=True).fill("서울 중구 세종대로 110")
    member.press("Continue")
    member.follow("Documents")
    member.see("Documents")
    assert member.page.locator(".task.todo").count() == 2
    with member.page.expect_navigation():
        member.page.locator(".task.todo a").last.click()
    agree(member)
    member.look()
    send(member, "2020-01-01")
    old = member.words.ngettext("", "The paper was issued more than {n} months ago. Have a new one issued and send that", 3)
    expect(member.page.get_by_text(old).first).to_be_visible()
    member.look()
    send(member, datetime.now(KST).date().isoformat())
    expect(member.page.locator("figure.sheet img").first).to_be_visible(timeout=60_000)
    member.look()
    keep(member)
    member.see("Documents")
    assert member.say("A picture was sent") in member.text()


@pytest.mark.parametrize(("lang", "width"), [pytest.param("ko", 390, id="ko"), pytest.param("en", 1280, id="en")])
def test_a_paper_that_staff_want_again_is_answer_enough(demo: Demo, enter: Enter, staff: Enter, lang: str, width: int) -> None:
    member = enter(lang, width)
    proving.prove_by_phone_code(member, demo, "apply", proving.known({"ko": "m1012", "en": "m1013"}[lang]))
    member.press("Start")
    give_reason(member)
    collect(member)
    member.follow("Check and send")
    member.press("Send application")
    number = re.search(r"R-\d{6}-[2-9A-Z]{7}", member.text())
    assert number
    teller = staff("admin", lang, 1280)
    teller.open(f"/console/cases/{number.group(0)}")
    teller.press("Take up this application")
    teller.choose("Ask for more")
    teller.page.get_by_label(teller.say("Paper to be sent again")).select_option("id_card")
    teller.fill("In your own words", "Dark.")
    teller.look()
    teller.press("Save the decision")
    teller.look()

    member.open(f"/cases/{number.group(0)}")
    member.look()
    member.follow("Answer")
    member.see("More is needed")
    wanted = re.compile(re.escape(member.say("Send a picture: {title}", title="")))
    with member.page.expect_navigation():
        member.page.get_by_role("link", name=wanted).first.click()
    agree(member)
    member.choose("Passport")
    send_file(member)
    expect(member.page.locator("figure.sheet img").first).to_be_visible(timeout=60_000)
    keep(member)
    member.see("More is needed")
    member.press("Send the answer")
    member.see("Application {no}", no=number.group(0))
    assert member.say("Answer by {date}. After that the application ends.", date="")[:6] not in member.text()
    mend(teller, number.group(0))


def mend(teller: Walker, number: str) -> None:
    """Staff open the picture with a reason, cover more of it, and erase it in the end."""
    teller.open(f"/console/cases/{number}")
    opens = re.compile(re.escape(teller.say("Open: {title}", title="")))
    with teller.page.expect_navigation():
        teller.page.get_by_role("link", name=opens).first.click()
    teller.choose("To check this application")
    teller.press("Open the picture")
    teller.look()
    teller.follow("Cover more")
    teller.press("Cover these squares")
    teller.look()
    teller.page.locator("input[name=cell]").nth(15).check(force=True)
    teller.choose("It shows data of somebody else")
    teller.press("Cover these squares")
    expect(teller.page.get_by_text(teller.say("Covered. Nothing under it is kept."))).to_be_visible()
    teller.look()
    teller.follow("Erase this picture")
    teller.look()
    teller.choose("It cannot be read")
    teller.press("Erase this picture")
    teller.see("Application {no}", no=number)
    assert teller.page.get_by_role("link", name=opens).count() == 0


def agree(member: Walker) -> None:
    """The consent to pictures, where it was not given yet."""
    if member.page.get_by_role("checkbox").count():
        member.look()
        member.page.get_by_role("checkbox").first.check(force=True)
        with member.page.expect_navigation():
            member.page.locator("main form button").first.click()


def keep(member: Walker) -> None:
    """The picture as it is covered."""
    looked = "I have looked: no such number can be read any more"
    if member.page.get_by_role("checkbox", name=member.say(looked)).count():
        member.choose(looked)
    member.press("Keep this picture")


def send_file(member: Walker) -> None:
    """A picture of a certificate."""
    member.page.locator("#f-file").set_input_files(
        files={"name": "certificate.png", "mimeType": "image/png", "buffer": certificate()}
    )
    member.page.get_by_role("button", name=member.say("Send the picture"), exact=True).click()


def send(member: Walker, day: str) -> None:
    """A picture of a certificate, issued on this day."""
    member.fill("Date of issue", day)
    send_file(member)
