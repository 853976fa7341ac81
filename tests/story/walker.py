"""A person at a browser, in one language and at one size. Every page they look at is judged: axe, console, origin, width."""

import hashlib
import os
import re
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, ConsoleMessage, Error, Locator, Page, Request, expect

from otpward.edges.http.words import Words

ROOT = Path(__file__).resolve().parents[2]
_AXE = Axe()
_RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}}


_COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
"""What can differ in the dark, where the same pages are judged whole in the light."""
_IS_DARK = "matchMedia('(prefers-color-scheme: dark)').matches"
_STRUCTURE = """() => {
    const kept = ["role", "type", "class", "scope", "for", "lang", "dir", "hidden", "open", "disabled", "required", "tabindex"];
    const tell = (element) => {
        const named = [...element.attributes].filter((one) => kept.includes(one.name) || one.name.startsWith("aria-"));
        const text = [...element.childNodes].some((one) => one.nodeType === 3 && one.data.trim());
        const inside = [...element.children].map(tell).join("");
        return `<${element.tagName} ${named.map((one) => `${one.name}=${one.value}`).join(" ")}${text ? "+" : ""}>${inside}</>`;
    };
    const dark = matchMedia("(prefers-color-scheme: dark)").matches;
    return [dark, document.title !== "", tell(document.documentElement)].join("|");
}"""


@dataclass
class Walker:
    """Finds everything by role and name, in their own language.

    `judged` is the folder of what this run has found good already, in any of its processes: the same elements with the same
    names and classes, in the same language and width, need no second look.
    """

    context: BrowserContext
    site: str
    words: Words
    name: str
    judged: Path
    script: bool = True
    page: Page = field(init=False)
    complaints: list[str] = field(default_factory=list)
    shots: int = 0
    missing_is_fine: bool = False

    def __post_init__(self) -> None:
        self.page = self.context.new_page()
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(f"page error: {error}"))
        self.page.on("request", self._asked)

    def _heard(self, message: ConsoleMessage) -> None:
        expected = ["status of 422", "status of 404"] if self.missing_is_fine else ["status of 422"]
        if not any(status in message.text for status in expected):
            self.complaints.append(f"console: {message.text} ({self.page.url})")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.site, "data:", "blob:")):
            self.complaints.append(f"left the origin: {request.url}")

    def say(self, text: str, **values: object) -> str:
        """The sentence in this person's language."""
        return self.words._(text, **values)

    def open(self, path: str) -> None:
        """Type an address."""
        self.page.goto(f"{self.site}{path}")

    def see(self, heading: str, **values: object) -> None:
        """This page is open. It is judged, and a picture is kept."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text(self.say(heading, **values))
        self.look()

    def look(self) -> None:
        """Judge the page that is open, and keep its picture. One built like another that was judged here is only measured."""
        assert not self.complaints, self.complaints
        if self.script:
            self.fits()
            size = self.page.viewport_size
            built = f"{self.words.lang} {size and size['width']} {self.page.evaluate(_STRUCTURE)}"
            good = self.judged / hashlib.sha256(built.encode()).hexdigest()
            if good.exists():
                return
            self.judge(_COLOURS if self.page.evaluate(_IS_DARK) else _RULES)
            good.touch()
        self.picture()

    def judge(self, rules: dict[str, Any]) -> None:
        """Every one of these rules of axe holds."""
        found = _AXE.run(self.page, options=rules).response["violations"]
        told = [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found]
        assert not told, f"axe on {self.page.url}: {told}"

    def picture(self) -> None:
        """Keep what is seen, for a person to look at who asked for it: OTP_PICTURES=1."""
        if not os.environ.get("OTP_PICTURES"):
            return
        self.shots += 1
        folder = ROOT / ".screenshots" / self.name
        folder.mkdir(parents=True, exist_ok=True)
        path = self.page.url.removeprefix(self.site).split("?")[0].strip("/")
        place = re.sub(r"[LR]-\d{6}-\w{7}", "no", path).replace("/", "-") or "home"
        with suppress(Error):  # kept for a person to look at: a browser without room for it has shown the page
            self.page.screenshot(path=folder / f"{self.shots:02d}-{place}.png", full_page=True)

    def fits(self) -> None:
        """Nothing scrolls sideways."""
        wide = self.page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        assert wide[0] <= wide[1], f"{self.page.url} scrolls sideways: {wide}"

    def press(self, label: str, **values: object) -> None:
        """Press a button."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=self.say(label, **values), exact=True).click()

    def scan(self, text: str) -> None:
        """What a hand scanner does: type into the field that has the focus, and press Enter."""
        self.page.keyboard.type(text)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def follow(self, label: str, **values: object) -> None:
        """Follow a link."""
        with self.page.expect_navigation():
            self.page.get_by_role("link", name=self.say(label, **values)).first.click()

    def field(self, label: str, **values: object) -> Locator:
        """The field under this label."""
        return self.page.get_by_label(self.say(label, **values))

    def fill(self, label: str, text: str, **values: object) -> None:
        """Fill in a field."""
        self.field(label, **values).fill(text)

    def choose(self, label: str, *, context: str = "") -> None:
        """Choose one of several cards, or tick a box."""
        self.tick(self.words.in_context(context, label) if context else self.say(label))

    def tick(self, text: str, *, begins: bool = False) -> None:
        """Press the label of a card or box that says just this, or begins with it."""
        box = self.page.get_by_label(re.compile(f"^{re.escape(text)}")) if begins else self.page.get_by_label(text, exact=True)
        self.page.locator(f"label[for='{box.get_attribute('id')}']").click()
        expect(box).to_be_checked()

    def text(self) -> str:
        """What the page says."""
        return self.page.get_by_role("main").inner_text()

    def close(self) -> Any:
        """Leave."""
        assert not self.complaints, self.complaints
        self.context.close()
