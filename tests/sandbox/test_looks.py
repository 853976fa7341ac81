"""The pages in a real browser: nothing axe finds, no console message, no sideways scroll, and they stay fresh by themselves."""

import smtplib
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from otpward.sandbox.factory import put_stock
from tests.sandbox.conftest import fixed_entropy
from tests.sandbox.running import Running, running_sandbox

pytestmark = pytest.mark.browser

PAGES = [
    "/",
    "/inbox",
    "/inbox/+821012345678",
    "/mails",
    "/devices",
    "/devices/2600000001",
    "/devices/2600000007",
    "/phone",
    "/parcels",
    "/people",
    "/authority",
    "/identity/portone",
    "/identity/barocert",
    "/oidc/keys",
]
KEY = {"X-Secret-Key": "not-a-secret"}


@pytest.fixture(scope="module")
def lively(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A sandbox where something has happened on every page."""
    folder = Path(tmp_path_factory.mktemp("world"))
    put_stock(folder, 20, entropy=fixed_entropy())
    with running_sandbox(folder) as running:
        receive(running, "[한빛기관] 인증번호 482913")
        with smtplib.SMTP("127.0.0.1", running.smtp_port, timeout=5) as post:
            post.sendmail("otp@hanbit.example", ["hong@hanbit.example"], "Subject: hello\r\n\r\nhello\r\n")
        with httpx.Client(base_url=running.base_url) as http:
            http.post("/api/phone", json={"key": "GEZDGNBVGY3TQOJQ", "issuer": "한빛기관", "name": "m1001"}).raise_for_status()
            for steps in ([], ["in_transit"], ["in_transit", "delivered"], ["in_transit", "returned"]):
                number = http.post("/api/parcels").json()["number"]
                for state in steps:
                    http.post(f"/api/parcels/{number}/move", json={"state": state}).raise_for_status()
            for kind in ("general", "expired"):
                http.post("/api/certificates", json={"person": "m1001", "kind": kind}).raise_for_status()
            for serial in ("2600000001", "2600000007"):
                http.post(f"/api/devices/{serial}/press").raise_for_status()
        yield running


def receive(running: Running, text: str) -> None:
    order = {"body": text, "sendNo": "15880000", "recipientList": [{"recipientNo": "01012345678"}]}
    httpx.post(f"{running.base_url}/sms/v3.0/appKeys/sandbox/sender/auth/sms", json=order, headers=KEY).raise_for_status()


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize(("width", "height"), [(320, 640), (390, 844), (1280, 800)])
def test_every_page_is_tidy(chromium: Browser, lively: Running, lang: str, width: int, height: int) -> None:
    with chromium.new_context(viewport={"width": width, "height": height}, base_url=lively.base_url) as context:
        page = context.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        for path in PAGES:
            page.goto(f"{path}?lang={lang}")
            found = Axe().run(page).response["violations"]
            assert [(each["id"], each["nodes"][0]["html"]) for each in found] == [], path
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert said == []


def test_a_message_appears_without_a_press(chromium: Browser, lively: Running) -> None:
    with chromium.new_context(base_url=lively.base_url) as context:
        page = context.new_page()
        page.goto("/inbox/+821012345678")
        receive(lively, "인증번호 775533")
        expect(page.get_by_text("775533")).to_be_visible(timeout=10_000)


def test_the_button_works_without_script(chromium: Browser, lively: Running) -> None:
    with chromium.new_context(base_url=lively.base_url, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto("/devices/2600000002?lang=en")
        expect(page.get_by_role("img", name="The display is dark")).to_be_visible()
        page.get_by_role("button", name="Press the button").click()
        code = httpx.get(f"{lively.base_url}/api/devices/2600000002/press").json()["code"]
        expect(page.get_by_role("img", name=f"Display: {code[:3]} {code[3:]}")).to_be_visible()
