"""With a carrier to ask: the member whose SIM was changed and a stranger see the same pages; a member who sits here is told."""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from otpward.core.errors import Unavailable
from otpward.core.model.member import Level
from otpward.core.secret import NOTHING, Personal
from otpward.edges.http.app import build_app
from otpward.edges.http.assets import Assets
from otpward.edges.http.console.nav import nav
from otpward.edges.http.cookies import Cookies
from otpward.edges.http.front import Front
from otpward.edges.http.pages import Pages
from otpward.ports.judging import Judging
from otpward.ports.phone_risk import SimGuard
from otpward.ports.provider import Provider
from tests.edges.http.portal.codes import MOBILE, phone_code
from tests.edges.http.portal.seated import Story, seat
from tests.edges.http.portal.test_prove_service import results, start
from tests.fakes.prover import FakeProver
from tests.fakes.sample import Sample

DECOY = "+821055500001"
PATH = "/prove/phone?for=apply"


@dataclass
class Carrier:
    changed: bool = False
    silent: bool = False
    asked: list[str] = field(default_factory=list)

    def sim_changed(self, phone: Personal, *, within: timedelta) -> bool:
        self.asked.append(phone.reveal())
        if self.silent:
            raise Unavailable("no answer")
        return self.changed


@pytest.fixture
def carrier() -> Carrier:
    return Carrier()


@pytest.fixture
def prover() -> FakeProver:
    return FakeProver("sure")


@pytest.fixture
def app(sample: Sample, pages: Pages, judging: Judging, carrier: Carrier, prover: FakeProver) -> Any:
    """The application, with a carrier to ask and an identity service."""
    front = Front(
        house=sample.house,
        pages=pages,
        institution=lambda: sample.institution,
        cookies=Cookies(secure=False),
        nav=nav,
        providers={"sure": Provider(prover=prover, title_ko="확인", title_en="Sure")},
        sim=SimGuard(risk=carrier, decoy=Personal(DECOY)),
        public_url="http://127.0.0.1",
    )
    return build_app(front, Assets(), judging=judging, ready=lambda: True)


def codes(sample: Sample) -> int:
    return sample.house.look(sample.institution.id, lambda uow: uow.notices.count(template="phone_code"))


def plain(text: str) -> str:
    """A page without what differs from one proof to the next."""
    return re.sub(r"[0-9a-f-]{36}|value=\"[0-9a-f]{40}\"", "", text)


def ask(browser: Any, login: str) -> Any:
    return browser.send(browser.get(PATH), PATH, member=login, phone=MOBILE)


@pytest.mark.parametrize(("changed", "silent"), [(True, False), (False, True)], ids=["SIM changed", "no answer"])
def test_the_same_page_for_the_member_and_a_stranger(
    browser: Any, sample: Sample, carrier: Carrier, changed: bool, silent: bool
) -> None:
    carrier.changed, carrier.silent = changed, silent
    browser.get("/?lang=en")
    member, stranger = ask(browser, "m1001"), ask(browser, "nobody")
    assert (member.status_code, stranger.status_code) == (200, 200)
    assert plain(member.text) == plain(stranger.text)
    assert codes(sample) == 0
    assert carrier.asked == ["+821055501101", DECOY]


def test_with_the_same_sim_a_code_comes(browser: Any, sample: Sample) -> None:
    ask(browser, "m1001")
    assert codes(sample) == 1


def test_asking_again_too_early_does_not_ask_the_carrier(browser: Any, sample: Sample, carrier: Carrier) -> None:
    page = ask(browser, "m1001")
    action = str(page.url.raw_path.decode())
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
    for _ in range(3):
        browser.post(action, {**hidden, "again": "yes"})
    assert len(carrier.asked) == 1
    sample.house.clock.move(seconds=31)  # type: ignore[attr-defined]
    browser.post(action, {**hidden, "again": "yes"})
    assert len(carrier.asked) == 2


def test_a_member_who_sits_here_is_told_that_the_sim_was_changed(browser: Any, sample: Sample, carrier: Carrier) -> None:
    carrier.changed = True
    browser.get("/?lang=en")
    seat(browser, Story(sample, sample.member), Level.PROVEN)
    page = browser.send(browser.get(PATH), PATH)
    assert page.url.path == "/prove"
    assert "This phone or its SIM was changed lately" in page.text


def test_a_member_who_sits_here_is_told_that_nobody_answers(browser: Any, sample: Sample, carrier: Carrier) -> None:
    carrier.silent = True
    browser.get("/?lang=en")
    seat(browser, Story(sample, sample.member), Level.PROVEN)
    page = browser.send(browser.get(PATH), PATH)
    assert page.status_code == 422
    assert "The carrier does not answer, so we send no code" in page.text
    assert codes(sample) == 0


def test_by_an_identity_service_to_a_new_number(browser: Any, sample: Sample, prover: FakeProver, carrier: Carrier) -> None:
    start(browser, "sure", purpose="contact")
    form = browser.get(f"/prove/return/sure?tx={prover.number}")
    assert form.url.path == "/settings/phone"
    assert carrier.asked == ["+821055501101"], "it may come by the phone"
    code = browser.send(form, "/settings/phone", phone="010-2345-6789")
    done = browser.send(code, "/settings/phone/code", code=phone_code(sample))
    assert "The new mobile number is saved" in done.text
    start(browser, "sure", purpose="mail")
    prover.person = prover.person | {"phone": Personal("010-2345-6789")}
    over = browser.get(f"/prove/return/sure?tx={prover.number}")
    assert over.url.path == "/prove/provider/over"
    assert "proof:failed=young_phone" in results(sample), "the new number proves nothing yet"


@pytest.mark.parametrize(
    ("changed", "silent", "phone", "passes"),
    [
        (False, False, Personal("01055501101"), True),
        (True, False, Personal("01055501101"), False),
        (False, True, Personal("01055501101"), False),
        (True, False, NOTHING, True),
        (False, True, NOTHING, True),
    ],
    ids=["the same SIM", "a new SIM", "no answer", "a new SIM, but by i-PIN", "no answer, but by i-PIN"],
)
def test_an_identity_service_proves_as_little_as_the_phone_it_came_by(
    browser: Any, prover: FakeProver, carrier: Carrier, changed: bool, silent: bool, phone: Personal, passes: bool
) -> None:
    carrier.changed, carrier.silent = changed, silent
    prover.person = prover.person | {"phone": phone}
    start(browser, "sure", purpose="contact")
    back = browser.get(f"/prove/return/sure?tx={prover.number}")
    assert back.url.path == ("/settings/phone" if passes else "/prove/provider/over")
