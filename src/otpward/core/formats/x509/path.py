"""From the signer to a pinned root (RFC 5280 §6.1), strictly and in few steps.

The library's own verifier is made for servers on the web: it refuses every certificate of the national PKI, whose policies are
critical, and judges no directory names. So the path is walked here, with the library's signatures.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography.exceptions import InvalidSignature

from otpward.core.formats.x509.certificate import SIGNATURES, UNREADABLE, USES_OF_A_SIGNER, Card
from otpward.core.formats.x509.constraints import check_constraints
from otpward.core.formats.x509.flaws import Flaw, Flawed

LONGEST: Final = 5
"""Certificates from the signer to the root; the national PKI has three."""

TRIES_MAX: Final = 32
"""Signatures checked for one path. Certificates that all name each other as issuers cost no more than this."""

ANY_POLICY: Final = "2.5.29.32.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchors:
    """What the institution pinned: roots, and authorities between that members' programs do not send along."""

    roots: tuple[Card, ...]
    between: tuple[Card, ...] = ()


def sort_pinned(cards: Sequence[Card]) -> Anchors:
    """Roots are those which signed themselves; the others stand between and are trusted only through a root.

    Raises:
        Flawed: something pinned is not an authority, or no root is among it.
    """
    roots: list[Card] = []
    between: list[Card] = []
    for card in cards:
        if not card.is_ca:
            raise Flawed(Flaw.NOT_A_CA)
        card.check_key()
        if card.issuer != card.subject:
            between.append(card)
        elif _issued(card, card):
            roots.append(card)
        else:
            raise Flawed(Flaw.SIGNATURE)
    if not roots:
        raise Flawed(Flaw.UNTRUSTED)
    return Anchors(roots=tuple(roots), between=tuple(between))


def check_signer(card: Card, *, now: datetime, policies: frozenset[str]) -> None:
    """It is a person's or a company's, for signatures that bind, of a kind that is taken, and valid now."""
    if card.is_ca or (card.usage is not None and card.usage.key_cert_sign):
        raise Flawed(Flaw.CA_AS_SIGNER)
    _check_own(card, now)
    if card.usage is None or not (card.usage.digital_signature and card.usage.content_commitment):
        raise Flawed(Flaw.KEY_USAGE)
    if card.uses is not None and not card.uses & USES_OF_A_SIGNER:
        raise Flawed(Flaw.KEY_USAGE)
    if not (card.policies or frozenset()) & policies:
        raise Flawed(Flaw.POLICY)


def find_path(
    signer: Card, carried: Sequence[Card], anchors: Anchors, *, now: datetime, policies: frozenset[str]
) -> tuple[Card, ...]:
    """The certificates from the signer to a root, each of them checked. The signer itself is checked by `check_signer`.

    Raises:
        Flawed: there is no such path, or what is wrong with the first one found.
    """
    first: Flawed | None = None
    for path in _paths(signer, carried, anchors):
        try:
            _check_path(path, anchors, now, (signer.policies or frozenset()) & policies)
        except Flawed as flawed:
            first = first or flawed
        else:
            return path
    raise first or Flawed(Flaw.UNTRUSTED)


def _paths(signer: Card, carried: Sequence[Card], anchors: Anchors) -> Iterator[tuple[Card, ...]]:
    """Every path by name and signature, shortest first at each step."""
    tries = 0
    waiting: list[tuple[Card, ...]] = [(signer,)]
    while waiting:
        path = waiting.pop(0)
        for issuer in (*anchors.roots, *anchors.between, *carried):
            is_root = any(issuer is root for root in anchors.roots)
            if issuer.subject != path[-1].issuer or any(issuer.der == one.der for one in path):
                continue
            if not is_root and (issuer.issuer == issuer.subject or len(path) + 1 >= LONGEST):
                continue
            tries += 1
            if tries > TRIES_MAX:
                return
            if not _issued(path[-1], issuer):
                continue
            if is_root:
                yield (*path, issuer)
            else:
                waiting.append((*path, issuer))


def _check_path(path: tuple[Card, ...], anchors: Anchors, now: datetime, policies: frozenset[str]) -> None:
    any_policy_counts = True
    for at in range(len(path) - 1, 0, -1):
        issuer = path[at]
        _check_own(issuer, now)
        if not issuer.is_ca or (issuer.usage is not None and not issuer.usage.key_cert_sign):
            raise Flawed(Flaw.NOT_A_CA)
        if issuer.path_length is not None and issuer.path_length < at - 1:
            raise Flawed(Flaw.PATH_LENGTH)
        if issuer.constraints is not None:
            check_constraints(issuer.constraints, path[:at])
        if at < len(path) - 1:
            policies = _policies_through(issuer, policies, pinned=issuer in anchors.between, any_counts=any_policy_counts)
        any_policy_counts = any_policy_counts and not issuer.inhibits_any_policy


def _policies_through(issuer: Card, policies: frozenset[str], *, pinned: bool, any_counts: bool) -> frozenset[str]:
    """What of the signer's policies an authority between may grant; a pinned one that names none may grant all."""
    if issuer.policies is None and pinned:
        return policies
    if issuer.policies is not None and ANY_POLICY in issuer.policies and any_counts:
        return policies
    granted = policies & (issuer.policies or frozenset())
    if not granted:
        raise Flawed(Flaw.POLICY)
    return granted


def _check_own(card: Card, now: datetime) -> None:
    card.check_time(now)
    card.check_key()
    if card.strange:
        raise Flawed(Flaw.EXTENSION)
    if card.certificate.signature_algorithm_oid not in SIGNATURES:
        raise Flawed(Flaw.ALGORITHM)


def issued_by(card: Card, issuer: Card) -> bool:
    """The issuer's name stands in it and the issuer's key signed it, with an algorithm that is taken."""
    return card.issuer == issuer.subject and card.certificate.signature_algorithm_oid in SIGNATURES and _issued(card, issuer)


def _issued(card: Card, issuer: Card) -> bool:
    try:
        card.certificate.verify_directly_issued_by(issuer.certificate)
    except (InvalidSignature, *UNREADABLE):
        return False
    return True
