"""A company shows that its business registration number stands in its certificate; of a person nothing of the kind is sent."""

import base64
from collections.abc import Iterator

import pytest
from playwright.sync_api import FilePayload, expect

from otpward.core.formats.npki import check_company, read_identity
from otpward.core.formats.x509.certificate import read_certificate
from otpward.core.secret import Personal, Secret
from otpward.sandbox.identity import certificates
from otpward.sandbox.identity.certificates import Kind
from otpward.sandbox.identity.key_files import Form
from otpward.sandbox.identity.people import PEOPLE
from tests.edges.http.portal.member_files import PASSWORD, RANDOM, WORDS, Authority, Open, named, sign, starting
from tests.edges.http.portal.signing_desk import COMPANIES, Desk, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def show_company(visitor: Visitor, lang: str, picked: list[FilePayload], number: str, password: str = PASSWORD) -> None:
    visitor.page.get_by_label(WORDS[lang]._("Business registration number")).fill(number)
    sign(visitor, lang, picked, password)


@pytest.mark.parametrize("form", Form)
def test_a_company_shows_its_number(open_page: Open, desk: Desk, authority: Authority, form: Form) -> None:
    """R goes along, and with the number it makes the VID that stands in the certificate."""
    certificate = authority.certificate(Kind.COMPANY)
    number = certificates.company_of(PEOPLE[0])
    visitor = open_page(path=COMPANIES)
    written = f"{number[:3]}-{number[3:5]}-{number[5:]}"
    show_company(visitor, "ko", named(signCert_der=certificate, signPri_key=authority.locked(form)), written)
    expect(visitor.page.get_by_text("taken")).to_be_visible()
    (sent,) = desk.sent
    assert set(sent) == {"csrf", "cms", "way", "company", "vid_random"}
    assert sent["company"] == number
    random = Secret(base64.b64decode(sent["vid_random"], validate=True))
    assert random == Secret(RANDOM)
    check_company(read_identity(read_certificate(certificate).names), Personal(number), random)


def test_without_a_number_nothing_of_the_company_is_sent(open_page: Open, desk: Desk, authority: Authority) -> None:
    visitor = open_page(path=COMPANIES)
    picked = named(signCert_der=authority.certificate(Kind.COMPANY), signPri_key=authority.locked(Form.PBES2))
    sign(visitor, "ko", picked)
    expect(visitor.page.get_by_text("taken")).to_be_visible()
    assert (desk.sent[0]["company"], desk.sent[0]["vid_random"]) == ("", "")


def company_mistakes(made: Authority) -> Iterator[tuple[str, list[FilePayload], str, str]]:
    """What is wrong, the files, the number, and how its sentence begins."""
    key = made.locked(Form.PBES2)
    company, person = (named(signCert_der=made.certificate(kind), signPri_key=key) for kind in (Kind.COMPANY, Kind.GENERAL))
    number = certificates.company_of(PEOPLE[0])
    unlike = "Check the business registration number"
    yield "a digit is missing", company, number[:-1], unlike
    yield "a digit is wrong", company, f"{number[:-1]}{(int(number[-1]) + 1) % 10}", unlike
    yield "a resident number", company, "800101-1234567", unlike
    yield "letters", company, "abc", unlike
    yield "another company's", company, "123-45-67891", "This certificate was issued to another business registration number"
    yield "a person's certificate", person, number, "This is a person's certificate"
    pfx = named(my_pfx=made.pfx(Kind.COMPANY))
    yield "a pfx without R", pfx, number, "This file does not hold what shows the company"


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_each_mistake_with_a_company_has_its_sentence(open_page: Open, desk: Desk, authority: Authority, lang: str) -> None:
    say = WORDS[lang]._
    visitor = open_page(lang, path=COMPANIES)
    before = len(visitor.requests)
    for name, picked, number, begins in company_mistakes(authority):
        show_company(visitor, lang, picked, number)
        expect(visitor.page.locator("#f-company-error"), name).to_contain_text(say(starting(begins)))
        expect(visitor.page.locator("#f-company")).to_be_focused()
        assert visitor.page.locator(".error:visible").count() == 1, name
    assert visitor.requests[before:] == [], "R has not left the page"
