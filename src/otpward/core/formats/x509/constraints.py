"""Name constraints (RFC 5280 §4.2.1.10, §6.1.3), as far as the national PKI uses them: directory names.

A constraint on another form of name is refused as soon as a certificate below has a name of that form: we cannot judge it, and
what we cannot judge does not pass.
"""

import unicodedata
from collections.abc import Iterable, Iterator

from cryptography import x509
from cryptography.x509.oid import NameOID

from otpward.core.formats.x509.certificate import Card
from otpward.core.formats.x509.flaws import Flaw, Flawed

Rdn = frozenset[tuple[str, str | bytes]]


def check_constraints(constraints: x509.NameConstraints, below: Iterable[Card]) -> None:
    """Every name of the certificates below is permitted, and none is excluded."""
    permitted = tuple(constraints.permitted_subtrees or ())
    excluded = tuple(constraints.excluded_subtrees or ())
    for card in below:
        for form, name in _names(card):
            if name is None:
                if any(isinstance(one, form) for one in permitted + excluded):
                    raise Flawed(Flaw.NAME_CONSTRAINT)
                continue
            own = _rdns(name)
            allowed = [_rdns(one.value) for one in permitted if isinstance(one, x509.DirectoryName)]
            barred = [_rdns(one.value) for one in excluded if isinstance(one, x509.DirectoryName)]
            if allowed and not any(_lies_under(own, tree) for tree in allowed):
                raise Flawed(Flaw.NAME_CONSTRAINT)
            if any(_lies_under(own, tree) for tree in barred):
                raise Flawed(Flaw.NAME_CONSTRAINT)


def _names(card: Card) -> Iterator[tuple[type[x509.GeneralName], x509.Name | None]]:
    """The form of every name: the subject, an address in the subject, the alternative ones; with it a directory name itself."""
    subject = card.certificate.subject
    if subject.rdns:
        yield x509.DirectoryName, subject
    if subject.get_attributes_for_oid(NameOID.EMAIL_ADDRESS):
        yield x509.RFC822Name, None
    for name in card.names:
        yield type(name), name.value if isinstance(name, x509.DirectoryName) else None


def _lies_under(own: tuple[Rdn, ...], tree: tuple[Rdn, ...]) -> bool:
    return own[: len(tree)] == tree


def _rdns(name: x509.Name) -> tuple[Rdn, ...]:
    return tuple(frozenset((one.oid.dotted_string, _prepared(one.value)) for one in rdn) for rdn in name.rdns)


def _prepared(value: str | bytes) -> str | bytes:
    """Case and spacing do not tell names apart (RFC 5280 §7.1)."""
    if isinstance(value, bytes):
        return value
    return " ".join(unicodedata.normalize("NFKC", value).casefold().split())
