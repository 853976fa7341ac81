"""A certificate signs in the browser: OpenSSL takes it, each mistake has its sentence, and no key leaves the page."""

import base64
import re
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from cryptography.hazmat.primitives import serialization
from playwright.sync_api import Browser, FilePayload, expect

from otpward.core.formats.cms.signed_data import read_signed_data
from otpward.core.formats.cms.verify import check_signed
from otpward.sandbox.identity import certificates
from otpward.sandbox.identity.certificates import Kind
from otpward.sandbox.identity.key_files import Form
from tests.edges.http.portal.member_files import PASSWORD, WORDS, Authority, Open, named, sign, starting
from tests.edges.http.portal.signing_desk import CHALLENGE, COMPANIES, PATH, Desk

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def verified(cms: bytes, authority: Authority, folder: Path) -> bytes:
    """What OpenSSL finds signed; it knows the root and the authority."""
    pem = serialization.Encoding.PEM
    (folder / "ca.pem").write_bytes(b"".join(one.certificate.public_bytes(pem) for one in (authority.root, authority.ca)))
    (folder / "cms.der").write_bytes(cms)
    command = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", "cms.der", "-CAfile", "ca.pem"]
    more = ["-purpose", "any", "-out", "found"]
    run = subprocess.run([*command, *more], cwd=folder, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return (folder / "found").read_bytes()


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("form", Form)
def test_the_right_password_makes_a_signature_that_openssl_takes(
    open_page: Open, desk: Desk, authority: Authority, tmp_path: Path, form: Form, lang: str
) -> None:
    visitor = open_page(lang)
    sign(visitor, lang, named(signCert_der=authority.certificate(), signPri_key=authority.locked(form)))
    expect(visitor.page.get_by_text("taken")).to_be_visible()
    (sent,) = desk.sent
    assert set(sent) == {"csrf", "cms", "way"}
    cms = base64.b64decode(sent["cms"], validate=True)
    assert verified(cms, authority, tmp_path) == CHALLENGE
    signer, others = check_signed(read_signed_data(cms), text=CHALLENGE, now=datetime.now(UTC))
    assert signer.certificate.public_key() == authority.key.public_key()
    assert others == ()


@pytest.mark.parametrize("lock", ["pbes2", "3des", "3des-rc2"])
def test_a_pfx_holds_all_it_needs(open_page: Open, desk: Desk, authority: Authority, tmp_path: Path, lock: str) -> None:
    files_of = {"pbes2": authority.pfx(), "3des": authority.old_pfx(), "3des-rc2": authority.oldest_pfx(tmp_path)}
    visitor = open_page()
    sign(visitor, "ko", named(my_pfx=files_of[lock]))
    expect(visitor.page.get_by_text("taken")).to_be_visible()
    assert verified(base64.b64decode(desk.sent[0]["cms"]), authority, tmp_path) == CHALLENGE


def test_the_whole_folder_may_be_picked(open_page: Open, desk: Desk, authority: Authority, tmp_path: Path) -> None:
    """A folder holds two pairs; the one for signing is found."""
    other = certificates.new_key()
    picked = named(
        kmCert_der=authority.certificate(Kind.ENCRYPTION),
        kmPri_key=authority.locked(Form.SHA1, other),
        signCert_der=authority.certificate(),
        signPri_key=authority.locked(Form.SHA1),
    )
    visitor = open_page()
    sign(visitor, "ko", picked)
    expect(visitor.page.get_by_text("taken")).to_be_visible()
    assert verified(base64.b64decode(desk.sent[0]["cms"]), authority, tmp_path) == CHALLENGE


def test_nothing_but_the_signature_leaves_the_page(open_page: Open, desk: Desk, authority: Authority) -> None:
    visitor = open_page()
    before = len(visitor.requests)
    files_picked = named(signCert_der=authority.certificate(), signPri_key=authority.locked(Form.PBES2))
    sign(visitor, "ko", files_picked, password="wrong")
    expect(visitor.page.locator("#f-password-error")).to_be_visible()
    assert visitor.requests[before:] == []
    sign(visitor, "ko", files_picked)
    expect(visitor.page.get_by_text("taken")).to_be_visible()
    assert [(method, url) for method, url, _ in visitor.requests[before:]] == [("POST", f"{desk.site}{PATH}")]
    body = visitor.requests[before][2]
    assert re.fullmatch(r"csrf=token-of-this-form&way=here&cms=[A-Za-z0-9%]+", body)
    assert {url.removeprefix(desk.site)[0] for _, url, _ in visitor.requests} == {"/"}
    visitor.page.go_back()
    assert visitor.page.locator("#f-password").input_value() == ""
    assert visitor.page.evaluate("document.querySelector('#f-files').files.length") == 0
    assert visitor.page.evaluate("document.querySelector('#signed').elements.cms.value") == ""


FILES, SECRET = "files", "password"


def mistakes(made: Authority) -> Iterator[tuple[str, list[FilePayload], str, str, str]]:
    """What is wrong, the files, the password, the field that is marked, and how its sentence begins."""
    good, key = made.certificate(), made.locked(Form.SHA1)
    both = named(signCert_der=good, signPri_key=key)

    def pair(kind: Kind) -> list[FilePayload]:
        return named(signCert_der=made.certificate(kind), signPri_key=key)

    def alone(octets: bytes) -> list[FilePayload]:
        return named(signCert_der=octets)

    unread = "This is not a certificate or key file"
    yield "nothing picked", [], PASSWORD, FILES, "Choose the files of your certificate"
    yield "without its key", alone(good), PASSWORD, FILES, "One of the two files is missing"
    yield "a key alone", alone(key), PASSWORD, FILES, "One of the two files is missing"
    yield "a picture", alone(b"\x89PNG\r\n"), PASSWORD, FILES, unread
    yield "an empty file", alone(b""), PASSWORD, FILES, unread
    yield "a huge file", alone(b"0" * 70_000), PASSWORD, FILES, unread
    yield "cut short", alone(good[:-5]), PASSWORD, FILES, unread
    yield "something else in DER", alone(b"\x30\x03\x02\x01\x00"), PASSWORD, FILES, unread
    yield "for encryption", pair(Kind.ENCRYPTION), PASSWORD, FILES, "This certificate is for encryption"
    yield "expired", pair(Kind.EXPIRED), PASSWORD, FILES, "This certificate has expired"
    yield "early", pair(Kind.EARLY), PASSWORD, FILES, "This certificate cannot be used yet"
    yield "no password", both, "", SECRET, "Enter the certificate password"
    yield "wrong password", both, "wrong", SECRET, "The certificate password is not correct"
    yield "wrong password of a pfx", alone(made.pfx()), "wrong", SECRET, "The certificate password is not correct"
    other = named(signCert_der=good, signPri_key=made.locked(Form.SHA1, certificates.new_key()))
    yield "another's key", other, PASSWORD, FILES, "The key does not belong to this certificate"
    yield "wrong password of an old pfx", alone(made.old_pfx()), "wrong", SECRET, "The certificate password is not correct"
    strange = named(signCert_der=good, signPri_key=made.scrypted())
    yield "an unknown lock", strange, PASSWORD, FILES, "We cannot read how this key is locked"


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_each_mistake_has_its_sentence(open_page: Open, desk: Desk, authority: Authority, lang: str) -> None:
    say = WORDS[lang]._
    visitor = open_page(lang)
    for name, picked, password, field, begins in mistakes(authority):
        sentence = say(starting(begins))
        sign(visitor, lang, picked, password)
        wrong = visitor.page.locator(f"#f-{field}")
        expect(visitor.page.locator(f"#f-{field}-error"), name).to_contain_text(sentence)
        expect(wrong).to_be_focused()
        expect(wrong).to_have_attribute("aria-invalid", "true")
        expect(visitor.page).to_have_title(re.compile(f"^{say('Error: ')}"))
        assert visitor.page.locator(".error:visible").count() == 1, name
        if field == "password":
            assert visitor.page.locator("#f-password").input_value() == "", name
    assert desk.sent == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_the_page_is_tidy_down_to_320_pixels(open_page: Open, lang: str, scheme: Literal["light", "dark"]) -> None:
    page = open_page(lang, path=COMPANIES).page
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 320, "height": 640})
    for pressed in ("h1", "#sign button", "summary"):
        page.locator(pressed).click()
        told = [f"{one['id']}: {one['nodes'][0]['html']}" for one in Axe().run(page).response["violations"]]
        assert told == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_the_keyboard_is_enough(open_page: Open, desk: Desk, authority: Authority) -> None:
    page = open_page().page
    picked = named(signCert_der=authority.certificate(), signPri_key=authority.locked(Form.SHA1))
    page.locator("#f-files").set_input_files(picked)
    page.locator("#f-files").focus()
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_text("taken")).to_be_visible()
    assert len(desk.sent) == 1


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_signature_made_elsewhere_is_put_in_from_a_file(open_page: Open, desk: Desk, script: bool) -> None:
    say = WORDS["ko"]._
    visitor = open_page(script=script)
    visitor.page.get_by_text(say("Sign elsewhere and bring the signature")).click()
    visitor.page.get_by_label(say("File with the signature")).set_input_files(named(signed_der=b"\x30\x03\x02\x01\x05"))
    visitor.page.get_by_role("button", name=say("Send the signature")).click()
    expect(visitor.page.get_by_text("taken")).to_be_visible()
    (sent,) = desk.sent
    assert sent == {"csrf": "token-of-this-form", "cms": "", "made": "30 03 02 01 05"}


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_a_photograph_in_place_of_a_signature_is_not_sent(open_page: Open, desk: Desk, lang: str) -> None:
    say = WORDS[lang]._
    page = open_page(lang).page
    page.get_by_text(say("Sign elsewhere and bring the signature")).click()
    made = page.get_by_label(say("File with the signature"))
    made.set_input_files(named(photo_jpg=bytes(3_000_000)))
    expect(page.locator("#f-made-error")).to_contain_text(say(starting("This is not a signature")))
    expect(made).to_be_focused()
    expect(made).to_have_value("")
    made.set_input_files(named(signed_der=b"\x30\x03\x02\x01\x05"))
    expect(page.locator("#f-made-error")).to_be_hidden()
    assert desk.sent == []


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_without_script_one_signs_elsewhere(
    open_page: Open, desk: Desk, authority: Authority, tmp_path: Path, lang: str
) -> None:
    """The command that the page shows is run, with the text it hands out; what comes of it is pasted."""
    say = WORDS[lang]._
    visitor = open_page(lang, script=False)
    page = visitor.page
    expect(page.locator("noscript p")).to_have_text(say(starting("Without scripts this page")))
    expect(page.locator("noscript p")).to_be_visible()
    expect(page.get_by_role("button", name=say("Sign and continue"))).to_be_hidden()
    page.get_by_text(say("Sign elsewhere and bring the signature")).click()
    with page.expect_download() as download:
        page.get_by_role("link", name=say("Download the text to sign")).click()
    download.value.save_as(tmp_path / download.value.suggested_filename)
    made = authority.made(Kind.GENERAL)
    (tmp_path / "signCert.pem").write_bytes(made.certificate.public_bytes(serialization.Encoding.PEM))
    plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (tmp_path / "signPri.pem").write_bytes(made.key.private_bytes(*plain))
    command = page.get_by_text(re.compile("^openssl cms ")).inner_text().split()
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    page.get_by_label(say("Or the signature as text")).fill((tmp_path / "signed.pem").read_text())
    page.get_by_role("button", name=say("Send the signature")).click()
    expect(page.get_by_text("taken")).to_be_visible()
    cms = base64.b64decode("".join(desk.sent[0]["cms"].split("-----")[2].split()))
    assert verified(cms, authority, tmp_path) == CHALLENGE


def test_an_address_without_protection_cannot_sign_and_says_so(open_page: Open, desk: Desk, chromium: Browser) -> None:
    say = WORDS["ko"]._
    visitor = open_page()
    visitor.page.add_init_script("Object.defineProperty(crypto, 'subtle', { value: undefined });")
    visitor.page.reload()
    expect(visitor.page.get_by_text(say(starting("This browser cannot sign at this address")))).to_be_visible()
    expect(visitor.page.get_by_role("button", name=say("Sign and continue"))).to_be_hidden()
