"""The pages where somebody acts, in a real browser: tidy, and they do what they say."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.sandbox.identity.test_pushes import ASK, KEY, WISHES
from tests.sandbox.running import Running, running_sandbox

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def waiting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A sandbox with requests that nobody has answered."""
    with running_sandbox(Path(tmp_path_factory.mktemp("world"))) as running:
        for number in ("one", "two"):
            url = f"{running.base_url}/identity-verifications/{number}/send"
            httpx.post(url, json=ASK, headers=KEY).raise_for_status()
        yield running


def tidy(page: Page) -> None:
    found = Axe().run(page).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_what_waits_is_answered_with_a_button(chromium: Browser, waiting: Running, lang: str) -> None:
    number, name = {"ko": ("one", "인증하기"), "en": ("two", "Decline")}[lang]
    with chromium.new_context(base_url=waiting.base_url, viewport={"width": 320, "height": 640}) as context:
        page = context.new_page()
        page.goto(f"/identity/portone?lang={lang}")
        tidy(page)
        own = page.locator(f'form[action="/identity/portone/{number}"]')
        own.get_by_role("button", name=name).click()
        expect(own).to_have_count(0)
    answer = httpx.post(f"{waiting.base_url}/identity-verifications/{number}/confirm", json={}, headers=KEY)
    assert answer.status_code == (200 if lang == "ko" else 502)


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_a_sign_in_leads_back_to_another_site(chromium: Browser, waiting: Running, lang: str) -> None:
    back = waiting.base_url.replace("127.0.0.1", "localhost") + "/mails"
    with chromium.new_context(base_url=waiting.base_url, viewport={"width": 320, "height": 640}) as context:
        page = context.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.goto(f"/oidc/authorize?{urlencode(WISHES | {'redirect_uri': back, 'lang': lang})}")
        tidy(page)
        page.get_by_role("link", name="김하나").click()
        page.wait_for_url(f"{back}?state=s&*")
        assert said == []
