"""What is particular to the national PKI (KCAC.TS.CERTPROF, KCAC.TS.SIVID) and the government's: the person's real name and
virtual id in the certificate, and what each policy stands for."""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha1, sha256
from typing import Final

from cryptography import x509

from otpward.core.formats.cms.signed_data import SHA256
from otpward.core.formats.der import Element, NotDer, Tag, encode_der, read_der
from otpward.core.formats.x509.flaws import Flaw, Flawed
from otpward.core.secret import Personal, Secret

IDENTIFY_DATA: Final = "1.2.410.200004.10.1.1"
VID: Final = "1.2.410.200004.10.1.1.1"
SHA1: Final = "1.3.14.3.2.26"
IDENTITY_MAX: Final = 1024
NAME_MAX: Final = 100
RANDOM_OCTETS: Final = 20


class Holder(StrEnum):
    """To whom certificates of a policy are issued."""

    PERSON = "person"
    CORPORATE = "corporate"


class Scope(StrEnum):
    """Where certificates of a policy may be used."""

    GENERAL = "general"
    """Everywhere (범용)."""
    LIMITED = "limited"
    """For one trade (용도제한): outside it an institution may not take them."""


@dataclass(frozen=True, slots=True)
class Policy:
    """A kind of certificate."""

    authority: str
    holder: Holder
    scope: Scope


_P, _C, _G, _L = Holder.PERSON, Holder.CORPORATE, Scope.GENERAL, Scope.LIMITED

POLICIES: Final = {
    "1.2.410.200005.1.1.1": Policy("yessign", _P, _G),
    "1.2.410.200005.1.1.5": Policy("yessign", _C, _G),
    "1.2.410.200005.1.1.4": Policy("yessign", _P, _L),
    "1.2.410.200005.1.1.2": Policy("yessign", _C, _L),
    "1.2.410.200005.1.1.6.1": Policy("yessign", _C, _L),
    "1.2.410.200005.1.1.6.8": Policy("yessign", _C, _L),
    "1.2.410.200004.5.2.1.2": Policy("KICA", _P, _G),
    "1.2.410.200004.5.2.1.1": Policy("KICA", _C, _G),
    "1.2.410.200004.5.2.1.7.1": Policy("KICA", _P, _L),
    "1.2.410.200004.5.1.1.5": Policy("KOSCOM", _P, _G),
    "1.2.410.200004.5.1.1.7": Policy("KOSCOM", _C, _G),
    "1.2.410.200004.5.1.1.9": Policy("KOSCOM", _P, _L),
    "1.2.410.200004.5.4.1.1": Policy("CrossCert", _P, _G),
    "1.2.410.200004.5.4.1.2": Policy("CrossCert", _C, _G),
    "1.2.410.200004.5.4.1.101": Policy("CrossCert", _P, _L),
    "1.2.410.200012.1.1.1": Policy("TradeSign", _P, _G),
    "1.2.410.200012.1.1.3": Policy("TradeSign", _C, _G),
    "1.2.410.200004.5.5.1.1": Policy("Inipass", _P, _G),
    "1.2.410.200004.5.5.1.2": Policy("Inipass", _C, _G),
    "1.2.410.200004.5.3.1.9": Policy("NCA", _P, _G),
    "1.2.410.200004.5.3.1.2": Policy("NCA", _C, _G),
    "1.2.410.100001.2.2.1": Policy("GPKI", _P, _L),
    "1.2.410.100001.2.1.1": Policy("GPKI", _C, _L),
}
"""By object identifier. "Limited" for the government's: they are for officials at work."""

GENERAL_PERSONAL: Final = frozenset(
    oid for oid, kind in POLICIES.items() if kind.holder is Holder.PERSON and kind.scope is Scope.GENERAL
)
"""What any institution may take from a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who the certificate was issued to. `vid` is empty where there is none."""

    real_name: Personal
    vid_hash: str = ""
    vid: bytes = b""


def read_identity(names: Iterable[x509.GeneralName]) -> Identity:
    """The identifyData among the alternative names of a certificate (KCAC.TS.SIVID §4).

    Raises:
        Flawed: none or several, or no real name in it.
    """
    found = [one.value for one in names if isinstance(one, x509.OtherName) and one.type_id.dotted_string == IDENTIFY_DATA]
    if len(found) != 1:
        raise Flawed(Flaw.NO_NAME)
    try:
        identity = _identity(read_der(found[0], octets_max=IDENTITY_MAX))
    except NotDer:
        raise Flawed(Flaw.NO_NAME) from None
    name = identity.real_name.reveal()
    if not name.strip() or len(name) > NAME_MAX or not name.isprintable():
        raise Flawed(Flaw.NO_NAME)
    return identity


def virtual_id(number: Personal, random: Secret, *, vid_hash: str = SHA256) -> bytes:
    """H(H(SEQUENCE { number, R })) (KCAC.TS.SIVID §5)."""
    digits = number.reveal().encode("ascii")
    octets = encode_der(Tag.PRINTABLE, digits) + encode_der(Tag.BIT_STRING, b"\0" + random.reveal())
    hashed = sha1 if vid_hash == SHA1 else sha256
    return hashed(hashed(encode_der(Tag.SEQUENCE, octets)).digest()).digest()


def check_company(identity: Identity, number: Personal, random: Secret) -> None:
    """The company's registration number (사업자등록번호, ten digits) is the one this certificate was issued to.

    Numbers of persons are not taken at all: with R and the VID at hand, theirs is soon found by trying. R is used here and kept
    nowhere.

    Raises:
        Flawed: another number, or not a company's.
    """
    digits = number.reveal()
    if len(digits) != 10 or not (digits.isascii() and digits.isdecimal()) or len(random) != RANDOM_OCTETS:
        raise Flawed(Flaw.VID)
    if identity.vid_hash != SHA256 or not hmac.compare_digest(identity.vid, virtual_id(number, random)):
        raise Flawed(Flaw.VID)


def _identity(data: Element) -> Identity:
    fields = data.sequence()
    real_name = Personal(fields.take().text())
    more = fields.take_if(Tag.SEQUENCE)
    fields.end()
    for attribute in () if more is None else more.parts(Tag.SEQUENCE):
        pair = attribute.sequence()
        kind = pair.take().oid()
        value = pair.take()
        pair.end()
        if kind == VID:
            vid_hash, vid = _vid(value)
            return Identity(real_name=real_name, vid_hash=vid_hash, vid=vid)
    return Identity(real_name=real_name)


def _vid(value: Element) -> tuple[str, bytes]:
    fields = value.sequence()
    vid_hash = fields.take().sequence().take().oid()
    vid = fields.take().inner(Tag.CONTEXT_0).octets()
    fields.end()
    if (vid_hash, len(vid)) not in ((SHA256, 32), (SHA1, 20)):
        raise NotDer("a virtual id of another kind")
    return vid_hash, vid
