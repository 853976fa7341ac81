"""A member's certificate as it lies on their disk, and the hand that picks it on the page."""

import re
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import pkcs12
from playwright.sync_api import FilePayload

from otpward.edges.http.words import load
from otpward.sandbox.identity import certificates, der, key_files
from otpward.sandbox.identity.certificates import Addresses, Kind, Signer
from otpward.sandbox.identity.key_files import Form
from otpward.sandbox.identity.people import PEOPLE
from tests.edges.http.portal.signing_desk import Visitor

PASSWORD = "not-a-secret 비밀1"
RANDOM = bytes(range(20))
WORDS = load()
Open = Callable[..., Visitor]


class Authority:
    """A root and an authority, and members' files; keys are few, since making one takes a while."""

    def __init__(self) -> None:
        self.root = certificates.make_root()
        self.ca = certificates.make_authority(self.root)
        self.key = certificates.new_key()

    def certificate(self, kind: Kind = Kind.GENERAL) -> bytes:
        return self.made(kind).certificate.public_bytes(serialization.Encoding.DER)

    def locked(self, form: Form, key: RSAPrivateKey | None = None) -> bytes:
        return key_files.sign_pri(key or self.key, RANDOM, PASSWORD, form, entropy=lambda size: b"\x07" * size)

    def pfx(self, kind: Kind = Kind.GENERAL) -> bytes:
        made = self.made(kind)
        return key_files.pfx(made.key, made.certificate, [self.ca.certificate, self.root.certificate], PASSWORD)

    def old_pfx(self, lock: pkcs12.PBES = pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC, *, rounds: int = 2048) -> bytes:
        """Locked as programs did it before 2022: Triple DES for all."""
        made = self.made(Kind.GENERAL)
        how = serialization.PrivateFormat.PKCS12.encryption_builder().key_cert_algorithm(lock).kdf_rounds(rounds)
        return pkcs12.serialize_key_and_certificates(b"x", made.key, made.certificate, None, how.build(PASSWORD.encode()))

    def oldest_pfx(self, folder: Path) -> bytes:
        """Triple DES for the key, RC2 with 40 bits for the certificate."""
        made = self.made(Kind.GENERAL)
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

    def made(self, kind: Kind) -> Signer:
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
