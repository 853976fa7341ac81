"""A certificate signs in the browser: OpenSSL takes it, each mistake has its sentence, and no key leaves the page."""

import base64
import re
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import pkcs12
from playwright.sync_api import Browser, FilePayload, expect

from otpward.core.formats.cms.signed_data import read_signed_data
from otpward.core.formats.cms.verify import check_signed
from otpward.edges.http.words import load
from otpward.sandbox.identity import certificates, der, key_files
from otpward.sandbox.identity.certificates import Addresses, Kind, Signer
from otpward.sandbox.identity.key_files import Form
from otpward.sandbox.identity.people import PEOPLE
from tests.edges.http.portal.signing_desk import CHALLENGE, PATH, Desk, Visitor, signing_desk

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MODULES = sorted(
    entry.name
    for entry in files("otpward.edges.http").joinpath("static", "certificate").iterdir()
    if entry.name.endswith(".js")
)
PASSWORD = "not-a-secret 비밀1"
RANDOM = bytes(range(20))
WORDS = load()
SEED_VECTORS = {
    "B.1": ("00" * 16, "000102030405060708090a0b0c0d0e0f", "5ebac6e0054e166819aff1cc6d346cdb"),
    "B.2": ("000102030405060708090a0b0c0d0e0f", "00" * 16, "c11f22f20140505084483597e4370f43"),
    "B.3": ("4706480851e61be85d74bfb3fd956185", "83a2f8a288641fb9a4e9a5cc2f131c7d", "ee54d13ebcae706d226bc3142cd40d4a"),
    "B.4": ("28dbc3bc49ffd87dcfa509b11d422be7", "b41e6be2eba84a148e2eed84593c5ec7", "9b9b7bfcd1813cb95d0b3618f40f5122"),
}


class Authority:
    """A root and an authority, and members' files; keys are few, since making one takes a while."""

    def __init__(self) -> None:
        self.root = certificates.make_root()
        self.ca = certificates.make_authority(self.root)
        self.key = certificates.new_key()

    def certificate(self, kind: Kind = Kind.GENERAL) -> bytes:
        return self._made(kind).certificate.public_bytes(serialization.Encoding.DER)

    def locked(self, form: Form, key: RSAPrivateKey | None = None) -> bytes:
        return key_files.sign_pri(key or self.key, RANDOM, PASSWORD, form, entropy=lambda size: b"\x07" * size)

    def pfx(self) -> bytes:
        made = self._made(Kind.GENERAL)
        return key_files.pfx(made.key, made.certificate, [self.ca.certificate, self.root.certificate], PASSWORD)

    def old_pfx(self, lock: pkcs12.PBES = pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC, *, rounds: int = 2048) -> bytes:
        """Locked as programs did it before 2022: Triple DES for all."""
        made = self._made(Kind.GENERAL)
        how = serialization.PrivateFormat.PKCS12.encryption_builder().key_cert_algorithm(lock).kdf_rounds(rounds)
        return pkcs12.serialize_key_and_certificates(b"x", made.key, made.certificate, None, how.build(PASSWORD.encode()))

    def oldest_pfx(self, folder: Path) -> bytes:
        """Triple DES for the key, RC2 with 40 bits for the certificate."""
        made = self._made(Kind.GENERAL)
        encoding, plain = serialization.Encoding.PEM, serialization.NoEncryption()
        both = made.key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, plain)
        (folder / "both.pem").write_bytes(both + made.certificate.public_bytes(encoding))
        command = [
            "openssl",
            "pkcs12",
            "-export",
            "-legacy",
            "-in",
            "both.pem",
            "-out",
            "old.pfx",
            "-passout",
            f"pass:{PASSWORD}",
        ]
        more = ["-certpbe", "PBE-SHA1-RC2-40", "-keypbe", "PBE-SHA1-3DES"]
        subprocess.run([*command, *more], cwd=folder, check=True, capture_output=True)
        return (folder / "old.pfx").read_bytes()

    def scrypted(self) -> bytes:
        """A key in a lock that no module here knows."""
        algorithm = der.sequence(der.oid("1.3.6.1.4.1.11591.4.11"), der.sequence(der.octets(b"salt")))
        return der.sequence(algorithm, der.octets(bytes(32)))

    def _made(self, kind: Kind) -> Signer:
        made = certificates.make_member(
            PEOPLE[0],
            kind,
            authority=self.ca,
            key=self.key,
            random_number=RANDOM,
            addresses=Addresses(ocsp="http://127.0.0.1/ocsp", crl="http://127.0.0.1/crl"),
            now=datetime.now(UTC),
        )
        return Signer(certificate=made, key=self.key)


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with signing_desk() as running:
        yield running


Open = Callable[..., Visitor]


@pytest.fixture
def open_page(chromium: Browser, desk: Desk) -> Iterator[Open]:
    """The page, opened by a new person: `open_page("ko")`."""
    visitors: list[Visitor] = []
    desk.sent.clear()

    def come(lang: str = "ko", *, script: bool = True, site: str = "") -> Visitor:
        context = chromium.new_context(java_script_enabled=script, viewport={"width": 390, "height": 844})
        context.set_default_timeout(10_000)
        visitor = Visitor(context.new_page())
        visitor.watch()
        visitor.page.goto(f"{site or desk.site}{PATH}?lang={lang}")
        visitors.append(visitor)
        return visitor

    yield come
    for visitor in visitors:
        visitor.page.context.close()
    assert [complaint for visitor in visitors for complaint in visitor.complaints] == []


def named(**contents: bytes) -> list[FilePayload]:
    """Files as a person picks them: `signCert_der=…`."""
    return [
        {"name": name.replace("_", "."), "mimeType": "application/octet-stream", "buffer": octets}
        for name, octets in contents.items()
    ]


def sign(visitor: Visitor, lang: str, picked: list[FilePayload], password: str = PASSWORD) -> None:
    say = WORDS[lang]._
    visitor.page.get_by_label(say("Choose a certificate")).set_input_files(picked)
    visitor.page.get_by_label(say("Certificate password")).fill(password)
    visitor.page.get_by_role("button", name=say("Sign and continue")).click()


def starting(words: str) -> str:
    """The page's sentence that starts so."""
    page = files("otpward.edges.http").joinpath("templates/portal/prove_identity/certificate.html").read_text(encoding="utf-8")
    return str(next(text for text in re.findall(r'_\("(.+?)"\)', page) if text.startswith(words)))


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
    assert set(sent) == {"csrf", "cms"}
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
    assert re.fullmatch(r"csrf=token-of-this-form&cms=[A-Za-z0-9%]+", body)
    assert {url.removeprefix(desk.site)[0] for _, url, _ in visitor.requests} == {"/"}
    visitor.page.go_back()
    assert visitor.page.locator("#f-password").input_value() == ""
    assert visitor.page.evaluate("document.querySelector('#f-files').files.length") == 0


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
    yield "nothing picked", [], PASSWORD, FILES, "Choose both files of one certificate"
    yield "only one", alone(good), PASSWORD, FILES, "Choose both files of one certificate"
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
    page = open_page(lang).page
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


@pytest.mark.parametrize("kind", ["key", "pfx"])
def test_every_wrong_password_is_told_so(open_page: Open, authority: Authority, kind: str) -> None:
    """One in 256 leaves something that looks padded: it is nonsense, and so the password was wrong."""
    file, certificate = authority.locked(Form.PBES2), authority.certificate()
    picked = [file, certificate] if kind == "key" else [authority.old_pfx(pkcs12.PBES.PBESv2SHA256AndAES256CBC, rounds=1)]
    found = open_page().page.evaluate(
        """async ([files, count]) => {
          const { sign } = await import("/static/certificate/sign.js");
          const octets = files.map((file) => Uint8Array.from(atob(file), (letter) => letter.charCodeAt(0)));
          const whys = new Set();
          for (let i = 0; i < count; i++) {
            try { await sign(octets, `wrong ${i}`, new Uint8Array(9), new Date()); whys.add("opened"); }
            catch (fault) { whys.add(fault.why ?? String(fault)); }
          }
          return [...whys];
        }""",
        [[base64.b64encode(one).decode() for one in picked], 900],
    )
    assert found == ["password"]


def test_seed_in_the_browser_is_that_of_rfc_4269(open_page: Open) -> None:
    found = open_page().page.evaluate(
        """async (vectors) => {
          const { decryptCbc } = await import("/static/certificate/seed.js");
          const octets = (hex) => Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
          const hex = (found) => [...found].map((octet) => octet.toString(16).padStart(2, "0")).join("");
          return vectors.map(([key, , sealed]) => hex(decryptCbc(octets(key), new Uint8Array(16), octets(sealed))));
        }""",
        [list(vector) for vector in SEED_VECTORS.values()],
    )
    assert found == [plain for _, plain, _ in SEED_VECTORS.values()]


def test_ten_thousand_blocks_of_seed_take_a_moment(open_page: Open) -> None:
    """50 ms is the figure; the test allows for a busy machine by taking the best of five."""
    milliseconds = open_page().page.evaluate(
        """async () => {
          const { decryptCbc } = await import("/static/certificate/seed.js");
          const key = new Uint8Array(16), iv = new Uint8Array(16), sealed = new Uint8Array(160000);
          return [1, 2, 3, 4, 5].map(() => {
            const start = performance.now();
            decryptCbc(key, iv, sealed);
            return performance.now() - start;
          });
        }"""
    )
    assert min(milliseconds) <= 50, milliseconds


def test_a_signature_made_elsewhere_is_put_in_from_a_file(open_page: Open, desk: Desk, authority: Authority) -> None:
    say = WORDS["ko"]._
    pem = "-----BEGIN CMS-----\nMIIB\n-----END CMS-----\n"
    visitor = open_page()
    visitor.page.get_by_text(say("Sign elsewhere and bring the signature")).click()
    made = visitor.page.get_by_label(say("File with the signature"))
    made.set_input_files(named(signed_pem=pem.encode()))
    expect(visitor.page.get_by_label(say("Signature as text"))).to_have_value(pem)
    made.set_input_files(named(signed_der=b"\x30\x03\x02\x01\x05"))
    expect(visitor.page.get_by_label(say("Signature as text"))).to_have_value("MAMCAQU=")
    visitor.page.get_by_role("button", name=say("Send the signature")).click()
    expect(visitor.page.get_by_text("taken")).to_be_visible()
    assert desk.sent == [{"csrf": "token-of-this-form", "cms": "MAMCAQU="}]


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
    expect(page.get_by_label(say("File with the signature"))).to_be_hidden()
    with page.expect_download() as download:
        page.get_by_role("link", name=say("Download the text to sign")).click()
    download.value.save_as(tmp_path / download.value.suggested_filename)
    made = authority._made(Kind.GENERAL)
    (tmp_path / "signCert.pem").write_bytes(made.certificate.public_bytes(serialization.Encoding.PEM))
    plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (tmp_path / "signPri.pem").write_bytes(made.key.private_bytes(*plain))
    command = page.get_by_text(re.compile("^openssl cms ")).inner_text().split()
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    page.get_by_label(say("Signature as text")).fill((tmp_path / "signed.pem").read_text())
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


def test_every_module_is_asked_for_at_once_and_once(open_page: Open) -> None:
    visitor = open_page()
    asked = re.findall(r"/certificate/(\w+)\.", " ".join(url for _, url, _ in visitor.requests))
    assert sorted(f"{name}.js" for name in asked) == MODULES


@pytest.mark.parametrize("name", MODULES)
def test_a_module_asks_for_nothing_but_its_neighbours_and_writes_no_markup(name: str) -> None:
    text = files("otpward.edges.http").joinpath("static", "certificate", name).read_text(encoding="utf-8")
    assert not re.search(
        r"innerHTML|outerHTML|document\.write|insertAdjacentHTML|eval\(|fetch\(|XMLHttp|sendBeacon|WebSocket", text
    )
    assert {module.removeprefix("./") for module in re.findall(r'from "(.+?)"', text)} <= set(MODULES)
    assert "import(" not in text
    assert not re.search("localStorage|sessionStorage|indexedDB|console", text)
