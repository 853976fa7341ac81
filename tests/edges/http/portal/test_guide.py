"""The help page says what the policy says, for every kind, reason and way of receiving, and nothing else."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from otpward.core.model.case import Delivery, Reason
from otpward.core.policy.document.build import read_policy
from otpward.core.policy.document.model import Policy
from otpward.core.policy.document.requirement import requirement
from otpward.edges.http.portal.progress import REASONS
from otpward.edges.http.words import Words, load
from tests.fakes.sample import Sample
from tests.services.oversee.policies.writing import desks

WAYS = {
    "ko": {"영업점 수령": Delivery.BRANCH, "우편 배송": Delivery.POST, "휴대폰 앱": Delivery.APP},
    "en": {"At a branch": Delivery.BRANCH, "By post": Delivery.POST, "On my phone": Delivery.APP},
}
KEYS = {
    "ko": ("사유", "수수료", "걸리는 기간", "서류"),
    "en": ("Reason", "Fee", "Takes", "Documents"),
}
TEXTS = {
    "the default": "",
    "fees, waivers and exceptions": """
[rules.all]
fee_won = 5000
[rules.stolen]
reasons = ["stolen", "misused"]
fee_won = 0
working_days = 0
[rules.dear]
kinds = ["corporation"]
deliveries = ["post"]
fee_won = 12500
working_days = 7
[rules.no_app]
kinds = ["minor"]
deliveries = ["app"]
offered = false
[kinds.abroad]
offered = false
[kinds.pupil]
name = { ko = "학생 <견습>", en = "A pupil & apprentice" }
like = "minor"
[waivers.senior]
used = true
[documents.id_card]
months = 1
""",
}


class _Reader(HTMLParser):
    """The cards of the section `terms`: the title of each, and its rows in the order of the page."""

    def __init__(self) -> None:
        super().__init__()
        self.cards: list[tuple[str, list[tuple[str, str]]]] = []
        self._inside, self._depth, self._tag, self._text, self._key = False, 0, "", "", ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "section":
            self._depth += 1 if self._inside else 0
            self._inside = self._inside or ("id", "terms") in attrs
        if tag in {"br", "li"} and self._text:
            self._text += "\n"
        if tag in {"h3", "dt", "dd"}:
            self._tag, self._text = tag, ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "section" and self._inside:
            self._inside, self._depth = self._depth > 0, max(0, self._depth - 1)
        if not self._inside or tag != self._tag:
            return
        said = "\n".join(" ".join(line.split()) for line in self._text.split("\n"))
        match tag:
            case "h3":
                self.cards.append((said, []))
            case "dt":
                self._key = said
            case "dd":
                self.cards[-1][1].append((self._key, said))

    def handle_data(self, data: str) -> None:
        self._text += data


def told(page: str, lang: str, words: Words) -> dict[tuple[Reason, Delivery], dict[str, str]]:
    """What the page says for each reason and way."""
    reader = _Reader()
    reader.feed(page)
    named = {words._(text): reason for reason, text in REASONS.items()}
    reason_key, fee_key = KEYS[lang][:2]
    found: dict[tuple[Reason, Delivery], dict[str, str]] = {}
    for title, rows in reader.cards:
        groups: list[dict[str, str]] = []
        for key, value in rows:
            if key == reason_key or (key == fee_key and (not groups or fee_key in groups[-1])):
                groups.append({})
            groups[-1][key] = value
        for group in groups:
            reasons = [named[one] for one in group.pop(reason_key).split(" · ")] if reason_key in group else list(Reason)
            for reason in reasons:
                place = (reason, WAYS[lang][title])
                assert place not in found, "said twice"
                found[place] = {**group, fee_key: _for_one(group[fee_key], reason, named)}
    return found


def _for_one(fee: str, reason: Reason, named: dict[str, Reason]) -> str:
    """The lines of a fee that go for this reason; a line that goes for some only names them in brackets."""
    lines = []
    for line in fee.split("\n"):
        text, _, tail = line.rpartition(" (")
        only = [named[one] for one in tail.removesuffix(")").split(" · ") if one in named]
        if not only or reason in only:
            lines.append(text if only else line)
    return "\n".join(sorted(lines))


def meant(policy: Policy, kind: str, lang: str) -> dict[tuple[Reason, Delivery], dict[str, str]]:
    """What the policy says, put into words here and not by the page."""
    said: dict[tuple[Reason, Delivery], dict[str, str]] = {}
    _, fee, days, papers = KEYS[lang]
    for reason in Reason:
        for delivery in Delivery:
            asked = requirement(policy, kind, reason, delivery)
            if asked.offered:
                said[reason, delivery] = {
                    fee: _fee(asked.full_fee_won, [one.title.text(lang) for one in asked.waivers], lang),
                    days: _days(asked.working_days, lang),
                    papers: "\n".join(_paper(one, lang) for one in asked.papers) or {"ko": "없음", "en": "None"}[lang],
                }
    return said


def _fee(won: int, waivers: list[str], lang: str) -> str:
    amount = {"ko": f"{won:,}원", "en": f"₩{won:,}"}[lang] if won else {"ko": "무료", "en": "Free"}[lang]
    return "\n".join(sorted([amount, *({"ko": f"무료: {one}", "en": f"Free: {one}"}[lang] for one in waivers)]))


def _days(count: int, lang: str) -> str:
    if not count:
        return {"ko": "당일", "en": "Same working day"}[lang]
    return {"ko": f"영업일 {count}일", "en": f"{count} working day{'s' if count > 1 else ''}"}[lang]


def _paper(paper: Any, lang: str) -> str:
    ways = {
        "ko": {"counter": "창구에서 확인", "delivery": "받을 때 확인", "upload": "사진이나 PDF로 제출"},
        "en": {"counter": "shown at the counter", "delivery": "shown on delivery", "upload": "sent as a photo or PDF"},
    }[lang]
    how = {"ko": " 또는 ", "en": " or "}[lang].join(ways[one] for one in paper.ways)
    months = paper.document.months
    fresh = {"ko": f"발급 {months}개월 이내; ", "en": f"issued within {months} month{'s' if months > 1 else ''}; "}[lang]
    return f"{paper.document.title.text(lang)} ({fresh if months else ''}{how})"


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_the_page_and_the_policy_say_the_same_and_nothing_else(browser: Any, sample: Sample, text: str, lang: str) -> None:
    desks(sample).put_in_force(text)
    policy, words = read_policy(text), load()[lang]
    page = browser.get(f"/help?lang={lang}").text
    links = re.findall(r'href="/help\?kind=(\w+)#terms"', page)
    first, *others = [kind.name for kind in policy.kinds.values() if kind.offered]
    assert links == others
    for kind in [first, *others]:
        page = browser.get(f"/help?kind={kind}&lang={lang}").text
        assert told(page, lang, words) == meant(policy, kind, lang)


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_the_page_before_the_start_says_it_for_the_reason_that_is_known(browser: Any, sample: Sample, lang: str) -> None:
    desks(sample).put_in_force(TEXTS["fees, waivers and exceptions"])
    page = browser.get(f"/apply?kind=corporation&lang={lang}").text
    assert {"ko": "무료~12,500원", "en": "up to ₩12,500"}[lang] in page
    assert {"ko": "법인인감증명서", "en": "the corporate seal certificate"}[lang] in page
    assert 'name="kind" value="corporation"' in page


def test_days_and_hours_of_the_policy_are_on_the_page(browser: Any, sample: Sample) -> None:
    text = "[deadlines]\ndraft_days = 5\nmore_days = 6\npick_up_days = 8\n[contact]\nhours = {ko='낮', en='Noon to one'}"
    desks(sample).put_in_force(text)
    page = browser.get("/help?lang=en").text
    for said in ("kept for 5 days", "within 6 days", "8 days. Bring", "1588-0000, Noon to one"):
        assert said in page
