"""The authority's own desk: its keys, what it issued and what it took back, kept in the world's folder."""

import io
import os
import secrets
import threading
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.x509 import ocsp

from otpward.core.errors import NotFound
from otpward.sandbox.identity import certificates, key_files
from otpward.sandbox.identity.certificates import Addresses, Kind, Signer
from otpward.sandbox.identity.key_files import Form
from otpward.sandbox.identity.people import Person

PASSWORD: Final = "sandbox-Pass1!"
"""Of all keys issued here, so that tests and people need not look it up."""
SIGNERS: Final = ("root", "authority", "responder")
LIST_LASTS: Final = timedelta(hours=12)
ANSWER_LASTS: Final = timedelta(minutes=10)


class Paper(msgspec.Struct, frozen=True, kw_only=True):
    """A certificate that was issued; `serial` in hex, as programs show it."""

    serial: str
    person: str
    name: str
    kind: Kind
    form: Form
    at: datetime
    until: datetime
    company: str = ""
    revoked_at: datetime | None = None


class Registry:
    """The authority over one folder. It is made at the first question."""

    def __init__(
        self, folder: Path, *, clock: Callable[[], datetime], entropy: Callable[[int], bytes] = secrets.token_bytes
    ) -> None:
        self._folder = folder / "authority"
        self._now = clock
        self._entropy = entropy
        self._lock = threading.RLock()
        self._signers: tuple[Signer, Signer, Signer] | None = None

    def signers(self) -> tuple[Signer, Signer, Signer]:
        """Root, authority and OCSP responder."""
        with self._lock:
            if self._signers is None:
                self._signers = self._kept() or self._made()
            return self._signers

    def trusted(self) -> bytes:
        """Root and authority in PEM: what the product pins."""
        root, authority, _ = self.signers()
        return b"".join(signer.certificate.public_bytes(serialization.Encoding.PEM) for signer in (root, authority))

    def papers(self) -> list[Paper]:
        """What was issued, the newest first."""
        file = self._folder / "papers.json"
        return msgspec.json.decode(file.read_bytes(), type=list[Paper]) if file.exists() else []

    def paper(self, serial: str) -> Paper:
        """One of them.

        Raises:
            NotFound: it was not issued here.
        """
        found = next((paper for paper in self.papers() if paper.serial == serial), None)
        if found is None:
            raise NotFound("no certificate has this serial number")
        return found

    def issue(self, person: Person, kind: Kind, form: Form, *, addresses: Addresses) -> Paper:
        """A new key and certificate; its files can then be fetched."""
        root, authority, _ = self.signers()
        now, key, number = self._now(), certificates.new_key(), certificates.random_number(self._entropy)
        made = certificates.make_member(
            person, kind, authority=authority, key=key, random_number=number, addresses=addresses, now=now
        )
        begins_with = "km" if kind is Kind.ENCRYPTION else "sign"
        files = {
            f"{begins_with}Cert.der": made.public_bytes(serialization.Encoding.DER),
            f"{begins_with}Pri.key": key_files.sign_pri(key, number, PASSWORD, form, entropy=self._entropy),
            "certificate.pfx": key_files.pfx(key, made, [authority.certificate, root.certificate], PASSWORD),
        }
        paper = Paper(
            serial=f"{made.serial_number:x}",
            person=person.id,
            name=person.name,
            kind=kind,
            form=form,
            at=now,
            until=made.not_valid_after_utc,
            company=certificates.company_of(person) if kind is Kind.COMPANY else "",
        )
        with self._lock:
            self._write(f"{paper.serial}.zip", _zipped(files))
            self._save([paper, *self.papers()])
        return paper

    def files(self, serial: str) -> bytes:
        """The files of a certificate, zipped."""
        return (self._folder / f"{self.paper(serial).serial}.zip").read_bytes()

    def revoke(self, serial: str) -> Paper:
        """It no longer counts; once is enough."""
        with self._lock:
            old = self.paper(serial)
            new = msgspec.structs.replace(old, revoked_at=old.revoked_at or self._now())
            self._save([new if paper.serial == serial else paper for paper in self.papers()])
        return new

    def crl(self) -> bytes:
        """The list of what was taken back (RFC 5280 §5), in DER."""
        _, authority, _ = self.signers()
        now = self._now()
        builder = x509.CertificateRevocationListBuilder().issuer_name(authority.certificate.subject)
        builder = builder.last_update(now).next_update(now + LIST_LASTS)
        builder = builder.add_extension(x509.CRLNumber(int(now.timestamp())), critical=False)
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key())
        builder = builder.add_extension(identifier, critical=False)
        for paper in self.papers():
            if paper.revoked_at is not None:
                entry = x509.RevokedCertificateBuilder().serial_number(int(paper.serial, 16)).revocation_date(paper.revoked_at)
                entry = entry.add_extension(x509.CRLReason(x509.ReasonFlags.key_compromise), critical=False)
                builder = builder.add_revoked_certificate(entry.build())
        return builder.sign(authority.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)

    def answer(self, asked: bytes) -> bytes:
        """The answer to an OCSP request (RFC 6960 §4), in DER."""
        try:
            request = ocsp.load_der_ocsp_request(asked)
            serial, name_hash = request.serial_number, request.issuer_name_hash
        except (ValueError, NotImplementedError):
            refused = ocsp.OCSPResponseBuilder.build_unsuccessful(ocsp.OCSPResponseStatus.MALFORMED_REQUEST)
            return refused.public_bytes(serialization.Encoding.DER)
        responder = self.signers()[2]
        paper = next((paper for paper in self.papers() if paper.serial == f"{serial:x}"), None)
        revoked_at = paper.revoked_at if paper else None
        status = ocsp.OCSPCertStatus.GOOD if paper else ocsp.OCSPCertStatus.UNKNOWN
        now = self._now()
        builder = ocsp.OCSPResponseBuilder().add_response_by_hash(
            name_hash,
            request.issuer_key_hash,
            serial,
            request.hash_algorithm,
            ocsp.OCSPCertStatus.REVOKED if revoked_at else status,
            now,
            now + ANSWER_LASTS,
            revoked_at,
            x509.ReasonFlags.key_compromise if revoked_at else None,
        )
        builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, responder.certificate)
        builder = builder.certificates([responder.certificate])
        for extension in request.extensions:
            if isinstance(extension.value, x509.OCSPNonce):
                builder = builder.add_extension(extension.value, critical=False)
        return builder.sign(responder.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)

    def _kept(self) -> tuple[Signer, Signer, Signer] | None:
        if not (self._folder / f"{SIGNERS[-1]}.key").exists():
            return None
        root, authority, responder = (self._signer(name) for name in SIGNERS)
        return root, authority, responder

    def _signer(self, name: str) -> Signer:
        key = serialization.load_pem_private_key((self._folder / f"{name}.key").read_bytes(), None)
        assert isinstance(key, RSAPrivateKey), "written so below"
        return Signer(certificate=x509.load_pem_x509_certificate((self._folder / f"{name}.pem").read_bytes()), key=key)

    def _made(self) -> tuple[Signer, Signer, Signer]:
        root = certificates.make_root()
        authority = certificates.make_authority(root)
        made = root, authority, certificates.make_responder(authority)
        pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
        for name, signer in zip(SIGNERS, made, strict=True):
            self._write(f"{name}.pem", signer.certificate.public_bytes(pem))
            self._write(f"{name}.key", signer.key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
        return made

    def _save(self, papers: list[Paper]) -> None:
        self._write("papers.json", msgspec.json.encode(papers))

    def _write(self, name: str, octets: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        fresh = self._folder / f"{name}.new"
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:  # noqa: PTH123 - owner only
            file.write(octets)
        fresh.replace(self._folder / name)


def _zipped(files: dict[str, bytes]) -> bytes:
    octets = io.BytesIO()
    with zipfile.ZipFile(octets, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return octets.getvalue()
