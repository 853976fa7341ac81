"""공동인증서: the member signs our text with a certificate; the key and its password stay with the member."""

import base64
import binascii
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from otpward.adapters.identity.revocation import Revocation
from otpward.core.errors import Invalid
from otpward.core.formats.cms.signed_data import OCTETS_MAX, read_signed_data
from otpward.core.formats.cms.verify import check_signed
from otpward.core.formats.der import NotDer
from otpward.core.formats.npki import POLICIES, Holder, Identity, check_company, read_identity
from otpward.core.formats.x509.certificate import UNREADABLE, Card, read_certificate
from otpward.core.formats.x509.flaws import Flaw, Flawed
from otpward.core.formats.x509.path import Anchors, check_signer, find_path, sort_pinned
from otpward.core.model.evidence import Evidence
from otpward.core.model.proof import Method
from otpward.core.policy.companies import to_company_number
from otpward.core.secret import NOTHING, Personal, Secret
from otpward.ports.prover import Asked, Begun, Refusal, Refused

CHALLENGE_LIFE: Final = timedelta(minutes=10)

PINNED_MAX: Final = 1024 * 1024
"""Octets of one PEM file."""

ARMOUR: Final = re.compile(r"\s*-----BEGIN (CMS|PKCS7)-----\r?\n(.*?)-----END \1-----\s*", re.DOTALL)

DOTTED: Final = re.compile(r"[0-2](\.(0|[1-9][0-9]{0,17})){2,30}", re.ASCII)

TAMPERED: Final = frozenset(
    {
        Flaw.OTHER_TEXT,
        Flaw.DIGEST,
        Flaw.SIGNATURE,
        Flaw.NOT_A_CA,
        Flaw.PATH_LENGTH,
        Flaw.NAME_CONSTRAINT,
        Flaw.VID,
        Flaw.OCSP_UNREADABLE,
        Flaw.OCSP_OTHER,
        Flaw.OCSP_NONCE,
        Flaw.OCSP_OLD,
        Flaw.OCSP_SIGNER,
        Flaw.CRL_UNREADABLE,
        Flaw.CRL_OTHER,
        Flaw.CRL_OLD,
        Flaw.CRL_SIGNER,
    }
)
"""Somebody changed something on the way. With all others the certificate or the file is of a kind that is not taken."""


class _Kept(msgspec.Struct):
    text: str
    at: datetime


class CertificateProver:
    """Believes a signature over our own text, by a certificate that leads to a pinned root and still holds.

    `policies` are the kinds of certificates that this institution takes, as object identifiers; `core.formats.npki` knows the
    usual ones, and `companies` are those of them that are issued to companies. `complete` reads the form field `cms`: CMS
    SignedData in base64, or in PEM; for a company's certificate also `company` (사업자등록번호) and `vid_random` (R in base64),
    which are compared with the certificate. Of R nothing stays; the number is in the evidence, for comparing.
    """

    def __init__(
        self, name: str, *, institution: str, anchors: Anchors, policies: frozenset[str], revocation: Revocation
    ) -> None:
        if not policies:
            raise Invalid("no policy is accepted: nobody could prove anything", field="policies")
        for policy in policies:
            if not DOTTED.fullmatch(policy):
                raise Invalid(f"{policy!r} is no object identifier, such as 1.2.410.200005.1.1.1", field="policies")
        self.name = name
        self.method = Method.CERTIFICATE
        self._institution = " ".join(institution.split())
        self._anchors = anchors
        self._policies = policies
        self.companies = frozenset(one for one in policies if one in POLICIES and POLICIES[one].holder is Holder.CORPORATE)
        self._revocation = revocation

    def begin(self, asked: Asked) -> Begun:
        """Make the text to be signed: who asks, what for, when, and a nonce that makes it new."""
        lines = {
            "institution": self._institution,
            "act": "" if asked.act is None else asked.act.value,
            "number": asked.number,
            "time": asked.now.astimezone(UTC).isoformat(timespec="seconds"),
            "nonce": asked.nonce.hex(),
        }
        text = "otpward proof of identity\n" + "".join(f"{key}: {value}\n" for key, value in lines.items() if value)
        kept = msgspec.json.encode(_Kept(text=text, at=asked.now))
        return Begun(kept=Secret(kept), challenge=text.encode("utf-8"))

    def complete(self, kept: Secret, callback: Mapping[str, str], *, now: datetime) -> Evidence | Refused:
        """Believe the signature, or say what is wrong with it.

        Raises:
            Unavailable: no authority says whether the certificate still holds.
        """
        begun = msgspec.json.decode(kept.reveal(), type=_Kept)
        if now - begun.at > CHALLENGE_LIFE:
            return Refused(why=Refusal.EXPIRED)
        try:
            return self._judge(read_field(callback.get("cms", "")), begun.text.encode("utf-8"), callback, now)
        except Flawed as flawed:
            why = Refusal.FORGED if flawed.flaw in TAMPERED else Refusal.NOT_ACCEPTED
            return Refused(why=why, detail=flawed.flaw)
        except NotDer:
            return Refused(why=Refusal.NOT_ACCEPTED, detail=NotDer.code)

    def _judge(self, data: bytes, text: bytes, callback: Mapping[str, str], now: datetime) -> Evidence:
        signed = read_signed_data(data)
        signer, others = check_signed(signed, text=text, now=now)
        check_signer(signer, now=now, policies=self._policies)
        path = find_path(signer, others, self._anchors, now=now, policies=self._policies)
        identity = read_identity(signer.names)
        company = _company(identity, callback) if (signer.policies or frozenset()) & self.companies else NOTHING
        self._revocation.check(path, self._anchors, now=now)
        return Evidence(
            method=self.method,
            provider=self.name,
            provider_tx=sha256(signed.attributes).hexdigest(),
            name=identity.real_name,
            subject=Personal(_names(signer)),
            company=company,
            verified_at=now,
            raw_hash=sha256(data).digest(),
        )


def read_pinned(place: Path) -> Anchors:
    """The certificates in a PEM file, or in those of a folder; roots and those between are told apart by themselves.

    Raises:
        Invalid: no root is there, or a file is not what it should be.
    """
    cards: list[Card] = []
    for file in sorted(place.glob("*.pem")) if place.is_dir() else [place]:
        try:
            if file.stat().st_size > PINNED_MAX:
                raise Invalid(f"{file} is too large", field="pinned")
            found = x509.load_pem_x509_certificates(file.read_bytes())
            cards += (read_certificate(one.public_bytes(Encoding.DER)) for one in found)
        except (Flawed, OSError, *UNREADABLE):
            raise Invalid(f"{file} does not hold certificates in PEM", field="pinned") from None
    try:
        return sort_pinned(cards)
    except Flawed as flawed:
        raise Invalid(f"the certificates in {place} cannot be pinned: {flawed.flaw}", field="pinned") from None


def read_field(text: str) -> bytes:
    """The octets of base64 or PEM, however the lines are broken.

    Raises:
        NotDer: it is neither, or too much.
    """
    if len(text) > 2 * OCTETS_MAX:
        raise NotDer("too large")
    armoured = ARMOUR.fullmatch(text)
    try:
        return base64.b64decode("".join((armoured[2] if armoured else text).split()), validate=True)
    except (binascii.Error, ValueError):
        raise NotDer("not base64") from None


def _company(identity: Identity, callback: Mapping[str, str]) -> Personal:
    """The company's number, where one is given and the certificate was issued to it. Of a person's nothing is looked at."""
    if not callback.get("company"):
        return NOTHING
    try:
        number = Personal(to_company_number(callback["company"]))
        random = Secret(base64.b64decode(callback.get("vid_random", ""), validate=True))
    except (binascii.Error, ValueError, Invalid):
        raise Flawed(Flaw.VID) from None
    check_company(identity, number, random)
    return number


def _names(signer: Card) -> str:
    """Issuer and subject in one text; a semicolon within a name is escaped (RFC 4514 §2.4)."""
    return f"{signer.certificate.issuer.rfc4514_string()};{signer.certificate.subject.rfc4514_string()}"
