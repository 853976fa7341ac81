"""A list of revoked certificates (RFC 5280 §5, §6.3), from one point of distribution."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.x509.oid import ExtensionOID

from otpward.core.formats.x509.certificate import SIGNATURES, UNREADABLE, Card, point_names
from otpward.core.formats.x509.flaws import Flaw, Flawed
from otpward.core.formats.x509.ocsp import SKEW

UNDERSTOOD: Final = frozenset({ExtensionOID.ISSUING_DISTRIBUTION_POINT, ExtensionOID.CRL_NUMBER})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RevocationList:
    """A list that its issuer signed; good until `until`."""

    crl: x509.CertificateRevocationList
    scope: x509.IssuingDistributionPoint | None
    until: datetime


def read_list(body: bytes, *, issuer: Card, now: datetime) -> RevocationList:
    """Read it and check that it is this issuer's and of today.

    Raises:
        Flawed: it cannot be read, is old, of somebody else, or of a kind that we do not understand.
    """
    try:
        crl = x509.load_der_x509_crl(body)
        if crl.issuer != issuer.certificate.subject:
            raise Flawed(Flaw.CRL_OTHER)
        may_sign = issuer.usage is None or issuer.usage.crl_sign
        if crl.signature_algorithm_oid not in SIGNATURES or not may_sign or not _is_signed(crl, issuer):
            raise Flawed(Flaw.CRL_SIGNER)
        if any(one.critical and one.oid not in UNDERSTOOD for one in crl.extensions):
            raise Flawed(Flaw.CRL_UNREADABLE)
        scope = next((one.value for one in crl.extensions if isinstance(one.value, x509.IssuingDistributionPoint)), None)
        until = crl.next_update_utc
        begun = crl.last_update_utc
    except UNREADABLE:
        raise Flawed(Flaw.CRL_UNREADABLE) from None
    if until is None or until <= now or begun > now + SKEW:
        raise Flawed(Flaw.CRL_OLD)
    return RevocationList(crl=crl, scope=scope, until=until)


def check_listed(held: RevocationList, card: Card, point: frozenset[str]) -> None:
    """The list speaks about this certificate, which names its `point` of distribution, and does not name it.

    Raises:
        Flawed: revoked; or the list is another part, and says nothing about this certificate.
    """
    scope = held.scope
    if scope is not None:
        partial = scope.indirect_crl or scope.only_contains_attribute_certs or scope.only_some_reasons is not None
        other_kind = scope.only_contains_user_certs if card.is_ca else scope.only_contains_ca_certs
        if partial or other_kind or scope.relative_name is not None:
            raise Flawed(Flaw.CRL_OTHER)
        if scope.full_name is not None and not point_names(scope.full_name) & point:
            raise Flawed(Flaw.CRL_OTHER)
    try:
        entry = held.crl.get_revoked_certificate_by_serial_number(card.serial)
    except UNREADABLE:
        raise Flawed(Flaw.CRL_UNREADABLE) from None
    if entry is not None:
        raise Flawed(Flaw.REVOKED)


def _is_signed(crl: x509.CertificateRevocationList, issuer: Card) -> bool:
    key = issuer.certificate.public_key()
    try:
        return crl.is_signature_valid(key)  # type: ignore[arg-type] # any other kind of key is a TypeError, and caught
    except UNREADABLE:
        return False
