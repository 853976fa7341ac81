"""XML in its one canonical form, written as it is read (Canonical XML 1.0 and its exclusive kind, both without comments)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

ELEMENTS_DEEP_MAX: Final = 64
TEXT: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#xD;"})
VALUE: Final = str.maketrans({"&": "&amp;", "<": "&lt;", '"': "&quot;", "\t": "&#x9;", "\n": "&#xA;", "\r": "&#xD;"})


class Form(StrEnum):
    """The two canonical forms that signatures use."""

    INCLUSIVE = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
    EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"


@dataclass(frozen=True, slots=True)
class _Level:
    declared: Mapping[str, str]
    """Every prefix in force here."""
    written: Mapping[str, str]
    """Every prefix that the output above has said."""


class Canonical:
    """Takes the events of a parser that leaves names as they are written; `write` gets the canonical octets."""

    def __init__(self, form: Form, write: Callable[[bytes], object], outer: Mapping[str, str] | None = None) -> None:
        self._form = form
        self._write = write
        self._levels = [_Level(dict(outer or {}), {})]

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        above = self._levels[-1]
        declared = {**above.declared, **namespaces(attributes)}
        plain = {key: value for key, value in attributes.items() if not _is_declaration(key)}
        wanted = declared if self._form is Form.INCLUSIVE else {p: declared.get(p, "") for p in _used(name, plain)}
        new = {prefix: uri for prefix, uri in wanted.items() if above.written.get(prefix, "") != uri and prefix != "xml"}
        parts = [f"<{name}"]
        parts += [f' {"xmlns:" + p if p else "xmlns"}="{new[p].translate(VALUE)}"' for p in sorted(new)]
        parts += [f' {key}="{plain[key].translate(VALUE)}"' for key in sorted(plain, key=lambda key: _rank(key, declared))]
        self._write("".join([*parts, ">"]).encode())
        self._levels.append(_Level(declared, {**above.written, **new}))

    def end(self, name: str) -> None:
        """An element ends."""
        self._levels.pop()
        self._write(f"</{name}>".encode())

    def text(self, text: str) -> None:
        """Characters between."""
        self._write(text.translate(TEXT).encode())

    @property
    def in_force(self) -> Mapping[str, str]:
        """The prefixes in force where we are."""
        return self._levels[-1].declared


def namespaces(attributes: Mapping[str, str]) -> dict[str, str]:
    """What an element declares."""
    return {key.partition(":")[2]: value for key, value in attributes.items() if _is_declaration(key)}


def _is_declaration(key: str) -> bool:
    return key == "xmlns" or key.startswith("xmlns:")


def _used(name: str, attributes: Mapping[str, str]) -> set[str]:
    """The prefixes that can be seen in the element itself (Exclusive XML Canonicalization §1.1)."""
    prefixes = {name.partition(":")[0] if ":" in name else ""}
    return prefixes | {key.partition(":")[0] for key in attributes if ":" in key and not key.startswith("xml:")}


def _rank(key: str, declared: Mapping[str, str]) -> tuple[str, str]:
    prefix, colon, local = key.partition(":")
    return (declared.get(prefix, ""), local) if colon else ("", prefix)
