"""A second opinion on a PDF: what PDF/UA-1 (ISO 14289-1) asks for, looked up in the file itself with another library.

The compiler says of its files that they are accessible; here nothing of that is believed. The Matterhorn Protocol's
machine-checkable points that a sheet of ours can break are looked at: 01 (all content tagged or an artifact), 06 (metadata),
07 (title shown), 09 (standard tags), 11 (language), 13 (alternative text), 14 (headings), 17 (reading order), 31 (fonts).
"""

import ctypes
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

import pypdfium2 as pdfium
import pypdfium2.raw as raw

_STANDARD: Final = re.compile(
    r"Document|Part|Art|Sect|Div|BlockQuote|Caption|TOCI?|Index|NonStruct|Private|P|H[1-6]?|L|LI|Lbl|LBody|Table|TR|TH|TD|THead"
    r"|TBody|TFoot|Span|Quote|Note|Reference|BibEntry|Code|Link|Annot|Figure|Formula|Form"
)
"""ISO 32000-1 §14.8.4."""


@dataclass
class _Tree:
    """What the structure of one page says."""

    kinds: list[str] = field(default_factory=list)
    contents: list[int] = field(default_factory=list)
    nameless: int = 0
    figures: int = 0


def faults_of(octets: bytes, *, lang: str, title: str) -> list[str]:
    """What somebody who cannot see the sheet would miss; nothing for a sheet that is as it should be."""
    document = pdfium.PdfDocument(octets)
    try:
        return [*_of_the_file(document, octets, lang, title), *_of_its_pages(document)]
    finally:
        document.close()


def _of_the_file(document: pdfium.PdfDocument, octets: bytes, lang: str, title: str) -> Iterator[str]:
    if not raw.FPDFCatalog_IsTagged(document):
        yield "/MarkInfo does not say that it is tagged"
    told = _language(document)
    if told.split("-")[0] != lang:
        yield f"its language is {told!r}"
    if document.get_metadata_dict()["Title"] != title:
        yield "its title is another one"
    packet = re.search(rb"<\?xpacket begin.*?<\?xpacket end", octets, re.DOTALL)
    if packet is None or not re.search(rb"pdfuaid:part(>|=[\"'])1", packet.group()):
        yield "its metadata do not name PDF/UA-1"
    if packet is None or title.encode() not in packet.group():
        yield "its metadata do not hold its title"
    if not re.search(rb"/DisplayDocTitle\s+true", octets):
        yield "its title is not what a reader shows"


def _of_its_pages(document: pdfium.PdfDocument) -> Iterator[str]:
    levels: list[int] = []
    for number in range(len(document)):
        page = document[number]
        tree = _tree_of(page)
        levels += [int(kind[1]) for kind in tree.kinds if re.fullmatch(r"H[1-6]", kind)]
        for fault in (*_of_the_tree(tree), *_of_the_content(page, tree)):
            yield f"page {number + 1}: {fault}"
    if levels and (levels[0] != 1 or any(after > before + 1 for before, after in pairwise(levels))):
        yield f"its headings go {levels}"


def _of_the_tree(tree: _Tree) -> Iterator[str]:
    if not tree.contents:
        yield "nothing is in its structure"
    if tree.nameless:
        yield "a figure has no alternative text"
    if strange := {kind for kind in tree.kinds if not _STANDARD.fullmatch(kind)}:
        yield f"tags that are no standard: {', '.join(sorted(strange))}"
    if len(tree.contents) != len(set(tree.contents)):
        yield "something stands in the structure twice"


def _of_the_content(page: pdfium.PdfPage, tree: _Tree) -> Iterator[str]:
    marked: list[int] = []
    untagged = without_face = 0
    for thing in page.get_objects(max_depth=1):
        number = raw.FPDFPageObj_GetMarkedContentID(thing)
        if number >= 0:
            marked.append(number)
        elif "Artifact" not in _marks(thing):
            untagged += 1
        if thing.type == raw.FPDF_PAGEOBJ_TEXT and not raw.FPDFFont_GetIsEmbedded(raw.FPDFTextObj_GetFont(thing)):
            without_face += 1
    if untagged:
        yield f"{untagged} pieces are neither tagged nor marked as decoration"
    if lost := set(marked) - set(tree.contents):
        yield f"{len(lost)} pieces are in no place of the structure"
    if hollow := set(tree.contents) - set(marked):
        yield f"{len(hollow)} places of the structure are empty"
    order = list(dict.fromkeys(marked))
    if [one for one in tree.contents if one in set(order)] != order:
        yield "it is read in another order than it is written"
    if without_face:
        yield f"{without_face} texts lack their typeface"


def _tree_of(page: pdfium.PdfPage) -> _Tree:
    found = _Tree()
    root = raw.FPDF_StructTree_GetForPage(page)
    if root:
        for place in range(raw.FPDF_StructTree_CountChildren(root)):
            _walk(raw.FPDF_StructTree_GetChildAtIndex(root, place), found)
        raw.FPDF_StructTree_Close(root)
    return found


def _walk(element: Any, found: _Tree) -> None:
    kind = _said(raw.FPDF_StructElement_GetType, element)
    found.kinds.append(kind)
    found.figures += kind == "Figure"
    found.nameless += kind == "Figure" and not _said(raw.FPDF_StructElement_GetAltText, element).strip()
    for place in range(raw.FPDF_StructElement_CountChildren(element)):
        child = raw.FPDF_StructElement_GetChildAtIndex(element, place)
        if child:
            _walk(child, found)
        elif (number := raw.FPDF_StructElement_GetChildMarkedContentID(element, place)) >= 0:
            found.contents.append(number)


def _marks(thing: Any) -> list[str]:
    names = []
    for place in range(raw.FPDFPageObj_CountMarks(thing)):
        buffer, length = (ctypes.c_ushort * 100)(), ctypes.c_ulong()
        raw.FPDFPageObjMark_GetName(raw.FPDFPageObj_GetMark(thing, place), buffer, ctypes.sizeof(buffer), ctypes.byref(length))
        names.append(bytes(buffer)[: length.value].decode("utf-16-le").rstrip("\0"))
    return names


def _language(document: pdfium.PdfDocument) -> str:
    buffer = (ctypes.c_ushort * 100)()
    length = raw.FPDFCatalog_GetLanguage(document, buffer, len(buffer))
    return bytes(buffer)[:length].decode("utf-16-le").rstrip("\0")


def _said(ask: Any, of: Any) -> str:
    buffer = ctypes.create_string_buffer(2000)
    length = ask(of, buffer, len(buffer))
    return buffer.raw[:length].decode("utf-16-le").rstrip("\0")
