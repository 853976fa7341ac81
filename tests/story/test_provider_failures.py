"""Whatever goes wrong at a provider (KOREA.md §2.7) is told in both languages, leaves the draft, and is written down."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

import httpx
import pytest

from otpward.edges.http.words import load
from otpward.sandbox.identity.people import Person, by_id
from tests.sandbox.nice_walk import Walker as AtNice
from tests.story import outside, proving
from tests.story.plain_browser import PlainBrowser, form_of, link_of, words_of
from tests.story.running_demo import Demo

pytestmark = pytest.mark.slow

WORDS = load()
PLACES = itertools.count()
ENDS: Final = {
    "cancelled": "You stopped before the end",
    "expired": "The time for this is over",
    "failed": "We could not confirm who you are",
    "again": "The answer was not the one to your request. Try again from here",
    "silent": "What you did there is not lost. Try again, or choose another way.",
    "down": "{provider} does not answer now. Choose another way, or try again later",
    "nothing": "Go to {provider}",
}
"""How a page tells it; after `nothing` the provider brought nobody back, and the page from which one left still stands."""

MEMBERS: Final = {
    "phone": "m1001",
    "ipin": "m1002",
    "phone-v1": "m1003",
    "portone": "m1004",
    "kakao": "m1006",
    "sign-on": "m1007",
    "known": "m1008",
}
"""A member for each provider; the last one's CI is known here."""

TABLE: Final = [
    ("phone", "0001", "failed", "other_phone"),
    ("phone", "0002", "cancelled", "cancelled"),
    ("phone", "0003", "failed", "other_name"),
    ("phone", "0004", "expired", "expired"),
    ("phone", "0005", "again", "forged"),
    ("phone", "0006", "again", "forged"),
    ("phone", "0007", "silent", "unavailable"),
    ("phone", "0009", "failed", "other_birth_date"),
    ("phone", "0010", "failed", "other_ci"),
    ("ipin", "0001", "failed", "other_name"),
    ("ipin", "0002", "cancelled", "cancelled"),
    ("ipin", "0003", "failed", "other_name"),
    ("ipin", "0004", "expired", "expired"),
    ("ipin", "0005", "again", "forged"),
    ("ipin", "0006", "again", "forged"),
    ("ipin", "0007", "silent", "unavailable"),
    ("ipin", "0010", "failed", "other_ci"),
    ("phone-v1", "0001", "failed", "other_phone"),
    ("phone-v1", "0002", "cancelled", "cancelled"),
    ("phone-v1", "0003", "failed", "other_name"),
    ("phone-v1", "0004", "expired", "expired"),
    ("phone-v1", "0005", "again", "forged"),
    ("phone-v1", "0006", "again", "forged"),
    ("phone-v1", "0007", "nothing", ""),
    ("phone-v1", "0009", "failed", "other_birth_date"),
    ("phone-v1", "0010", "failed", "other_ci"),
    ("portone", "0001", "failed", "other_phone"),
    ("portone", "0002", "cancelled", "cancelled"),
    ("portone", "0003", "failed", "other_name"),
    ("portone", "0004", "expired", "expired"),
    ("portone", "0005", "failed", "forged"),
    ("portone", "0006", "failed", "forged"),
    ("portone", "0007", "down", "unavailable"),
    ("portone", "0009", "failed", "other_birth_date"),
    ("portone", "0010", "failed", "other_ci"),
    ("kakao", "0001", "failed", "other_phone"),
    ("kakao", "0002", "cancelled", "cancelled"),
    ("kakao", "0003", "failed", "other_name"),
    ("kakao", "0004", "expired", "expired"),
    ("kakao", "0005", "again", "forged"),
    ("kakao", "0006", "failed", "failed"),
    ("kakao", "0007", "down", "unavailable"),
    ("kakao", "0009", "failed", "other_birth_date"),
    ("kakao", "0010", "failed", "other_ci"),
    ("sign-on", "0001", "failed", "other_name"),
    ("sign-on", "0002", "cancelled", "cancelled"),
    ("sign-on", "0003", "failed", "other_name"),
    ("sign-on", "0004", "expired", "expired"),
    ("sign-on", "0005", "again", "forged"),
    ("sign-on", "0006", "failed", "failed"),
    ("sign-on", "0007", "silent", "unavailable"),
]


@dataclass
class Draft:
    """A member's open application in a browser of theirs where they sit proven, and what its last page said."""

    browser: PlainBrowser
    said: str = ""

    def now(self) -> str:
        return words_of(self.browser.get("/apply/review", lang="en"))


@pytest.fixture(scope="module")
def drafts(demo: Demo) -> Iterator[Callable[[str], Draft]]:
    """The draft of this member, made when it is first asked for."""
    made: dict[str, Draft] = {}

    def find(login: str) -> Draft:
        if login not in made:
            made[login] = open_draft(demo, login)
        return made[login]

    yield find
    for draft in made.values():
        draft.browser.http.close()


def open_draft(demo: Demo, login: str) -> Draft:
    browser, who = PlainBrowser(demo, next(PLACES)), proving.known(login)
    if login == MEMBERS["known"]:
        page = by_nice("phone")(demo, browser, begin(browser, "phone", login, who, "en", "follow"), who)
    else:
        page = browser.get("/prove/phone", **{"for": "follow"})
        before = demo.codes_sent(who.phone)
        page = browser.send(page, "/prove/phone", member=login, phone=who.domestic_phone)
        page = browser.send(page, "/prove/phone/code", code=demo.phone_code(who.phone, before))
    assert page.url.path == "/cases", words_of(page)
    browser.send(browser.get("/apply"), "/apply")
    browser.send(browser.get("/apply/reason"), "/apply/reason", reason="faulty", old_serial=demo.signs["serials"][login])
    address = {"postcode": "04528", "street": "서울 중구 세종대로 110"}
    browser.send(browser.get("/apply/delivery", how="post"), "/apply/delivery", **address)
    draft = Draft(browser)
    draft.said = draft.now()
    assert "04528" in draft.said, draft.said
    return draft


def begin(browser: PlainBrowser, provider: str, login: str, who: Person, lang: str, errand: str) -> httpx.Response:
    """As far as the page that leads there."""
    page = browser.get("/prove/provider", **{"for": errand, "by": provider, "lang": lang})
    person = {"name": who.name, "birth_date": f"{who.birth_date:%Y%m%d}", "phone": who.domestic_phone}
    return browser.send(page, "/prove/provider", member=login, carrier="SKT", digit="1", **person)


Walk = Callable[[Demo, PlainBrowser, httpx.Response, Person], httpx.Response]


def by_nice(provider: str) -> Walk:
    def walk(demo: Demo, browser: PlainBrowser, page: httpx.Response, who: Person) -> httpx.Response:
        with httpx.Client(timeout=30) as http:
            there = AtNice(http, demo.world)
            if provider == "phone-v1":
                there.open(*form_of(page, demo.world))
            else:
                there.open(link_of(page, f"{demo.world}/ido/"))
            there.with_ipin(who.id) if provider == "ipin" else there.as_person(who)
            if "onward" not in there.page:
                return page
            return browser.get(f"/prove/return/{provider}", **there.carried())

    return walk


def by_portone(demo: Demo, browser: PlainBrowser, page: httpx.Response, who: Person) -> httpx.Response:
    return browser.send(page, "/prove/provider/go", code=outside.newest_code(demo, who.phone, 0))


def by_kakao(demo: Demo, browser: PlainBrowser, page: httpx.Response, who: Person) -> httpx.Response:
    app = browser.get(f"{demo.world}/identity/barocert")
    if who.name in app.text:
        browser.send(app, "/identity/barocert/", answer="yes")
    return browser.send(page, "/prove/provider/go")


def by_sign_on(demo: Demo, browser: PlainBrowser, page: httpx.Response, who: Person) -> httpx.Response:
    cards = browser.get(link_of(page, f"{demo.world}/oidc/"))
    chosen = next(one for one in cards.text.split('href="') if f"person={who.id}&" in one).split('"')[0]
    return browser.get(f"{demo.world}{chosen.replace('&amp;', '&')}")


WALKS: Final[dict[str, Walk]] = {
    "phone": by_nice("phone"),
    "ipin": by_nice("ipin"),
    "phone-v1": by_nice("phone-v1"),
    "portone": by_portone,
    "kakao": by_kakao,
    "sign-on": by_sign_on,
}


def asked_as(provider: str, login: str, suffix: str) -> Person:
    """The member, on a number at which this goes wrong; where an ID is typed or chosen, the one who lives there."""
    if provider in {"ipin", "sign-on"}:
        player = by_id(f"s{suffix}")
        assert player
        return player
    return replace(proving.known(login), phone=f"+82107777{suffix}")


@pytest.mark.parametrize(
    ("provider", "suffix", "end", "result"), [pytest.param(*row, id=f"{row[0]}-{row[1]}-{row[2]}") for row in TABLE]
)
def test_what_goes_wrong_is_told_and_leaves_the_draft(
    demo: Demo, drafts: Callable[[str], Draft], provider: str, suffix: str, end: str, result: str
) -> None:
    login = MEMBERS["known" if suffix == "0010" else provider]
    draft, errand = drafts(login), "follow" if provider == "sign-on" else "apply"
    who = asked_as(provider, login, suffix)
    with PlainBrowser(demo, next(PLACES)) as browser:
        page = None
        for lang in ("ko", "en"):
            if page is not None and page.url.path == "/prove/provider/over":  # it stays, and is read once more
                page = browser.get(str(page.url.copy_merge_params({"lang": lang})))
            else:
                page = begin(browser, provider, login, who, lang, errand)
                if page.status_code != 503:
                    page = WALKS[provider](demo, browser, page, who)
            told = WORDS[lang]._(ENDS[end], provider=proving.TITLES[provider][lang])
            assert told in words_of(page), words_of(page)
            assert page.url.path == "/prove" or f'href="/prove?for={errand}"' in page.text or end == "down", "another way"
            assert browser.get("/cases").url.path != "/cases", "nothing is opened"
    if result:
        proving.refused(demo, login, result, provider)
    assert draft.now() == draft.said, "the draft stays as it was"
