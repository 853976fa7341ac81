"""The sandbox's authority, whoever sits on the line between it and us, and the steps of who brings a signature."""

import base64
import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from cryptography.x509 import ocsp

from otpward.sandbox.identity import certificates
from otpward.sandbox.identity.certificates import Addresses, Kind
from otpward.sandbox.identity.people import by_id
from otpward.sandbox.identity.registry import PASSWORD, Registry
from tests.fakes.authority import Holder, rsa_key
from tests.fakes.signed import signed_data
from tests.sandbox.running import Running

Relay = Callable[[bytes, Callable[[bytes], bytes]], bytes]
"""Gets a question and a way to ask the authority, and says what we are to hear."""


@dataclass
class World:
    """The sandbox, its authority's keys, and who sits on the line between it and us."""

    running: Running
    registry: Registry
    folder: Path
    relay: Relay | None = None
    heard: list[bytes] = field(default_factory=list)

    def fetch(self, person: str = "m1001", kind: Kind = Kind.GENERAL) -> Holder:
        """A certificate from the counter."""
        answer = httpx.post(f"{self.running.base_url}/api/certificates", json={"person": person, "kind": kind}).json()
        archive = zipfile.ZipFile(io.BytesIO(httpx.get(f"{self.running.base_url}{answer['files']}").content))
        key, certificate, _ = pkcs12.load_key_and_certificates(archive.read("certificate.pfx"), PASSWORD.encode())
        assert isinstance(key, rsa.RSAPrivateKey)
        assert certificate is not None
        return Holder(certificate, key)

    def issue(self, issuer: Holder, person: str = "m1001", kind: Kind = Kind.GENERAL, number: bytes = bytes(20)) -> Holder:
        """The same, by another authority or with an R that is known here."""
        key, who = rsa_key("attacker"), by_id(person)
        assert who is not None
        assert isinstance(issuer.key, rsa.RSAPrivateKey)
        made = certificates.make_member(
            who,
            kind,
            authority=certificates.Signer(certificate=issuer.certificate, key=issuer.key),
            key=key,
            random_number=number,
            addresses=Addresses(
                ocsp=f"{self.running.base_url}/authority/ocsp", crl=f"{self.running.base_url}/authority/ca.crl"
            ),
            now=datetime.now(UTC),
        )
        return Holder(made, key)

    @property
    def root(self) -> Holder:
        """The sandbox's own."""
        return Holder(self.registry.signers()[0].certificate, self.registry.signers()[0].key)

    def revoke(self, holder: Holder) -> None:
        """It is taken back."""
        serial = f"{holder.certificate.serial_number:x}"
        httpx.post(f"{self.running.base_url}/api/certificates/{serial}/revoke").raise_for_status()


class Line(httpx.BaseTransport):
    """What our server asks goes to the sandbox by way of whoever listens."""

    def __init__(self, world: World) -> None:
        self._world, self._real = world, httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        world, relay = self._world, self._world.relay
        if not request.url.path.endswith("/ocsp"):
            return self._real.handle_request(request)

        def ask(question: bytes) -> bytes:
            headers = {"Content-Type": "application/ocsp-request"}
            return httpx.post(f"{world.running.base_url}/authority/ocsp", content=question, headers=headers).content

        question = request.read()
        said = relay(question, ask) if relay else ask(question)
        world.heard.append(said)
        return httpx.Response(200, content=said)

    def close(self) -> None:
        self._real.close()


def open_page(browser: Any, member: str = "") -> httpx.Response:
    """As far as the page on which one signs; a member who is signed in names nobody."""
    form = browser.get("/prove/certificate?for=apply&lang=en")
    action = re.search(r'<form method="post" action="(/prove/provider\?[^"]+)"', form.text)
    assert action
    csrf = re.search(r'name="csrf" value="([^"]+)"', form.text)
    assert csrf
    given = {"csrf": csrf[1]} | ({"member": member} if member else {})
    page: httpx.Response = browser.post(action[1].replace("&amp;", "&"), given)
    assert "Sign with your certificate" in page.text
    return page


def text_of(browser: Any, page: httpx.Response) -> bytes:
    """What is to be signed."""
    address = re.search(r'href="(/prove/provider/text\?p=[^"]+)"', page.text)
    assert address
    octets: bytes = browser.get(address[1]).content
    return octets


def bring(browser: Any, page: httpx.Response, octets: bytes, **more: str) -> httpx.Response:
    """Send the signature, as the page's own script would."""
    action = page.url.raw_path.decode()
    sent: httpx.Response = browser.send(page, action, **({"cms": base64.b64encode(octets).decode()} | more))
    return sent


def signed(text: bytes, signer: Holder, **how: Any) -> bytes:
    """Signed now."""
    return signed_data(text, signer=signer, at=datetime.now(UTC), **how)


HOLDS: list[int] = []
"""The number of a certificate that holds."""


def replayed(world: World) -> Relay:
    """The answer that this certificate got before, when it still held."""
    return lambda _question, _ask: world.heard[0]


def about_another(_world: World) -> Relay:
    """A true answer with our nonce, about a certificate that holds."""

    def relay(question: bytes, ask: Callable[[bytes], bytes]) -> bytes:
        mine = ocsp.load_der_ocsp_request(question)
        nonce = mine.extensions.get_extension_for_class(x509.OCSPNonce).value
        builder = ocsp.OCSPRequestBuilder().add_certificate_by_hash(
            mine.issuer_name_hash, mine.issuer_key_hash, HOLDS[0], mine.hash_algorithm
        )
        return ask(builder.add_extension(nonce, critical=False).build().public_bytes(Encoding.DER))

    return relay


def without_nonce(_world: World) -> Relay:
    """A true answer to a question that was not ours: it could be of any day."""

    def relay(question: bytes, ask: Callable[[bytes], bytes]) -> bytes:
        mine = ocsp.load_der_ocsp_request(question)
        builder = ocsp.OCSPRequestBuilder().add_certificate_by_hash(
            mine.issuer_name_hash, mine.issuer_key_hash, mine.serial_number, mine.hash_algorithm
        )
        return ask(builder.build().public_bytes(Encoding.DER))

    return relay
