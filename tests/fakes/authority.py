"""A small public-key infrastructure: a root, an authority, people with certificates, and the authority's word on them."""

import functools
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from otpward.core.formats.der import encode_der
from otpward.core.formats.npki import IDENTIFY_DATA, virtual_id
from otpward.core.formats.x509.certificate import Card, read_certificate
from otpward.core.secret import Personal, Secret
from tests.fakes.surroundings import NOON

PERSONAL: Final = "1.2.410.200005.1.1.1"
CORPORATE: Final = "1.2.410.200005.1.1.5"
ANY_POLICY: Final = "2.5.29.32.0"
OCSP_URL: Final = "http://ocsp.authority.example/"
CRL_URL: Final = "http://crl.authority.example/dp1.crl"
LDAP_URL: Final = "ldap://ds.authority.example:389/ou=dp1,o=yessign,c=kr?certificateRevocationList"
REAL_NAME: Final = "홍길동"
COMPANY: Final = Personal("1234567891")
RANDOM: Final = Secret(bytes(range(20)))
DAY: Final = timedelta(days=1)
HOUR: Final = timedelta(hours=1)

VID_OID: Final = bytes.fromhex("060a2a831a8c9a440a010101")
SHA256_OID: Final = bytes.fromhex("0609608648016503040201")

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@functools.cache
def rsa_key(name: str, bits: int = 2048) -> rsa.RSAPrivateKey:
    """One key for each name, made once in a run."""
    return rsa.generate_private_key(65537, bits)


@functools.cache
def ec_key(name: str) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def named(common_name: str, *, unit: str = "personal4IB", organization: str = "yessign") -> x509.Name:
    parts = [
        (NameOID.COUNTRY_NAME, "KR"),
        (NameOID.ORGANIZATION_NAME, organization),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, unit),
        (NameOID.COMMON_NAME, common_name),
    ]
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in parts])


def usage(*true: str) -> x509.KeyUsage:
    names = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
    more = ("key_cert_sign", "crl_sign", "encipher_only", "decipher_only")
    return x509.KeyUsage(**{name: name in true for name in (*names, *more)})


def policies(*oids: str) -> x509.CertificatePolicies:
    notice = x509.UserNotice(None, "이 인증서는 공동인증서입니다")
    return x509.CertificatePolicies(
        [x509.PolicyInformation(ObjectIdentifier(one), [notice, "http://cps.example"]) for one in oids]
    )


def identify_data(name: str = REAL_NAME, number: Personal = COMPANY, random: Secret = RANDOM) -> x509.OtherName:
    """realName and VID as KCAC.TS.SIVID has them."""
    vid = encode_der(0xA0, encode_der(0x04, virtual_id(number, random)))
    value = encode_der(0x30, encode_der(0x30, SHA256_OID) + vid)
    attributes = encode_der(0x30, encode_der(0x30, VID_OID + value))
    return x509.OtherName(ObjectIdentifier(IDENTIFY_DATA), encode_der(0x30, encode_der(0x0C, name.encode()) + attributes))


@dataclass(frozen=True, eq=False)
class Holder:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: Key

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def card(self) -> Card:
        return read_certificate(self.der)


def certify(
    subject: x509.Name,
    key: Any,
    issuer: Holder | None,
    *extensions: tuple[x509.ExtensionType, bool],
    signing_key: Key | None = None,
    since: datetime = NOON - DAY,
    until: datetime = NOON + DAY * 365,
    hashed: Any = None,
    serial: int | None = None,
) -> Holder:
    """A certificate with exactly these extensions; without an issuer it signs itself."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(serial or x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(until)
    )
    for value, critical in extensions:
        builder = builder.add_extension(value, critical)
    signs = signing_key or (issuer.key if issuer else key)
    return Holder(builder.sign(signs, hashed or hashes.SHA256()), key)


def authority_extensions(path_length: int | None = None, *more: tuple[x509.ExtensionType, bool]) -> Any:
    return (
        (x509.BasicConstraints(ca=True, path_length=path_length), True),
        (usage("key_cert_sign", "crl_sign"), True),
        (policies(ANY_POLICY), False),
        *more,
    )


def person_extensions(*, replaced: dict[type, tuple[x509.ExtensionType, bool] | None] | None = None) -> Any:
    """What a person's certificate of yessign has, with some of it replaced or left out."""
    usual: dict[type, tuple[x509.ExtensionType, bool] | None] = {
        x509.KeyUsage: (usage("digital_signature", "content_commitment"), True),
        x509.CertificatePolicies: (policies(PERSONAL), True),
        x509.SubjectAlternativeName: (x509.SubjectAlternativeName([identify_data()]), False),
        x509.AuthorityInformationAccess: (ocsp_at(OCSP_URL), False),
        x509.CRLDistributionPoints: (crl_at(LDAP_URL, CRL_URL), False),
    }
    return tuple(one for one in (usual | (replaced or {})).values() if one is not None)


def ocsp_at(*urls: str) -> x509.AuthorityInformationAccess:
    oid = AuthorityInformationAccessOID.OCSP
    return x509.AuthorityInformationAccess([x509.AccessDescription(oid, x509.UniformResourceIdentifier(url)) for url in urls])


def crl_at(*urls: str) -> x509.CRLDistributionPoints:
    names = [x509.UniformResourceIdentifier(url) for url in urls]
    return x509.CRLDistributionPoints([x509.DistributionPoint(names, None, None, None)])


@functools.cache
def root() -> Holder:
    return certify(named("Root CA 4", unit="Root"), rsa_key("root"), None, *authority_extensions(), until=NOON + DAY * 3650)


@functools.cache
def authority() -> Holder:
    return certify(named("CA Class 2", unit="AccreditedCA"), rsa_key("authority"), root(), *authority_extensions(0))


@functools.cache
def person() -> Holder:
    return certify(named("홍길동()0088"), rsa_key("person"), authority(), *person_extensions())


@functools.cache
def person_of_curve() -> Holder:
    return certify(named("홍길동()0089"), ec_key("person"), authority(), *person_extensions())


@functools.cache
def responder() -> Holder:
    return certify(
        named("OCSP", unit="AccreditedCA"),
        rsa_key("responder"),
        authority(),
        (usage("digital_signature"), True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), True),
        (x509.OCSPNoCheck(), False),
    )


def made_elsewhere(pem: bytes) -> Key:
    key = load_pem_private_key(pem, None)
    assert isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey)
    return key


def ocsp_answer(
    question: bytes,
    *,
    by: Holder | None = None,
    status: ocsp.OCSPCertStatus = ocsp.OCSPCertStatus.GOOD,
    about: Holder | None = None,
    at: datetime = NOON,
    until: datetime | None = NOON + HOUR,
    nonce: bytes | None = None,
    without_nonce: bool = False,
    issuer: Holder | None = None,
    by_name: bool = False,
) -> bytes:
    """What the authority says to this question, or to another one."""
    asked = ocsp.load_der_ocsp_request(question)
    signer = by or responder()
    gone = status is ocsp.OCSPCertStatus.REVOKED
    builder = ocsp.OCSPResponseBuilder().add_response(
        cert=(about or person()).certificate,
        issuer=(issuer or authority()).certificate,
        algorithm=hashes.SHA1(),
        cert_status=status,
        this_update=at,
        next_update=until,
        revocation_time=at if gone else None,
        revocation_reason=x509.ReasonFlags.key_compromise if gone else None,
    )
    if about is None:
        builder = ocsp.OCSPResponseBuilder().add_response_by_hash(
            asked.issuer_name_hash,
            asked.issuer_key_hash,
            asked.serial_number,
            asked.hash_algorithm,
            status,
            at,
            until,
            at if gone else None,
            x509.ReasonFlags.key_compromise if gone else None,
        )
    encoding = ocsp.OCSPResponderEncoding.NAME if by_name else ocsp.OCSPResponderEncoding.HASH
    builder = builder.responder_id(encoding, signer.certificate)
    if by is None or by is not authority():
        builder = builder.certificates([signer.certificate])
    if not without_nonce:
        own = asked.extensions.get_extension_for_class(x509.OCSPNonce).value
        builder = builder.add_extension(x509.OCSPNonce(nonce) if nonce else own, critical=False)
    return builder.sign(signer.key, hashes.SHA256()).public_bytes(Encoding.DER)


def crl(
    *revoked: Holder,
    by: Holder | None = None,
    at: datetime = NOON - HOUR,
    until: datetime = NOON + DAY,
    scope: x509.IssuingDistributionPoint | None = None,
    signing_key: Key | None = None,
    strange: bool = False,
) -> bytes:
    """The authority's list."""
    signer = by or authority()
    builder = x509.CertificateRevocationListBuilder().issuer_name(signer.certificate.subject)
    builder = builder.last_update(at).next_update(until)
    if scope is not None:
        builder = builder.add_extension(scope, critical=True)
    if strange:
        builder = builder.add_extension(x509.DeltaCRLIndicator(1), critical=True)
    for one in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(one.certificate.serial_number).revocation_date(at)
        builder = builder.add_revoked_certificate(entry.build())
    return builder.sign(signing_key or signer.key, hashes.SHA256()).public_bytes(Encoding.DER)
