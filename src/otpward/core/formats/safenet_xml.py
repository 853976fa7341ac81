"""The XML of Aladdin and SafeNet for eToken PASS and its like: `Tokens/Token[@serial]/Applications/Application/Seed`.

Counter tokens with six digits; a seed of 32 octets goes with SHA-256, as their own server has it.
"""

from collections.abc import Iterator
from functools import partial
from typing import Final
from xml.etree.ElementTree import Element

from otpward.core.formats.branches import Branches, only, text_of
from otpward.core.formats.faults import BrokenSeedFile, SeedFileFault, UnknownSeedFile
from otpward.core.formats.reading import Chunks, Row
from otpward.core.formats.records import KEYS_MAX, RefusedRow, RowFault, SeedRecord
from otpward.core.formats.rowwise import Rows, hex_seed, key_record, number_of, serial_of, shown_serial
from otpward.core.oath.model import Algorithm, TokenKind

MAKER: Final = "SafeNet"
SHA256_SEED_OCTETS: Final = 32


def read_safenet_xml(chunks: Chunks) -> Iterator[Row]:
    """Each `Token` is a record or a refusal; raises `SeedFileFault`."""
    branches = Branches(chunks)
    nodes = iter(branches)
    next(nodes)
    rows, count = Rows(), 0
    for node in nodes:
        count += 1
        serial = shown_serial((node.get("serial") or "").strip())
        try:
            if node.tag != "Token":
                raise BrokenSeedFile("an element that does not belong into this list", node=node)
            if count > KEYS_MAX:
                raise BrokenSeedFile(f"more than {KEYS_MAX} tokens in one file", node=node)
            yield rows.row(count, serial, f"token {count}", partial(_record, count, node))
        except SeedFileFault as fault:
            fault.where, fault.node = branches.line_of(node, fault.node), None
            raise fault.at(f"token {count}") from None
    if not count:
        raise UnknownSeedFile("the file holds no token")


def _record(row: int, token: Element) -> SeedRecord:
    serial = serial_of((token.get("serial") or "").strip())
    applications = only(token, "Applications")
    found = [child for child in applications if child.tag == "Application"] if applications is not None else []
    seeded = [one for one in found if only(one, "Seed") is not None]
    if len(seeded) != 1:
        reason = "no seed" if not seeded else "more than one seed"
        raise RefusedRow(RowFault.BAD_SEED, reason)
    node, moving = only(seeded[0], "Seed"), only(seeded[0], "MovingFactor")
    seed = hex_seed(text_of(node) if node is not None else "")
    return key_record(
        row=row,
        serial=serial,
        kind=TokenKind.HOTP,
        seed=seed,
        algorithm=Algorithm.SHA256 if len(seed) == SHA256_SEED_OCTETS else Algorithm.SHA1,
        counter=number_of(text_of(moving), RowFault.COUNTER, "moving factor") if moving is not None else 0,
        manufacturer=MAKER,
        model=_label(token, "ProductName"),
    )


def _label(token: Element, name: str) -> str:
    node = only(token, name)
    text = text_of(node) if node is not None else ""
    return text if len(text) <= 200 and text.isprintable() else ""
