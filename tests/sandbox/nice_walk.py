"""Somebody who walks through NICE's page in a browser without script, and comes back with what it gives them."""

import html
import re
from collections.abc import Mapping
from datetime import date
from urllib.parse import parse_qsl, urlsplit

import httpx

from otpward.sandbox.identity.people import Person

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Walker:
    """One browser. It does not follow the last link, but reads what it would carry."""

    def __init__(self, http: httpx.Client, base_url: str) -> None:
        self.http = http
        self.base_url = base_url
        self.at = ""
        self.page = ""

    def open(self, link: str, form: Mapping[str, str] | None = None) -> None:
        if form:
            origin = {"Origin": "http://127.0.0.1:1"}
            self._take(self.http.post(link, data=dict(form), headers=origin, follow_redirects=True))
        else:
            self._take(self.http.get(link, follow_redirects=True))

    def post(self, **fields: str) -> httpx.Response:
        answer = self.http.post(self.at, data=fields, follow_redirects=True)
        self._take(answer)
        return answer

    def _take(self, answer: httpx.Response) -> None:
        self.at, self.page = str(answer.url), answer.text
        if answer.headers.get("content-type", "").startswith("text/html"):
            assert "This is a sandbox, not the real world" in self.page

    def heading(self) -> str:
        found = re.search(r"<h1>(.*?)</h1>", self.page)
        return html.unescape(found[1]) if found else ""

    def code(self, phone: str) -> str:
        texts = self.http.get(f"{self.base_url}/api/messages", params={"to": phone}).json()
        found = re.search(r"\[([0-9]{6})\]", texts[0]["text"])
        assert found
        return found[1]

    def as_person(self, person: Person, *, name: str = "", born: date | None = None) -> None:
        """From the carrier to the code, and to the end if it gets there."""
        self.post(carrier=person.carrier.value)
        self.post(name=name or person.name, birth=f"{born or person.birth_date:%Y%m%d}", phone=person.domestic_phone)
        if 'name="code"' in self.page:
            self.post(code=self.code(person.phone))

    def with_ipin(self, login: str, password: str = "not-a-secret") -> None:
        if 'name="carrier"' in self.page:
            self.post(carrier="ipin")
        self.post(id=login, password=password)

    def carried(self) -> dict[str, str]:
        """What the link back would bring to the site."""
        found = re.search(r'class="onward" href="([^"]+)"', self.page)
        assert found, self.page
        return dict(parse_qsl(urlsplit(html.unescape(found[1])).query, keep_blank_values=True))
