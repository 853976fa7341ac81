"""What somebody tries on the running server to pass for a member: each is refused in the same words, and written down."""

import itertools
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace

import httpx
import pytest

from tests.sandbox.nice_walk import Walker as AtNice
from tests.story import proving
from tests.story.plain_browser import PlainBrowser, form_of, words_of
from tests.story.running_demo import Demo

pytestmark = pytest.mark.slow

PLACES = itertools.count(500)
NOT_OURS = "The answer was not the one to your request. Try again from here"
FAILED = "We could not confirm who you are"
WRONG = "The code is not correct or has expired. Try again or get a new one"


def begin(browser: PlainBrowser, login: str, errand: str = "apply") -> httpx.Response:
    """NICE's first edition, whose sealed result the browser itself carries; as far as the form that leads there."""
    page = browser.get("/prove/provider", **{"for": errand, "by": "phone-v1", "lang": "en"})
    return browser.send(page, "/prove/provider", member=login)


def sealed_result(demo: Demo, page: httpx.Response, login: str) -> dict[str, str]:
    """What NICE gives this person to carry back."""
    with httpx.Client(timeout=30) as http:
        there = AtNice(http, demo.world)
        there.open(*form_of(page, demo.world))
        there.as_person(proving.known(login))
        return there.carried()


def bring(browser: PlainBrowser, carried: dict[str, str]) -> httpx.Response:
    return browser.get("/prove/return/phone-v1", **carried)


def opens_nothing(browser: PlainBrowser) -> None:
    assert browser.get("/cases").url.path == "/prove"
    assert browser.get("/apply/tasks").url.path == "/prove"


@pytest.mark.parametrize("errand", ["apply", "follow"])
def test_a_result_is_good_once(demo: Demo, errand: str) -> None:
    login = "m1001"
    with PlainBrowser(demo, next(PLACES)) as browser, PlainBrowser(demo, next(PLACES)) as later:
        carried = sealed_result(demo, begin(browser, login, errand), login)
        assert bring(browser, carried).url.path == {"apply": "/apply", "follow": "/cases"}[errand]
        proving.passed(demo, login, "agency", "phone-v1")
        assert bring(browser, carried).url.path != "/prove/provider/go"
        ends = len(proving.written(demo, login))
        begin(later, login, errand)
        assert NOT_OURS in words_of(bring(later, carried))
        opens_nothing(later)
    proving.refused(demo, login, "forged", "phone-v1")
    assert len(proving.written(demo, login)) == ends + 1


def test_the_result_of_another_session_is_not_taken(demo: Demo) -> None:
    login = "m1002"
    with PlainBrowser(demo, next(PLACES)) as member, PlainBrowser(demo, next(PLACES)) as thief:
        carried = sealed_result(demo, begin(member, login), login)
        begin(thief, login)
        assert NOT_OURS in words_of(bring(thief, carried))
        opens_nothing(thief)
        proving.refused(demo, login, "forged", "phone-v1")
        with PlainBrowser(demo, next(PLACES)) as stranger:
            assert bring(stranger, carried).status_code == 404, "who began nothing has nothing to complete"
        assert bring(member, carried).url.path == "/apply", "the member's own goes on"


def test_the_result_of_another_act_is_not_taken(demo: Demo) -> None:
    login = "m1003"
    with PlainBrowser(demo, next(PLACES)) as browser:
        carried = sealed_result(demo, begin(browser, login, "follow"), login)
        begin(browser, login, "apply")
        assert NOT_OURS in words_of(bring(browser, carried))
        opens_nothing(browser)
    proving.refused(demo, login, "forged", "phone-v1")


@pytest.mark.parametrize("field", ["enc_data", "integrity_value"])
@pytest.mark.parametrize(
    "change", [lambda text: ("B" if text[0] == "A" else "A") + text[1:], lambda _text: ""], ids=["bit", "none"]
)
def test_what_was_tampered_with_is_not_taken(demo: Demo, field: str, change: Callable[[str], str]) -> None:
    login = "m1004"
    with PlainBrowser(demo, next(PLACES)) as browser:
        carried = sealed_result(demo, begin(browser, login), login)
        page = bring(browser, carried | {field: change(carried[field])})
        assert NOT_OURS in words_of(page) or "You stopped before the end" in words_of(page)
        opens_nothing(browser)
    assert proving.written(demo, login)[-1].event == "proof:failed"


def test_claims_that_the_browser_adds_are_of_no_account(demo: Demo) -> None:
    login = "m1006"
    with PlainBrowser(demo, next(PLACES)) as browser:
        somebody = replace(proving.known("m1007"))
        carried = sealed_result(demo, begin(browser, login), somebody.id)
        page = bring(browser, carried | {"name": proving.known(login).name, "ci": proving.known(login).ci})
        assert FAILED in words_of(page)
        opens_nothing(browser)
    proving.refused(demo, login, "other_name", "phone-v1")


def test_the_ci_of_another_person_is_refused_even_under_the_members_own_details(demo: Demo) -> None:
    login = "m1008"
    with PlainBrowser(demo, next(PLACES)) as member:
        assert bring(member, sealed_result(demo, begin(member, login), login)).url.path == "/apply"
    namesake = replace(proving.known(login), phone="+821077770010")
    with PlainBrowser(demo, next(PLACES)) as browser, httpx.Client(timeout=30) as http:
        there = AtNice(http, demo.world)
        there.open(*form_of(begin(browser, login), demo.world))
        there.as_person(namesake)
        assert FAILED in words_of(bring(browser, there.carried()))
        opens_nothing(browser)
    proving.refused(demo, login, "other_ci", "phone-v1")


def test_after_the_limit_the_right_code_is_refused_too(demo: Demo) -> None:
    who = proving.known("m1009")
    with PlainBrowser(demo, next(PLACES)) as browser:
        page = browser.get("/prove/phone", **{"for": "apply", "lang": "en"})
        before = demo.codes_sent(who.phone)
        page = browser.send(page, "/prove/phone", member=who.id, phone=who.domestic_phone)
        code = demo.phone_code(who.phone, before)
        mails = httpx.get(f"{demo.world}/api/mails").text
        assert code not in mails, "no code goes by mail"
        wrong, form = f"{(int(code) + 1) % 1_000_000:06d}", page
        for _ in range(5):
            page = browser.send(form, "/prove/phone/code", code=wrong)
            assert WRONG in words_of(page)
        assert WRONG in words_of(browser.send(form, "/prove/phone/code", code=code))
        opens_nothing(browser)
    ends = [one for one in proving.written(demo, who.id) if one.method == "phone_code"]
    assert {one.event for one in ends} == {"proof:failed"}


def test_a_phone_whose_sim_is_new_proves_nothing(demo: Demo) -> None:
    add = ["member", "add", "--id", "m2011", "--name", "차유심", "--phone", "+821055500011", "--birth-date", "1980-01-02"]
    add += ["--email", "m2011@member.example", "--data", str(demo.folder)]
    subprocess.run([sys.executable, "-m", "otpward", *add], check=True, capture_output=True)
    who = replace(proving.known("m1001"), id="m2011", name="차유심", phone="+821055500011")
    with PlainBrowser(demo, next(PLACES)) as browser:
        page = browser.get("/prove/phone", **{"for": "apply", "lang": "en"})
        page = browser.send(page, "/prove/phone", member="m2011", phone=who.domestic_phone)
        assert "Enter the phone code" in words_of(page), "told as anybody"
        assert WRONG in words_of(browser.send(page, "/prove/phone/code", code="000000"))
        assert not demo.codes_sent(who.phone), "no code was sent"
        with httpx.Client(timeout=30) as http:
            there = AtNice(http, demo.world)
            there.open(*form_of(begin(browser, "m2011"), demo.world))
            there.as_person(who, born=None)
            page = bring(browser, there.carried())
        assert FAILED in words_of(page)
        opens_nothing(browser)
    assert proving.written(demo, "m2011")[-1].result == "young_phone"


def test_who_reads_the_mail_alone_gets_no_code(demo: Demo) -> None:
    """The phone is reported lost, so that notices go by mail: a code is in none of them, nor in any text."""
    who = proving.known("m1010")
    with PlainBrowser(demo, next(PLACES)) as browser:
        report = {"kind": "lost", "member": who.id, "phone": who.domestic_phone, "phone_lost": "yes"}
        browser.send(browser.get("/report-loss"), "/report-loss", **report)
        before = demo.codes_sent(who.phone)
        page = browser.get("/prove/phone", **{"for": "apply", "lang": "en"})
        page = browser.send(page, "/prove/phone", member=who.id, phone=who.domestic_phone)
        if "/code" in str(page.url):
            assert WRONG in words_of(browser.send(page, "/prove/phone/code", code="000000"))
        opens_nothing(browser)
        mails = [one for one in httpx.get(f"{demo.world}/api/mails").json() if f"{who.id}@" in str(one)]
    assert demo.codes_sent(who.phone) == before
    assert not [one for one in mails if "인증번호" in str(one) or "Phone code" in str(one)]
