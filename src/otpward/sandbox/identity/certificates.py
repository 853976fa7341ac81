"""What a certificate of the Korean PKI looks like: root, authority and member as in KOREA.md §2.5, and who is in them."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from otpward.sandbox.identity import der
from otpward.sandbox.identity.people import COMPANY, Person

KEY_BITS: Final = 2048
IDENTIFY_DATA: Final = "1.2.410.200004.10.1.1"
VID: Final = "1.2.410.200004.10.1.1.1"
SHA256: Final = "2.16.840.1.101.3.4.2.1"
GENERAL: Final = "1.2.410.200005.1.1.1"
"""yessign's policy for a person's general-purpose certificate."""
BANKS_ONLY: Final = "1.2.410.200005.1.1.4"
"""And for one that is good at banks, insurers and card companies only."""
COMPANY_GENERAL: Final = "1.2.410.200005.1.1.5"
"""And for a company's general-purpose one."""
BEGINNING: Final = datetime(2020, 1, 1, tzinfo=UTC)
YEAR: Final = timedelta(days=365)
RANDOM_OCTETS: Final = 20


class Kind(StrEnum):
    """The certificates one can get here, right ones and wrong ones."""

    GENERAL = "general"
    EXPIRED = "expired"
    EARLY = "early"
    COMPANY = "company"
    """To the company of this person, whose business registration number is in it."""
    BANKS_ONLY = "banks-only"
    ENCRYPTION = "encryption"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """A certificate, and the key to sign with."""

    certificate: x509.Certificate
    key: RSAPrivateKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where one asks whether a certificate still counts."""

    ocsp: str
    crl: str


def new_key() -> RSAPrivateKey:
    """RSA, as large as the Korean PKI has them."""
    return rsa.generate_private_key(65537, KEY_BITS)


def distinguished(name: str, *units: str) -> x509.Name:
    """C=kr, O=sandbox, the units, CN."""
    given = ((NameOID.COUNTRY_NAME, "KR"), (NameOID.ORGANIZATION_NAME, "otpward sandbox"))
    parts = [*given, *((NameOID.ORGANIZATIONAL_UNIT_NAME, unit) for unit in units), (NameOID.COMMON_NAME, name)]
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in parts])


def make_root() -> Signer:
    """The root, which signs only the authority."""
    key = new_key()
    subject = distinguished("Sandbox Root CA", "Root CA")
    return Signer(certificate=_authority(subject, subject, key.public_key(), key, depth=1), key=key)


def make_authority(root: Signer) -> Signer:
    """The authority, which signs members' certificates."""
    key = new_key()
    subject = distinguished("Sandbox CA Class 4", "AccreditedCA")
    return Signer(certificate=_authority(subject, root.certificate.subject, key.public_key(), root.key, depth=0), key=key)


def make_responder(authority: Signer) -> Signer:
    """Who answers OCSP for the authority (RFC 6960 §4.2.2.2)."""
    key = new_key()
    builder = _begun(distinguished("Sandbox OCSP", "AccreditedCA"), authority, key.public_key())
    builder = builder.not_valid_before(BEGINNING).not_valid_after(BEGINNING + 20 * YEAR)
    builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), critical=False)
    builder = builder.add_extension(usage(digital_signature=True), critical=True)
    builder = builder.add_extension(x509.OCSPNoCheck(), critical=False)
    return Signer(certificate=builder.sign(authority.key, hashes.SHA256()), key=key)


def make_member(
    person: Person,
    kind: Kind,
    *,
    authority: Signer,
    key: RSAPrivateKey,
    random_number: bytes,
    addresses: Addresses,
    now: datetime,
) -> x509.Certificate:
    """A member's certificate of this kind."""
    begins = {Kind.EXPIRED: now - YEAR - timedelta(days=1), Kind.EARLY: now + timedelta(days=1)}.get(
        kind, now - timedelta(hours=1)
    )
    subject = distinguished(f"{person.name}(){person.id}", "corporation4EC" if kind is Kind.COMPANY else "personal4IB")
    builder = _begun(subject, authority, key.public_key()).not_valid_before(begins).not_valid_after(begins + YEAR)
    signs = kind is not Kind.ENCRYPTION
    builder = builder.add_extension(
        usage(digital_signature=signs, content_commitment=signs, key_encipherment=not signs), critical=True
    )
    policy = {Kind.BANKS_ONLY: BANKS_ONLY, Kind.COMPANY: COMPANY_GENERAL}.get(kind, GENERAL)
    notice = x509.UserNotice(None, "이 인증서는 시험용입니다")
    information = x509.PolicyInformation(ObjectIdentifier(policy), ["http://sandbox.localhost/cps", notice])
    builder = builder.add_extension(x509.CertificatePolicies([information]), critical=True)
    name = x509.OtherName(ObjectIdentifier(IDENTIFY_DATA), identify_data(person, kind, random_number))
    builder = builder.add_extension(x509.SubjectAlternativeName([name]), critical=False)
    asked_at = x509.AccessDescription(AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(addresses.ocsp))
    builder = builder.add_extension(x509.AuthorityInformationAccess([asked_at]), critical=False)
    listed_at = x509.DistributionPoint([x509.UniformResourceIdentifier(addresses.crl)], None, None, None)
    builder = builder.add_extension(x509.CRLDistributionPoints([listed_at]), critical=False)
    return builder.sign(authority.key, hashes.SHA256())


def identify_data(person: Person, kind: Kind, random_number: bytes) -> bytes:
    """The real name and the VID, in the alternative name (KCAC.TS.SIVID)."""
    number = company_of(person) if kind is Kind.COMPANY else number_of(person)
    vid = der.sequence(der.sequence(der.oid(SHA256)), der.context(0, der.octets(virtual_id(number, random_number))))
    return der.sequence(der.utf8(person.name), der.sequence(der.sequence(der.oid(VID), vid)))


def virtual_id(idn: str, random_number: bytes) -> bytes:
    """H(H(SEQUENCE { idn, R })): proves a number to who knows both, and shows it to nobody else."""
    return hashlib.sha256(hashlib.sha256(der.sequence(der.printable(idn), der.bits(random_number))).digest()).digest()


def number_of(person: Person) -> str:
    """What stands for a resident number here: the birth date and zeros, which no real one has."""
    return f"{person.birth_date:%y%m%d}0000000"


def company_of(person: Person) -> str:
    """The business registration number of this person's company: ten digits, of which the last fits the others."""
    login, number = COMPANY
    if person.id == login:
        return number
    digits = f"{int.from_bytes(hashlib.sha256(person.id.encode()).digest()[:4]) % 10**9:09d}"
    total = sum(weight * int(digit) for weight, digit in zip((1, 3, 7, 1, 3, 7, 1, 3, 5), digits, strict=True))
    return f"{digits}{-(total + int(digits[8]) * 5 // 10) % 10}"


def usage(
    *,
    digital_signature: bool = False,
    content_commitment: bool = False,
    key_encipherment: bool = False,
    signs_certificates: bool = False,
) -> x509.KeyUsage:
    """What a key may do, all else not."""
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=content_commitment,
        key_encipherment=key_encipherment,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def random_number(entropy: Callable[[int], bytes]) -> bytes:
    """R, twenty octets."""
    return entropy(RANDOM_OCTETS)


def _authority(
    subject: x509.Name, issuer: x509.Name, key: RSAPublicKey, signing: RSAPrivateKey, *, depth: int
) -> x509.Certificate:
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key)
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(BEGINNING).not_valid_after(BEGINNING + (20 + depth) * YEAR)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=depth), critical=True)
    builder = builder.add_extension(usage(signs_certificates=True), critical=True)
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key())
    any_policy = x509.PolicyInformation(ObjectIdentifier("2.5.29.32.0"), None)
    builder = builder.add_extension(x509.CertificatePolicies([any_policy]), critical=False)
    return builder.add_extension(identifier, critical=False).sign(signing, hashes.SHA256())


def _begun(subject: x509.Name, issuer: Signer, key: RSAPublicKey) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer.certificate.subject).public_key(key)
    builder = builder.serial_number(x509.random_serial_number())
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key())
    builder = builder.add_extension(identifier, critical=False)
    return builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
