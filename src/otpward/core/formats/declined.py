"""Seed files that are known and cannot be read here, and what to do instead."""

import re
from typing import Final

from otpward.core.formats.faults import SeedFileDeclined

ARMOURED: Final = b"-----BEGIN PGP MESSAGE-----"
PGP_TAGS: Final = frozenset({0x84, 0x85, 0x86, 0x8C, 0x8D, 0xC1, 0xC3, 0xA3, 0xC8})
"""The first octet of an OpenPGP message (RFC 9580 §4.2): a session key for somebody, or compressed data."""
SDTID: Final = re.compile(rb"<TKNBatch|<TKNHeader|<TKN>", re.IGNORECASE)
DPX: Final = re.compile(rb"\bDIGIPASS\b|\bVASCO\b|\bOneSpan\b|\bDPX\b", re.IGNORECASE)
CMS: Final = b"-----BEGIN CMS-----"
ZIP: Final = b"PK\x03\x04"

PGP_WORDS: Final = (
    "the file is encrypted with OpenPGP; open it first, in memory and not onto a disk: "
    "`gpg --decrypt FILE | otpward token import -`"
)
SDTID_WORDS: Final = (
    "this is an RSA SecurID file (.sdtid); its tokens use RSA's own algorithm and cannot be verified by OATH. "
    "Ask the vendor for OATH tokens (TOTP, RFC 6238) with a PSKC file (RFC 6030)"
)
DPX_WORDS: Final = (
    "this is a OneSpan (VASCO) DPX file, which only their own library opens. "
    "Ask OneSpan for the same devices' seeds as PSKC (RFC 6030), which they deliver for OATH models"
)
ZIP_WORDS: Final = "this is a ZIP archive; take the seed file out of it first"


def refuse_declined(head: bytes) -> None:
    """Let the file go on if it is none of these.

    Raises:
        SeedFileDeclined: with what to do instead.
    """
    start = head.lstrip()
    if start.startswith(ARMOURED) or _is_pgp(head):
        raise SeedFileDeclined(PGP_WORDS)
    if start.startswith(ZIP):
        raise SeedFileDeclined(ZIP_WORDS)
    if SDTID.search(head):
        raise SeedFileDeclined(SDTID_WORDS)
    if not start.startswith((b"<", b"{", b"[")) and DPX.search(head[:4096]) and not _has_list(head):
        raise SeedFileDeclined(DPX_WORDS)


def _is_pgp(head: bytes) -> bool:
    """A binary message: a packet's tag, a length, and the packet's version (3 or 6, 4 to 6 for a password)."""
    if len(head) < 8 or head[0] not in PGP_TAGS:
        return False
    return any(head[place] in (1, 3, 4, 5, 6) for place in (2, 3)) and not head[:64].isascii()


def _has_list(head: bytes) -> bool:
    """A comment may well name a maker."""
    return b"," in head or b";" in head
