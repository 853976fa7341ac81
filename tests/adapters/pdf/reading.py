"""What a reader finds in a PDF: its words, the order of its parts, and what it says of itself."""

import ctypes
import re
from dataclasses import dataclass
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as raw


@dataclass(frozen=True)
class Read:
    """`parts` are the tags in reading order, `names` what pictures are called."""

    text: str
    parts: tuple[str, ...]
    names: tuple[str, ...]
    title: str
    octets: bytes

    def claims(self, what: str) -> bool:
        """Whether the file holds this piece of PDF syntax or metadata."""
        return re.search(what.encode(), self.octets) is not None


def read_pdf(octets: bytes) -> Read:
    """Open the file as a screen reader would."""
    document = pdfium.PdfDocument(octets)
    page = document[0]
    assert len(document) == 1
    text = page.get_textpage().get_text_range().replace("\r\n", "\n")
    parts: list[str] = []
    names: list[str] = []
    tree = raw.FPDF_StructTree_GetForPage(page)
    for place in range(raw.FPDF_StructTree_CountChildren(tree)):
        _walk(raw.FPDF_StructTree_GetChildAtIndex(tree, place), parts, names)
    raw.FPDF_StructTree_Close(tree)
    title = document.get_metadata_dict()["Title"]
    document.close()
    return Read(text=text, parts=tuple(parts), names=tuple(names), title=title, octets=octets)


def _walk(element: Any, parts: list[str], names: list[str]) -> None:
    parts.append(_said(raw.FPDF_StructElement_GetType, element))
    name = _said(raw.FPDF_StructElement_GetAltText, element)
    if name:
        names.append(name)
    for place in range(raw.FPDF_StructElement_CountChildren(element)):
        child = raw.FPDF_StructElement_GetChildAtIndex(element, place)
        if child:
            _walk(child, parts, names)


def _said(ask: Any, element: Any) -> str:
    buffer = ctypes.create_string_buffer(2000)
    length = ask(element, buffer, len(buffer))
    return buffer.raw[:length].decode("utf-16-le").rstrip("\0")
