"""Which kind of seed file is this? Its content says it, never its name."""

import codecs
import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, Final

from otpward.core.formats.aegis import looks_like_aegis, read_aegis
from otpward.core.formats.declined import refuse_declined
from otpward.core.formats.entra_csv import looks_like_entra_csv, read_entra_csv
from otpward.core.formats.faults import UnknownSeedFile
from otpward.core.formats.free_otp import looks_like_free_otp, read_free_otp
from otpward.core.formats.json_text import json_of
from otpward.core.formats.keycloak import looks_like_keycloak, read_keycloak
from otpward.core.formats.oath_csv import looks_like_oath_csv, open_oath_csv
from otpward.core.formats.pskc import open_pskc
from otpward.core.formats.reading import Chunks, Counted, Row, SeedFile, collected
from otpward.core.formats.records import ReadResult, SeedFormat
from otpward.core.formats.safenet_xml import read_safenet_xml
from otpward.core.formats.safeword_dat import looks_like_safeword, read_safeword_dat
from otpward.core.formats.two_fas import looks_like_two_fas, read_two_fas
from otpward.core.formats.unlock import NOTHING_TO_OPEN, Unlock
from otpward.core.formats.uri_list import looks_like_uri_list, read_uri_list
from otpward.core.formats.yubico_csv import looks_like_yubico_csv, read_yubico_csv
from otpward.core.secret import Secret

HEAD_OCTETS: Final = 65536
LINES_LOOKED_AT: Final = 50  # comments may come first, and a few lines may be bad
UTF16_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
SAFENET: Final = re.compile(rb"<Tokens[\s>]")
PSKC_ROOT: Final = re.compile(rb"KeyContainer|SecretContainer")
NEITHER: Final = (
    "the file is of no kind that is read here: PSKC (XML with a KeyContainer), OATH CSV (serial, hex seed, type, digits, "
    "period or counter), Entra ID or Yubico CSV, SafeNet XML, SafeWord .dat, otpauth URIs, or an export of Aegis, 2FAS, "
    "FreeOTP+ or Keycloak"
)
LISTS: Final[tuple[tuple[SeedFormat, Callable[[str], bool], Callable[[Chunks], Iterator[Row]]], ...]] = (
    (SeedFormat.URI_LIST, looks_like_uri_list, read_uri_list),
    (SeedFormat.SAFEWORD_DAT, looks_like_safeword, read_safeword_dat),
    (SeedFormat.ENTRA_CSV, looks_like_entra_csv, read_entra_csv),
    (SeedFormat.YUBICO_CSV, looks_like_yubico_csv, read_yubico_csv),
)


def read_seed_file(data: bytes, *, key: Secret | None = None, accept_unverified_signature: bool = False) -> ReadResult:
    """Read a file that fits into memory; see `open_seed_file`."""
    return collected(open_seed_file([data], Unlock(key=key, unverified=accept_unverified_signature)))


def open_seed_file(chunks: Chunks, unlock: Unlock = NOTHING_TO_OPEN) -> SeedFile:
    """Read a seed file of any kind, row by row.

    Raises:
        SeedFileFault: the file cannot be taken as a whole; so may reading its rows, and then nothing of it counts.
    """
    chunks = Counted(chunks)
    octets = head_of(chunks)
    head = octets.removeprefix(codecs.BOM_UTF8).lstrip()
    if not head:
        raise UnknownSeedFile("the file is empty")
    refuse_declined(octets.removeprefix(codecs.BOM_UTF8))
    if head.startswith(b"<") or (head.startswith(UTF16_MARKS) and b"<" in head[:8]):
        if SAFENET.search(head) and not PSKC_ROOT.search(head):
            return SeedFile(format=SeedFormat.SAFENET_XML, rows=read_safenet_xml(chunks))
        return open_pskc(chunks, unlock)
    lines = [line for line in head.decode("utf-8", "replace").splitlines()[:LINES_LOOKED_AT] if line.strip()]
    if head.startswith((b"{", b"[")) and not (lines and looks_like_oath_csv(lines[0])):
        return _json_file(json_of(chunks), unlock)
    for format_, fits, read in LISTS:
        if any(fits(line) for line in lines):
            return SeedFile(format=format_, rows=read(chunks))
    if any(looks_like_oath_csv(line) for line in lines):
        return open_oath_csv(chunks)
    raise UnknownSeedFile(NEITHER)


def _json_file(value: Any, unlock: Unlock) -> SeedFile:
    if looks_like_aegis(value):
        return SeedFile(format=SeedFormat.AEGIS, rows=read_aegis(value, unlock))
    if looks_like_two_fas(value):
        return SeedFile(format=SeedFormat.TWO_FAS, rows=read_two_fas(value, unlock))
    if looks_like_free_otp(value):
        return SeedFile(format=SeedFormat.FREE_OTP, rows=read_free_otp(value))
    if looks_like_keycloak(value):
        return SeedFile(format=SeedFormat.KEYCLOAK, rows=read_keycloak(value))
    raise UnknownSeedFile(NEITHER)


def head_of(chunks: Chunks) -> bytes:
    """The first octets; `chunks` can be read from the start again."""
    pieces: list[bytes] = []
    for chunk in islice(chunks, HEAD_OCTETS):
        pieces.append(chunk[:HEAD_OCTETS])
        if sum(map(len, pieces)) >= HEAD_OCTETS:
            break
    return b"".join(pieces)[:HEAD_OCTETS]
