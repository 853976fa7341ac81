"""A browser without script at an address of its own: what Chromium adds nothing to is asked of the running server by it."""

import html
import re
from types import TracebackType
from typing import Self

import httpx

from tests.story.running_demo import Demo

_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


class PlainBrowser:
    """Keeps cookies, follows redirects, sends forms. `place` makes its loopback address, by which it is counted."""

    def __init__(self, demo: Demo, place: int) -> None:
        here = httpx.HTTPTransport(local_address=f"127.0.{place // 250}.{place % 250 + 2}")
        self.http = httpx.Client(base_url=demo.site, transport=here, follow_redirects=True, timeout=30)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None) -> None:
        self.http.close()

    def get(self, address: str, **query: str) -> httpx.Response:
        """A page."""
        return self.http.get(address, params=query or None)

    def send(self, page: httpx.Response, to: str, **fields: str) -> httpx.Response:
        """The form of this page that goes to an address that begins so, with its hidden fields and these."""
        action, hidden = form_of(page, to)
        return self.http.post(page.url.join(action), data=hidden | fields)


def form_of(page: httpx.Response, to: str) -> tuple[str, dict[str, str]]:
    """Where the form goes, and its hidden fields."""
    for action, inside in re.findall(r'<form[^>]*action="([^"]*)"(.*?)</form>', page.text, re.DOTALL):
        if html.unescape(action).startswith(to):
            return html.unescape(action), {name: html.unescape(text) for name, text in _HIDDEN.findall(inside)}
    raise AssertionError(f"no form to {to} at {page.url}: {words_of(page)}")


def link_of(page: httpx.Response, to: str) -> str:
    """The first link to an address that begins so."""
    found = [html.unescape(one) for one in re.findall(r'href="([^"]*)"', page.text)]
    return next(one for one in found if one.startswith(to))


def words_of(page: httpx.Response) -> str:
    """What the page says, without its marks."""
    main = re.search(r"<main.*?</main>", page.text, re.DOTALL)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", main.group() if main else page.text)))
