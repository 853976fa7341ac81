"""Seed files that are known and cannot be read here, and what to do instead."""

import re
from typing import Final

from otpward.core.formats.faults import SeedFileDeclined
from otpward.core.formats.openpgp import SIGNED_TEXT, wrapping_of

SDTID: Final = re.compile(rb"<TKNBatch|<TKNHeader|<TKN>", re.IGNORECASE)
DPX: Final = re.compile(rb"\bDIGIPASS\b|\bVASCO\b|\bOneSpan\b|\bDPX\b", re.IGNORECASE)
CMS: Final = b"-----BEGIN CMS-----"
ZIP: Final = b"PK\x03\x04"

PGP_WORDS: Final = (
    "the file is encrypted with OpenPGP, which is not opened here without the extra `pgp`; open it first, in memory and not "
    "onto a disk: `gpg --decrypt FILE | otpward token import -`"
)
SIGNED_TEXT_WORDS: Final = (
    "this is a text signed with OpenPGP; check its signature and take the text out of it: "
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
    if wrapping_of(head) is not None:
        raise SeedFileDeclined(PGP_WORDS)
    if start.startswith(SIGNED_TEXT):
        raise SeedFileDeclined(SIGNED_TEXT_WORDS)
    if start.startswith(ZIP):
        raise SeedFileDeclined(ZIP_WORDS)
    if SDTID.search(head):
        raise SeedFileDeclined(SDTID_WORDS)
    if not start.startswith((b"<", b"{", b"[")) and DPX.search(head[:4096]) and not _has_list(head):
        raise SeedFileDeclined(DPX_WORDS)


def _has_list(head: bytes) -> bool:
    """A comment may well name a maker."""
    return b"," in head or b";" in head
