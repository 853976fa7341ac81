"""XML in bounds: no document types, no entities, limited depth and size, one branch of the root in memory at a time."""

from collections.abc import Iterator
from typing import Any, Final
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from otpward.core.formats.faults import BrokenSeedFile

PSKC: Final = "{urn:ietf:params:xml:ns:keyprov:pskc}"
DS: Final = "{http://www.w3.org/2000/09/xmldsig#}"
XENC: Final = "{http://www.w3.org/2001/04/xmlenc#}"
DEPTH_MAX: Final = 32
BRANCH_ELEMENTS_MAX: Final = 2_000  # a key has about twenty
BRANCH_TEXT_MAX: Final = 256 * 1024
CHUNK_OCTETS: Final = 64 * 1024


class Node:
    """One element. `line` is where it begins."""

    __slots__ = ("attributes", "children", "line", "parts", "tag")

    def __init__(self, tag: str, attributes: dict[str, str], line: int) -> None:
        self.tag = tag
        self.attributes = attributes
        self.line = line
        self.children: list[Node] = []
        self.parts: list[str] = []

    @property
    def local_name(self) -> str:
        """The tag without its namespace."""
        return self.tag.rpartition("}")[2]

    @property
    def where(self) -> str:
        return f"line {self.line}"

    def only(self, tag: str) -> "Node | None":
        """The child of this tag, or None. Two of them are a fault: a reader must not have a choice."""
        found = [child for child in self.children if child.tag == tag]
        if len(found) > 1:
            raise BrokenSeedFile(f"{found[0].local_name} is there twice", where=found[1].where)
        return found[0] if found else None

    def required(self, tag: str) -> "Node":
        """The child of this tag."""
        node = self.only(tag)
        if node is None:
            raise BrokenSeedFile(f"{self.local_name} has no {tag.rpartition('}')[2]}", where=self.where)
        return node

    def text(self) -> str:
        """The text of an element that holds nothing else."""
        if self.children:
            raise BrokenSeedFile(f"{self.local_name} holds elements where text should be", where=self.where)
        return "".join(self.parts).strip(" \t\r\n")


def branches(data: bytes) -> Iterator[Node]:
    """Yield the root without its children first, then each of its children when it is complete.

    Raises:
        BrokenSeedFile: not well-formed, a document type, or out of bounds; with the line.
    """
    target = _Branches()
    parser: Any = DefusedXMLParser(target=target, forbid_dtd=True)
    target.expat = parser.parser
    try:
        for start in range(0, len(data), CHUNK_OCTETS):
            parser.feed(data[start : start + CHUNK_OCTETS])
            yield from target.taken()
        parser.close()
    except DefusedXmlException:
        raise BrokenSeedFile("a document type or an entity is not allowed here", where=target.where) from None
    except ParseError as error:
        message = "the XML is not well-formed, or cut off"
        raise BrokenSeedFile(message, where=f"line {error.position[0]}") from None
    except (ValueError, LookupError):
        raise BrokenSeedFile("the XML is in an encoding that is not supported", where=target.where) from None
    yield from target.taken()


class _Branches:
    """What the parser calls. It builds nodes below the root, and hands over each finished branch."""

    def __init__(self) -> None:
        self.expat: Any = None
        self._path: list[Node] = []
        self._done: list[Node] = []
        self._elements = 0
        self._text = 0

    @property
    def where(self) -> str:
        return f"line {self.expat.CurrentLineNumber}"

    def taken(self) -> Iterator[Node]:
        done, self._done = self._done, []
        yield from done

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        node = Node(tag, attributes, self.expat.CurrentLineNumber)
        depth = len(self._path)
        if depth == 0:
            self._done.append(Node(tag, attributes, node.line))
        elif depth == 1:
            self._elements = self._text = 0
        else:
            self._path[-1].children.append(node)
        self._elements += 1
        if depth >= DEPTH_MAX or self._elements > BRANCH_ELEMENTS_MAX:
            raise BrokenSeedFile("too many elements in one another or in one key", where=self.where)
        self._path.append(node)

    def end(self, tag: str) -> None:
        node = self._path.pop()
        if len(self._path) == 1:
            self._done.append(node)

    def data(self, text: str) -> None:
        if len(self._path) < 2:
            if text.strip(" \t\r\n"):
                raise BrokenSeedFile("text between the elements of the container", where=self.where)
            return
        self._text += len(text)
        if self._text > BRANCH_TEXT_MAX:
            raise BrokenSeedFile("a value is too long", where=self.where)
        self._path[-1].parts.append(text)

    def close(self) -> None:
        """The parser asks for it; there is nothing to hand over."""
