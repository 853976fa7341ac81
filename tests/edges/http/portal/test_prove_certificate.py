"""The certificate's own address, and what its page takes: a signature from the page, as text, or as a file."""

import base64
import re
from typing import Any

import httpx
import pytest

from otpward.core.model.proof import Method
from otpward.ports.prover import Refusal, Refused
from otpward.ports.provider import Provider, Providers
from tests.fakes.prover import FakeProver

HERE = "This certificate is not accepted"
ELSEWHERE = "This signature is not accepted"
NOTHING_GIVEN = "Choose the file with the signature, or put it in as text"
DER = b"\x30\x03\x02\x01\x05"
PEM = b"-----BEGIN CMS-----\nMAMCAQU=\n-----END CMS-----\n"


class Listening(FakeProver):
    """It remembers what the page brought."""

    heard: dict[str, str]

    def complete(self, kept: Any, callback: Any, *, now: Any) -> Any:
        self.heard = dict(callback)
        return super().complete(kept, callback, now=now)


@pytest.fixture
def paper() -> Listening:
    return Listening("paper", Method.CERTIFICATE, "challenge", answer=Refused(why=Refusal.NOT_ACCEPTED))


@pytest.fixture
def providers(paper: Listening) -> Providers:
    other = FakeProver("sure")
    return {
        "sure": Provider(prover=other, title_ko="다른 길", title_en="Sure"),
        "paper": Provider(prover=paper, title_ko="인증서", title_en="Certificate", companies=("1.2.410.200005.1.1.5",)),
    }


def signing(browser: Any) -> httpx.Response:
    """As far as the page on which one signs."""
    form = browser.get("/prove/certificate?for=unlock&lang=en")
    action = re.search(r'<form method="post" action="(/prove/provider\?[^"]+)"', form.text)
    assert action
    page: httpx.Response = browser.post(action[1].replace("&amp;", "&"), {"csrf": csrf_of(form), "member": "m1001"})
    assert "Sign with your certificate" in page.text
    return page


def csrf_of(page: httpx.Response) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert found
    return found[1]


def field_with(page: httpx.Response, sentence: str) -> str:
    """The field that the summary leads to; the sentence stands beside it too."""
    linked = re.search(rf'<a href="#f-(\w+)">{sentence}', page.text)
    assert linked
    assert re.search(rf'id="f-{linked[1]}-error">.*?{sentence}', page.text, re.DOTALL)
    assert re.search(rf'id="f-{linked[1]}"[^>]*aria-invalid="true"', page.text)
    return linked[1]


@pytest.mark.parametrize("purpose", ["apply", "follow", "check", "unlock"])
def test_its_address_leads_to_it_for_the_errand_in_the_query(browser: Any, purpose: str) -> None:
    page = browser.get(f"/prove/certificate?for={purpose}")
    assert page.history[0].headers["location"] == f"/prove/provider?for={purpose}&by=paper"
    assert page.status_code == 200


def test_where_no_certificate_is_taken_there_is_no_such_page(browser: Any, providers: dict[str, Provider]) -> None:
    del providers["paper"]
    assert browser.get("/prove/certificate?for=apply").status_code == 404


def test_a_refused_signature_of_the_page_is_told_where_the_certificate_was_chosen(browser: Any, paper: Listening) -> None:
    page = signing(browser)
    answer = browser.send(page, page.url.raw_path.decode(), cms="MAMCAQU=", company="123-45-67891", vid_random="AAAA")
    assert answer.status_code == 422
    assert field_with(answer, HERE) == "files"
    assert re.search(r'id="f-company"[^>]* value="123-45-67891"', answer.text), "what was typed is kept"
    assert "AAAA" not in answer.text, "R is not"
    assert paper.heard == {"cms": "MAMCAQU=", "company": "123-45-67891", "vid_random": "AAAA"}


def test_a_refused_signature_as_text_is_told_there_and_stays(browser: Any) -> None:
    page = signing(browser)
    answer = browser.post(page.url.raw_path.decode(), {"csrf": csrf_of(page), "cms": "MAMC</textarea>"})
    assert field_with(answer, ELSEWHERE) == "cms"
    assert "MAMC&lt;/textarea&gt;" in answer.text


@pytest.mark.parametrize(("octets", "heard"), [(DER, "MAMCAQU="), (PEM, PEM.decode())], ids=["der", "pem"])
def test_a_signature_comes_as_a_file_too(browser: Any, paper: Listening, octets: bytes, heard: str) -> None:
    page = signing(browser)
    sent = {"csrf": csrf_of(page), "cms": ""}
    answer = browser.post(page.url.raw_path.decode(), sent, files={"made": ("signed", octets)})
    assert field_with(answer, ELSEWHERE) == "made"
    assert paper.heard["cms"] == heard


@pytest.mark.parametrize("octets", [b"\x89PNG\r\n\x1a\n", "서명".encode(), bytes(2000)], ids=["a picture", "words", "zeros"])
def test_a_file_of_another_kind_is_refused_like_any(browser: Any, octets: bytes) -> None:
    page = signing(browser)
    answer = browser.post(page.url.raw_path.decode(), {"csrf": csrf_of(page)}, files={"made": ("x", octets)})
    assert field_with(answer, ELSEWHERE) == "made"


def test_nothing_given_is_told_and_costs_no_try(browser: Any, paper: Listening) -> None:
    page = signing(browser)
    for _ in range(6):
        answer = browser.post(page.url.raw_path.decode(), {"csrf": csrf_of(page), "cms": " "}, files={"made": ("", b"")})
        assert field_with(answer, NOTHING_GIVEN) == "made"
    assert paper.completions == 0


def test_a_second_file_or_a_large_one_is_turned_away(browser: Any, paper: Listening) -> None:
    page = signing(browser)
    address, sent = page.url.raw_path.decode(), {"csrf": csrf_of(page)}
    two = [("made", ("a", DER)), ("made", ("b", DER))]
    assert browser.post(address, sent, files=two).status_code == 400
    assert browser.post(address, sent, files={"made": ("x", bytes(70_000))}).status_code in {403, 413}
    assert paper.completions == 0


def test_no_other_page_takes_files(browser: Any) -> None:
    page = browser.get("/prove/phone?for=apply&lang=en")
    sent = {"csrf": csrf_of(page), "member": "m1001"}
    assert browser.post("/prove/phone?for=apply", sent, files={"made": ("x", DER)}).status_code == 400


def test_a_number_that_is_none_is_told_at_its_field(browser: Any, paper: Listening) -> None:
    page = signing(browser)
    answer = browser.send(page, page.url.raw_path.decode(), cms="MAMCAQU=", company="123-45-67890")
    assert field_with(answer, "Check the business registration number") == "company"
    assert paper.completions == 0
    assert base64.b64encode(DER).decode() not in answer.text
