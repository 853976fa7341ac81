"""Which kind of seed file is this? Its content says it, never its name."""

import codecs
from typing import Final

from otpward.core.formats.faults import UnknownSeedFile
from otpward.core.formats.oath_csv import looks_like_oath_csv, read_oath_csv
from otpward.core.formats.pskc import read_pskc
from otpward.core.formats.records import FILE_MAX_OCTETS, ReadResult
from otpward.core.secret import Secret

HEAD_OCTETS: Final = 65536
LINES_LOOKED_AT: Final = 50  # comments may come first, and a few lines may be bad
UTF16_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
NEITHER: Final = (
    "the file is neither PSKC (XML with a KeyContainer) nor OATH CSV (serial, hex seed, type, digits, period or counter)"
)


def read_seed_file(data: bytes, *, key: Secret | None = None, accept_unverified_signature: bool = False) -> ReadResult:
    """Read a PSKC or OATH CSV file. `key` is the transport key of an encrypted one.

    Raises:
        SeedFileFault: the file cannot be taken as a whole; nothing of it was.
    """
    if len(data) > FILE_MAX_OCTETS:
        raise UnknownSeedFile(f"the file is larger than {FILE_MAX_OCTETS // 2**20} MB")
    head = data[:HEAD_OCTETS].removeprefix(codecs.BOM_UTF8).lstrip()
    if not head:
        raise UnknownSeedFile("the file is empty")
    if head.startswith(b"<") or (head.startswith(UTF16_MARKS) and b"<" in head[:8]):
        return read_pskc(data, key=key, accept_unverified_signature=accept_unverified_signature)
    lines = head.decode("utf-8", "replace").splitlines()
    if not any(looks_like_oath_csv(line) for line in lines[:LINES_LOOKED_AT]):
        raise UnknownSeedFile(NEITHER)
    return read_oath_csv(data)
