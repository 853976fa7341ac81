"""Through a provider and back: by link, form, push, code or certificate; and nobody who did not go there gets in."""

import re
from datetime import date
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from otpward.core.audit import AuditEvent
from otpward.core.model.loss import LossKind
from otpward.core.model.member import Level
from otpward.core.model.proof import Method
from otpward.core.secret import NOTHING, Personal
from otpward.ports.prover import Refusal, Refused
from otpward.ports.provider import Provider, Providers
from tests.edges.http.conftest import Browser
from tests.edges.http.portal.seated import BROWSER_SECRET, Story, seat
from tests.fakes.prover import PLACE, FakeProver
from tests.fakes.sample import PHONE, Sample
from tests.fakes.surroundings import FixedClock

FAKES = ("sure", "sealed", "app", "texts", "paper", "own")


@pytest.fixture
def fakes() -> dict[str, FakeProver]:
    """One of each kind."""
    return {
        "sure": FakeProver("sure"),
        "sealed": FakeProver("sealed", way="form"),
        "app": FakeProver("app", Method.APP, "push"),
        "texts": FakeProver("texts", way="code"),
        "paper": FakeProver("paper", Method.CERTIFICATE, "challenge"),
        "own": FakeProver("own", Method.SIGN_ON),
    }


@pytest.fixture
def providers(fakes: dict[str, FakeProver]) -> Providers:
    """What the institution offers."""
    return {
        name: Provider(
            prover=prover,
            title_ko=f"{name} 서비스",
            title_en=name.title(),
            asks_person=name in {"app", "texts"},
            asks=("carrier", "digit") if name == "texts" else (),
            issuers=("yessign", "KICA"),
        )
        for name, prover in fakes.items()
    }


def start(browser: Any, by: str, *, purpose: str = "apply", **fields: str) -> httpx.Response:
    """As far as the page that shows the way there."""
    address = f"/prove/provider?for={purpose}&amp;by={by}"
    form = browser.get(f"/prove/provider?for={purpose}&by={by}&lang=en")
    assert form.status_code == 200
    action = re.search(r'<form method="post" action="(/prove/provider\?[^"]+)"', form.text)
    assert action, address
    csrf = re.search(r'name="csrf" value="([^"]+)"', form.text)
    assert csrf
    given = {"member": "m1001"} | fields if 'name="member"' in form.text else fields
    page: httpx.Response = browser.post(action.group(1).replace("&amp;", "&"), {"csrf": csrf.group(1), **given})
    return page


def press(browser: Any, page: httpx.Response, **fields: str) -> httpx.Response:
    """Send the page's form to itself."""
    csrf = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert csrf
    answer: httpx.Response = browser.post(page.url.raw_path.decode(), {"csrf": csrf.group(1), **fields})
    return answer


def results(sample: Sample) -> list[str]:
    lines = sample.house.look(sample.institution.id, lambda uow: uow.audit.find(limit=1000))
    return [f"{one.event}={one.result}" for one in lines if one.event in {AuditEvent.PROOF_PASSED, AuditEvent.PROOF_FAILED}]


PERSON = {"name": "홍길동", "birth_date": "1980.01.02", "phone": "010-5550-1101"}


@pytest.mark.parametrize(
    ("purpose", "then"), [("apply", "/apply"), ("follow", "/cases"), ("check", "/check/test"), ("unlock", "/check/test")]
)
def test_by_a_link_and_back_leads_to_what_it_was_for(
    browser: Any, fakes: dict[str, FakeProver], purpose: str, then: str
) -> None:
    page = start(browser, "sure", purpose=purpose)
    assert "Go to Sure" in page.text
    assert "Sure tells us your name, birth date, mobile number" in page.text
    assert f'href="{PLACE}?tx={fakes["sure"].number}"' in page.text
    assert fakes["sure"].asked[-1].return_url == "http://127.0.0.1/prove/return/sure"
    back = browser.get(f"/prove/return/sure?tx={fakes['sure'].number}")
    assert back.url.path == then
    assert browser.get("/cases").url.path == "/cases"


def test_a_form_leaves_for_its_own_place_only_and_takes_nothing_of_ours(browser: Any, fakes: dict[str, FakeProver]) -> None:
    page = start(browser, "sealed")
    assert "form-action 'self' https://identity.example;" in page.headers["content-security-policy"]
    form = re.search(rf'<form method="post" action="{PLACE}".*?</form>', page.text, re.DOTALL)
    assert form
    assert 'value="a&#34;b&lt;"' in form.group()
    assert "csrf" not in form.group()
    other = browser.get("/prove?for=apply")
    assert "form-action 'self';" in other.headers["content-security-policy"]


def test_a_form_from_elsewhere_goes_on_as_our_own_page(browser: Any, app: Any, fakes: dict[str, FakeProver]) -> None:
    start(browser, "sealed")
    mine = dict(browser._client.cookies)
    elsewhere = Browser(app)  # the other site's form brings no cookie of ours
    elsewhere._client.follow_redirects = False
    posted = elsewhere.post(
        "/prove/return/sealed", {"tx": fakes["sealed"].number, "한": "글&="}, headers={"sec-fetch-site": "cross-site"}
    )
    elsewhere.close()
    assert posted.status_code == 303
    assert "set-cookie" not in posted.headers, "a new browser number would lose the proof"
    assert posted.headers["location"].startswith("/prove/return/sealed?tx=")
    assert dict(browser._client.cookies) == mine
    assert browser.get(posted.headers["location"]).url.path == "/apply"


def test_a_form_that_is_too_long_is_turned_away(browser: Any) -> None:
    assert browser.post("/prove/return/sealed", {"x": "y" * 20_000}).status_code == 413
    assert browser.post("/prove/return/sealed", {"x": "y" * 70_000}).status_code == 413


def test_a_browser_that_posts_claims_by_itself_gets_nowhere(browser: Any, sample: Sample, fakes: dict[str, FakeProver]) -> None:
    claims = {"name": "홍길동", "birthdate": "19800102", "ci": "x", "resultcode": "0000"}
    assert browser.post("/prove/return/sure", claims).status_code == 404, "nothing was begun"
    start(browser, "sure")
    answer = browser.post("/prove/return/sure", claims)
    assert answer.status_code == 422
    assert "The answer was not the one to your request" in answer.text
    assert results(sample) == ["proof:failed=forged"]
    assert browser.get("/cases").url.path == "/prove"


def test_the_result_of_another_browser_is_not_taken(
    browser: Any, app: Any, sample: Sample, fakes: dict[str, FakeProver]
) -> None:
    start(browser, "sure")
    mine = fakes["sure"].number
    other = Browser(app)
    assert other.get(f"/prove/return/sure?tx={mine}").status_code == 404
    start(other, "sure", member="m1002")
    assert other.get(f"/prove/return/sure?tx={mine}").status_code == 422
    assert other.get("/cases").url.path == "/prove"
    other.close()


def test_a_second_coming_opens_nothing_more(browser: Any, sample: Sample, fakes: dict[str, FakeProver]) -> None:
    start(browser, "sure", purpose="apply")
    address = f"/prove/return/sure?tx={fakes['sure'].number}"
    assert browser.get(address).url.path == "/apply"
    browser._client.cookies.delete("otpward-portal")
    assert browser.get(address).url.path == "/apply", "which anyone may read"
    assert browser.get("/cases").url.path == "/prove", "nobody sits here"
    assert fakes["sure"].completions == 1


@pytest.mark.parametrize("member", ["m1001", "nobody"])
def test_a_mismatch_looks_alike_whoever_it_is(browser: Any, fakes: dict[str, FakeProver], member: str) -> None:
    if member == "m1001":
        fakes["sure"].person |= {"birth_date": date(1999, 9, 9)}
    start(browser, "sure", member=member)
    page = browser.get(f"/prove/return/sure?tx={fakes['sure'].number}")
    assert page.url.path == "/prove/provider/over"
    assert "We could not confirm who you are" in page.text
    assert "1999" not in page.text
    assert 'href="/prove?for=apply"' in page.text


def test_the_same_words_and_places_for_a_stranger_all_the_way(browser: Any, fakes: dict[str, FakeProver]) -> None:
    def bare(page: httpx.Response) -> str:
        return re.sub(r"[0-9a-f-]{36}|tx=\w+|value=\"[0-9a-f]{40}\"|lang=\w\w", "", page.text)

    seen: dict[str, list[str]] = {}
    fakes["app"].answer = Refused(why=Refusal.NOT_YET)
    for who in ("m1001", "nobody"):
        pages = [start(browser, "sure", member=who), start(browser, "app", member=who, **PERSON)]
        pages.append(press(browser, pages[-1]))
        seen[who] = [f"{page.status_code} {bare(page)}" for page in pages]
    assert seen["m1001"] == seen["nobody"]


@pytest.mark.parametrize(
    ("why", "title"),
    [
        (Refusal.CANCELLED, "You stopped before the end"),
        (Refusal.EXPIRED, "The time for this is over"),
        (Refusal.FAILED, "We could not confirm who you are"),
    ],
)
def test_an_end_without_proof_is_told_and_other_ways_stay_open(
    browser: Any, fakes: dict[str, FakeProver], why: Refusal, title: str
) -> None:
    page = start(browser, "sure")
    fakes["sure"].answer = Refused(why=why)
    over = browser.get("/prove/return/sure?closed=1")
    assert f"<h1>{title}" in over.text or title in over.text
    assert 'href="/prove?for=apply"' in over.text
    assert browser.get(page.url.raw_path.decode()).url.path == "/prove/provider/over"


def test_a_page_left_lying_is_over(browser: Any, clock: FixedClock) -> None:
    page = start(browser, "sure")
    clock.move(minutes=10)
    assert "The time for this is over" in browser.get(page.url.raw_path.decode()).text


def test_a_push_is_answered_on_the_phone(browser: Any, fakes: dict[str, FakeProver]) -> None:
    page = start(browser, "app", **PERSON)
    assert "Answer on your phone" in page.text
    asked = fakes["app"].asked[-1]
    assert (asked.name.reveal(), asked.birth_date.reveal(), asked.phone.reveal()) == ("홍길동", "1980-01-02", PHONE)
    fakes["app"].answer = Refused(why=Refusal.NOT_YET)
    waiting = press(browser, page)
    assert "There is no answer from your phone yet" in waiting.text
    fakes["app"].answer = None
    assert press(browser, waiting).url.path == "/apply"


def test_a_code_of_theirs_is_typed_here(browser: Any, fakes: dict[str, FakeProver]) -> None:
    page = start(browser, "texts", carrier="SKT", digit="1", **PERSON)
    assert fakes["texts"].asked[-1].added == {"carrier": "SKT", "digit": "1"}
    wrong = press(browser, page, code="000000")
    assert wrong.status_code == 422
    assert press(browser, wrong, code="123456").url.path == "/apply"


def again(browser: Any, page: httpx.Response) -> httpx.Response:
    assert 'name="again" value="yes"' in page.text
    return press(browser, page, again="yes")


def test_a_code_of_theirs_is_sent_again_a_few_times(browser: Any, fakes: dict[str, FakeProver], clock: FixedClock) -> None:
    page = start(browser, "texts", carrier="SKT", digit="1", **PERSON)
    assert "You can get a new code in" in page.text
    soon = again(browser, page)
    assert (soon.status_code, "You can get a new code in 30 s" in soon.text) == (422, True)
    for _ in range(3):
        clock.move(seconds=30)
        page = again(browser, page)
        assert page.status_code == 200
        assert "We asked Texts for a new code. Enter the one that came last." in page.text
    assert "No more codes are sent for this" in page.text
    assert 'name="again"' not in page.text
    late = press(browser, page, again="yes")
    assert (late.status_code, "We sent 4 codes. Enter one of them, or call 1588-0000" in late.text) == (422, True)
    assert len(fakes["texts"].resent) == 3
    assert press(browser, late, code="123456").url.path == "/apply"


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ("silent", "Texts does not answer now. If a code came, enter it; or choose another way"),
        ("refuses", "Texts sends no more codes for this. Enter the one that came, or choose another way"),
    ],
)
def test_a_code_that_is_not_sent_again_leaves_the_one_that_came(
    browser: Any, fakes: dict[str, FakeProver], clock: FixedClock, fault: str, sentence: str
) -> None:
    page = start(browser, "texts", carrier="SKT", digit="1", **PERSON)
    clock.move(seconds=30)
    fakes["texts"].silent, fakes["texts"].answer = fault == "silent", Refused(why=Refusal.FAILED)
    refused = again(browser, page)
    assert refused.status_code == 422
    assert sentence in refused.text
    fakes["texts"].silent, fakes["texts"].answer = False, None
    assert press(browser, refused, code="123456").url.path == "/apply"


def test_a_code_is_not_sent_again_for_who_did_not_begin(
    browser: Any, app: Any, fakes: dict[str, FakeProver], clock: FixedClock
) -> None:
    page = start(browser, "texts", carrier="SKT", digit="1", **PERSON)
    clock.move(seconds=30)
    other = Browser(app)
    csrf = re.search(r'name="csrf" value="([^"]+)"', other.get("/report-loss").text)
    assert csrf
    assert other.post(page.url.raw_path.decode(), {"csrf": csrf.group(1), "again": "yes"}).status_code == 404
    other.close()
    assert not fakes["texts"].resent


def test_a_certificate_signs_the_text_of_the_page(browser: Any, sample: Sample, fakes: dict[str, FakeProver]) -> None:
    fakes["paper"].person = {"name": Personal("홍길동"), "subject": Personal("cn=홍길동()0001")}
    seat(browser, Story(sample, sample.member), Level.FULL)
    page = start(browser, "paper")
    assert "Sign with your certificate" in page.text
    assert "yessign, KICA" in page.text
    text = re.search(r'href="(/prove/provider/text\?p=[^"]+)"', page.text)
    assert text
    assert browser.get(text.group(1)).content == fakes["paper"].asked[-1].nonce
    fakes["paper"].answer = Refused(why=Refusal.NOT_ACCEPTED)
    refused = press(browser, page, cms="of another kind")
    assert refused.status_code == 422
    assert "This signature is not accepted" in refused.text
    fakes["paper"].answer = None
    assert press(browser, refused, cms="good").url.path == "/apply"
    assert browser.get("/my").url.path == "/my", "a signed-in member stays signed in"


@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_silent_provider_leaves_the_other_ways(browser: Any, fakes: dict[str, FakeProver], language: str) -> None:
    fakes["sure"].silent = True
    page = start(browser, "sure")
    assert page.status_code == 503
    assert "Sure does not answer now" in page.text
    assert "/prove/phone?for=apply" in page.text
    fakes["sure"].silent = False
    start(browser, "sure")
    fakes["sure"].silent = True
    address = f"/prove/return/sure?tx={fakes['sure'].number}"
    silent = browser.get(f"{address}&lang={language}")
    assert silent.status_code == 503
    fakes["sure"].silent = False
    assert browser.get(address).url.path == "/apply", "asking again helps"


@pytest.mark.parametrize(
    ("by", "left_out", "sentence"),
    [
        ("sure", "member", "Enter your member number or ID"),
        ("app", "name", "Enter your name"),
        ("app", "birth_date", "Enter your birth date in 8 digits, such as 19800102"),
        ("app", "phone", "Check the mobile number. A digit may be missing"),
        ("texts", "carrier", "Choose your carrier"),
        ("texts", "digit", "Enter the one digit"),
    ],
)
def test_what_is_missing_is_asked_for_before_anybody_else_is(
    browser: Any, fakes: dict[str, FakeProver], by: str, left_out: str, sentence: str
) -> None:
    whole = {"member": "m1001", "carrier": "KT", "digit": "1", **PERSON}
    page = start(browser, by, **(whole | {left_out: ""}))
    assert page.status_code == 422
    assert page.text.count(sentence) == 2
    assert not fakes[by].asked


@pytest.mark.parametrize("born", ["19801302", "1980", "１９８００１０２", "19800102 1"])
def test_a_birth_date_is_a_day(browser: Any, born: str) -> None:
    assert start(browser, "app", **(PERSON | {"birth_date": born})).status_code == 422


def test_cards_that_cannot_be_used_stay_and_say_why(browser: Any, sample: Sample) -> None:
    page = browser.get("/prove?for=apply&lang=en").text
    assert page.count("Not enough for this") == 1, "the sign-on"
    assert "/prove/provider?for=apply&amp;by=sure" in page
    assert "by=own" not in page
    assert "by=own" in browser.get("/prove?for=follow").text
    report(browser, phone_lost="yes")
    number = newest_report(sample)
    lost = browser.get(f"/prove?for=apply&report={number}").text
    assert lost.count("This phone was reported lost") == 2, "phone code and app"
    assert "by=sure" in lost
    assert browser.get(f"/prove/provider?for=apply&by=app&report={number}").url.path == "/prove"


def test_a_sign_on_elsewhere_is_enough_to_look_and_no_more(browser: Any, sample: Sample, fakes: dict[str, FakeProver]) -> None:
    case = Story(sample, sample.member).app_made()
    assert browser.get("/prove/provider?for=apply&by=own").url.path == "/prove"
    assert browser.get("/prove/provider?for=check&by=own").url.path == "/prove"
    start(browser, "own", purpose="follow")
    assert browser.get(f"/prove/return/own?tx={fakes['own'].number}").url.path == "/cases"
    assert browser.get(f"/cases/{case.number}").url.path == f"/cases/{case.number}"
    closed = ["/apply/tasks", "/register", "/activate", f"/cases/{case.number}/cancel", f"/cases/{case.number}/pick-up"]
    assert {browser.get(path).url.path for path in [*closed, "/check/test"]} == {"/prove"}
    assert browser.get("/my").url.path == "/sign-in"
    assert 'name="member"' in browser.get("/prove/provider?for=follow&by=sure").text, "nobody is rung up on its strength"


def test_where_nothing_is_set_up_the_cards_say_so(browser: Any, fakes: dict[str, FakeProver], providers: Any) -> None:
    providers.clear()
    assert browser.get("/prove?for=apply&lang=en").text.count("Not offered yet") == 2
    assert browser.get("/prove/provider?for=apply&by=sure").status_code == 404
    assert browser.get("/prove/return/sure").status_code == 404


def report(browser: Any, **more: str) -> None:
    form = browser.get("/report-loss")
    browser.send(form, "/report-loss", kind=LossKind.LOST.value, member="m1001", phone="010-5550-1101", **more)


def newest_report(sample: Sample) -> str:
    found = sample.house.look(sample.institution.id, lambda uow: uow.losses.first(order="-reported_at"))
    assert found is not None
    return found.number


def test_a_lost_report_is_lifted_by_a_service_and_the_device(
    browser: Any, sample: Sample, fakes: dict[str, FakeProver]
) -> None:
    report(browser)
    number = newest_report(sample)
    page = browser.get(f"/report-loss/{number}/lift?lang=en").text
    assert f'href="/prove?for=lift&amp;report={number}"' in page
    assert "by=sure" in browser.get(f"/prove?for=lift&report={number}").text
    start(browser, "sure", purpose=f"lift&report={number}")
    back = browser.get(f"/prove/return/sure?tx={fakes['sure'].number}")
    assert back.url.path == f"/report-loss/{number}/lift"
    assert 'name="otp"' in back.text


def test_a_report_leads_to_its_details_by_a_service(browser: Any, sample: Sample, fakes: dict[str, FakeProver]) -> None:
    report(browser)
    number = newest_report(sample)
    start(browser, "sure", purpose=f"apply&report={number}")
    assert browser.get(f"/prove/return/sure?tx={fakes['sure'].number}").url.path == f"/report-loss/{number}/confirm"


def test_a_report_of_another_browser_is_none(browser: Any, app: Any, sample: Sample) -> None:
    report(browser)
    number, other = newest_report(sample), Browser(app)
    page = other.get(f"/prove?for=lift&report={number}").text
    assert f"/report-loss/{number}" not in page
    other.close()


def test_a_phone_reported_lost_on_the_way_back_opens_nothing(
    browser: Any, app: Any, sample: Sample, fakes: dict[str, FakeProver]
) -> None:
    start(browser, "sure")
    thief, fakes_number = Browser(app), fakes["sure"].number
    report(thief, phone_lost="yes")
    thief.close()
    page = browser.get(f"/prove/return/sure?tx={fakes_number}")
    assert page.url.path == "/prove/provider/over"
    assert browser.get("/cases").url.path == "/prove"


def test_from_the_last_page_of_an_application_one_comes_back_to_it(
    browser: Any, sample: Sample, fakes: dict[str, FakeProver]
) -> None:
    seat(browser, Story(sample, sample.member))
    start(browser, "sure", purpose="review")
    assert browser.get(f"/prove/return/sure?tx={fakes['sure'].number}").history[0].headers["location"] == "/apply/review"


def test_no_other_site_sends_the_pages_own_forms(browser: Any) -> None:
    page = start(browser, "app", **PERSON)
    address = page.url.raw_path.decode()
    assert browser.post(address, {"code": "1"}).status_code == 403
    assert browser.post("/prove/provider?for=apply&by=sure", {"member": "m1001"}).status_code == 403


def test_ids_that_name_no_proof_are_not_found(browser: Any) -> None:
    browser._client.cookies.set("otpward-browser", BROWSER_SECRET)
    for query in ("", "?p=x", "?" + urlencode({"p": "00000000-0000-0000-0000-000000000000"})):
        for page in ("go", "over", "text"):
            assert browser.get(f"/prove/provider/{page}{query}").status_code == 404


def test_who_is_told_what_is_named_nowhere_in_the_clear(sample: Sample, browser: Any, fakes: dict[str, FakeProver]) -> None:
    start(browser, "sure")
    browser.get(f"/prove/return/sure?tx={fakes['sure'].number}")
    lines = sample.house.look(sample.institution.id, lambda uow: uow.audit.find(limit=1000))
    told = repr(lines)
    assert "홍길동" not in told
    assert "1101" not in told.replace(f"{fakes['sure'].number}", "")
    assert NOTHING.reveal() == ""
