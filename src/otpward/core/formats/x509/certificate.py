"""A certificate with everything we look at, read once (RFC 5280 §4)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, ExtensionOID, SignatureAlgorithmOID

from otpward.core.formats.der import NotDer, Tag, read_der
from otpward.core.formats.x509.flaws import Flaw, Flawed

CERTIFICATE_MAX: Final = 16 * 1024
"""Octets. Those of the national PKI have about 1,600."""

RSA_MIN: Final = 2048
RSA_MAX: Final = 8192
"""Bits. A larger key only costs us time."""

UNREADABLE: Final = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)
"""What the library raises at octets that are not what they should be."""

SIGNATURES: Final = frozenset(
    {
        SignatureAlgorithmOID.RSA_WITH_SHA256,
        SignatureAlgorithmOID.RSA_WITH_SHA384,
        SignatureAlgorithmOID.RSA_WITH_SHA512,
        SignatureAlgorithmOID.ECDSA_WITH_SHA256,
        SignatureAlgorithmOID.ECDSA_WITH_SHA384,
    }
)
"""How authorities may sign: the national PKI left SHA-1 in 2011."""

UNDERSTOOD: Final = frozenset(
    {
        ExtensionOID.KEY_USAGE,
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.CERTIFICATE_POLICIES,
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
        ExtensionOID.NAME_CONSTRAINTS,
        ExtensionOID.EXTENDED_KEY_USAGE,
        ExtensionOID.POLICY_CONSTRAINTS,
        ExtensionOID.INHIBIT_ANY_POLICY,
        ExtensionOID.CRL_DISTRIBUTION_POINTS,
        ExtensionOID.AUTHORITY_INFORMATION_ACCESS,
    }
)
"""May be critical. Policy mappings are not among them: no institution's list could mean anything behind one."""

USES_OF_A_SIGNER: Final = frozenset(
    {ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE, ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.EMAIL_PROTECTION}
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Card:
    """A certificate. `issuer` and `subject` are the names as they stand in it, octet by octet."""

    certificate: x509.Certificate
    der: bytes
    serial: int
    issuer: bytes
    subject: bytes
    not_before: datetime
    not_after: datetime
    is_ca: bool
    path_length: int | None
    usage: x509.KeyUsage | None
    uses: frozenset[x509.ObjectIdentifier] | None
    policies: frozenset[str] | None
    inhibits_any_policy: bool
    names: tuple[x509.GeneralName, ...]
    constraints: x509.NameConstraints | None
    ocsp_urls: tuple[str, ...]
    crl_points: tuple[frozenset[str], ...]
    ocsp_no_check: bool
    strange: bool
    """There is a critical extension that we do not understand."""

    def check_time(self, now: datetime) -> None:
        """It is valid now."""
        if now > self.not_after:
            raise Flawed(Flaw.EXPIRED)
        if now < self.not_before:
            raise Flawed(Flaw.NOT_YET_VALID)

    def check_key(self) -> None:
        """RSA of 2048 bits or more, or the curves P-256 and P-384."""
        try:
            key = self.certificate.public_key()
        except UNREADABLE:
            raise Flawed(Flaw.WEAK_KEY) from None
        match key:
            case rsa.RSAPublicKey() if RSA_MIN <= key.key_size <= RSA_MAX:
                return
            case ec.EllipticCurvePublicKey() if isinstance(key.curve, ec.SECP256R1 | ec.SECP384R1):
                return
        raise Flawed(Flaw.WEAK_KEY)


def read_certificate(der: bytes) -> Card:
    """Read it all, so that nothing later can stumble over its octets.

    Raises:
        Flawed: it cannot be read, or is no certificate of version 3.
    """
    try:
        return _card(der)
    except (*UNREADABLE, NotDer):
        raise Flawed(Flaw.STRUCTURE) from None


def _card(der: bytes) -> Card:
    to_be_signed = read_der(der, octets_max=CERTIFICATE_MAX).sequence().take().sequence()
    to_be_signed.take().inner(Tag.CONTEXT_0)
    serial = to_be_signed.take().integer()
    to_be_signed.take()
    issuer = to_be_signed.take().whole
    to_be_signed.take()
    subject = to_be_signed.take().whole

    certificate = x509.load_der_x509_certificate(der)
    if certificate.version is not x509.Version.v3:
        raise Flawed(Flaw.STRUCTURE)
    held = {extension.oid: extension.value for extension in certificate.extensions}
    basic = held.get(ExtensionOID.BASIC_CONSTRAINTS)
    usage = held.get(ExtensionOID.KEY_USAGE)
    uses = held.get(ExtensionOID.EXTENDED_KEY_USAGE)
    policies = held.get(ExtensionOID.CERTIFICATE_POLICIES)
    names = held.get(ExtensionOID.SUBJECT_ALTERNATIVE_NAME)
    constraints = held.get(ExtensionOID.NAME_CONSTRAINTS)
    access = held.get(ExtensionOID.AUTHORITY_INFORMATION_ACCESS)
    points = held.get(ExtensionOID.CRL_DISTRIBUTION_POINTS)
    return Card(
        certificate=certificate,
        der=der,
        serial=serial,
        issuer=issuer,
        subject=subject,
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        is_ca=isinstance(basic, x509.BasicConstraints) and basic.ca,
        path_length=basic.path_length if isinstance(basic, x509.BasicConstraints) else None,
        usage=usage if isinstance(usage, x509.KeyUsage) else None,
        uses=frozenset(uses) if isinstance(uses, x509.ExtendedKeyUsage) else None,
        policies=_policies(policies),
        inhibits_any_policy=ExtensionOID.INHIBIT_ANY_POLICY in held,
        names=tuple(names) if isinstance(names, x509.SubjectAlternativeName) else (),
        constraints=constraints if isinstance(constraints, x509.NameConstraints) else None,
        ocsp_urls=_ocsp_urls(access),
        crl_points=_crl_points(points),
        ocsp_no_check=ExtensionOID.OCSP_NO_CHECK in held,
        strange=any(one.critical and one.oid not in UNDERSTOOD for one in certificate.extensions),
    )


def _policies(value: x509.ExtensionType | None) -> frozenset[str] | None:
    if not isinstance(value, x509.CertificatePolicies):
        return None
    return frozenset(one.policy_identifier.dotted_string for one in value)


def _ocsp_urls(value: x509.ExtensionType | None) -> tuple[str, ...]:
    if not isinstance(value, x509.AuthorityInformationAccess):
        return ()
    return tuple(
        one.access_location.value
        for one in value
        if one.access_method == AuthorityInformationAccessOID.OCSP
        and isinstance(one.access_location, x509.UniformResourceIdentifier)
    )


def _crl_points(value: x509.ExtensionType | None) -> tuple[frozenset[str], ...]:
    """The names of each point that answers for every reason and for this issuer; the others we cannot use."""
    if not isinstance(value, x509.CRLDistributionPoints):
        return ()
    whole = (one.full_name for one in value if one.full_name and one.reasons is None and not one.crl_issuer)
    return tuple(point_names(names) for names in whole)


def point_names(names: Iterable[x509.GeneralName]) -> frozenset[str]:
    """What a point of distribution is called: addresses, and places in a directory."""
    addresses = {one.value for one in names if isinstance(one, x509.UniformResourceIdentifier)}
    places = {f"directory:{one.value.rfc4514_string()}" for one in names if isinstance(one, x509.DirectoryName)}
    return frozenset(addresses | places)
