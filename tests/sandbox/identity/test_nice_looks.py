"""NICE's page in a real browser: tidy at each step, and it works without script."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from otpward.adapters.identity.nice_v1 import NiceV1Prover
from otpward.adapters.identity.nice_v2 import NiceV2Prover, Service
from otpward.core.secret import Secret
from otpward.ports.prover import Asked, Begun
from otpward.sandbox.identity.people import PEOPLE
from otpward.sandbox.words import WORDS
from tests.sandbox.nice_walk import Walker
from tests.sandbox.running import Running, running_sandbox

pytestmark = pytest.mark.browser

HEADINGS = ("step.pick", "step.who", "step.code", "end.done")
SECRET = Secret(b"not-a-secret")


def asked_now() -> Asked:
    """Asked in this moment: the service refuses whoever's clock is minutes off."""
    return Asked(number="BROWSER", nonce=bytes(32), return_url="http://127.0.0.1:9/back", language="ko", now=datetime.now(UTC))


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running_sandbox(Path(tmp_path_factory.mktemp("world"))) as running:
        yield running


def begun(running: Running) -> Begun:
    with httpx.Client() as http:
        services = (Service.PHONE, Service.IPIN)
        return NiceV2Prover("nice", running.base_url, "sandbox", SECRET, http, services=services).begin(asked_now())


def code(running: Running, phone: str) -> str:
    with httpx.Client() as http:
        return Walker(http, running.base_url).code(phone)


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("width", [320, 1280])
def test_every_step_is_tidy(chromium: Browser, running: Running, lang: str, width: int) -> None:
    hong = PEOPLE[0]
    with chromium.new_context(viewport={"width": width, "height": 800}, base_url=running.base_url) as context:
        page = context.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text) if "422" not in message.text else None)
        page.goto(f"/?lang={lang}")
        page.goto(begun(running).link)
        button = {"ko": ("다음", "인증번호 받기", "확인"), "en": ("Next", "Get a code", "Confirm")}[lang]

        def who() -> None:
            page.locator("#name").fill(hong.name)
            page.locator("#birth").fill(f"{hong.birth_date:%Y%m%d}")
            page.locator("#phone").fill(hong.domestic_phone)
            page.get_by_role("button", name=button[1]).click()

        first, second, third, last = (WORDS[f"nice.{name}"][lang == "en"] for name in HEADINGS)
        wrong = "problem"
        steps: list[tuple[Callable[[], object], str]] = [
            (lambda: page.get_by_role("button", name=button[0]).click(), wrong),
            (lambda: page.get_by_label("SKT").check(), first),
            (lambda: page.get_by_role("button", name=button[0]).click(), second),
            (lambda: page.get_by_role("button", name=button[1]).click(), wrong),
            (who, third),
            (lambda: page.locator("#code").fill(code(running, hong.phone)), third),
            (lambda: page.get_by_role("button", name=button[2]).click(), last),
        ]
        tidy(page)
        for step, then in steps:
            step()
            there = page.get_by_role("alert") if then is wrong else page.get_by_role("heading", name=then)
            expect(there).to_be_visible(timeout=20_000)
            tidy(page)
        back = page.get_by_role("link", name={"ko": "돌아가기", "en": "Go back to the site"}[lang])
        assert (back.get_attribute("href") or "").startswith("http://127.0.0.1:9/back?web_transaction_id=")
        assert said == []


def tidy(page: Page) -> None:
    found = Axe().run(page).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_ipin_works_without_script(chromium: Browser, running: Running) -> None:
    with chromium.new_context(java_script_enabled=False, locale="en-GB") as context:
        page = context.new_page()
        page.goto(begun(running).link)
        page.get_by_label("i-PIN").check()
        page.get_by_role("button", name="Next").click()
        page.get_by_label("i-PIN ID").fill("m1001")
        page.get_by_label("Password").fill("guess")
        page.get_by_role("button", name="Confirm").click()
        expect(page.get_by_role("alert")).to_have_text("ID or password is not correct.")
        page.get_by_label("Password").fill("not-a-secret")
        page.get_by_role("button", name="Confirm").click()
        expect(page.get_by_role("heading", name="You have proven who you are")).to_be_visible()


def test_the_sealed_order_of_another_site_is_posted_by_its_page(chromium: Browser, running: Running) -> None:
    with httpx.Client() as http:
        url = running.base_url
        asked = NiceV1Prover("nice1", url, url, "sandbox", SECRET, "2101979031", http).begin(asked_now())
    fields = "".join(f'<input type="hidden" name="{name}" value="{value}">' for name, value in asked.form.items())
    with chromium.new_context(locale="ko-KR") as context:
        page = context.new_page()
        page.set_content(f'<form method="post" action="{asked.link}">{fields}<button>go</button></form>')
        page.get_by_role("button", name="go").click()
        expect(page.get_by_role("heading", name="어떤 방법으로 확인할까요?")).to_be_visible()
        expect(page.get_by_label("아이핀")).to_have_count(0)
