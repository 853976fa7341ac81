"""XML in bounds and in pieces: no document types, no entities, limited size, one branch of the root in memory at a time.

The tree is built by the standard library's own builder, which is quick and knows no lines; where something is wrong the octets
are read once more to find the line. So `chunks` must give the same octets each time it is iterated over.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any, Final
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser
from xml.parsers import expat

from otpward.core.formats.faults import BrokenSeedFile

HEAD_OCTETS_MAX: Final = 256 * 1024  # a long comment may come first
BRANCH_OCTETS_MAX: Final = 256 * 1024  # a key has about two thousand
BRANCH_ELEMENTS_MAX: Final = 2_000  # a key has about twenty
DEPTH_MAX: Final = 32
FEED_OCTETS: Final = 64 * 1024
WHITE: Final = " \t\r\n"


class Branches:
    """Iterate once: the root first, still empty, then each of its children when it is complete.

    Raises, while iterating:
        BrokenSeedFile: not well-formed, a document type, or out of bounds; with the line.
    """

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = chunks
        self._taken = 0
        self._since_branch = 0

    def __iter__(self) -> Iterator[Element]:
        builder: Any = TreeBuilder()
        parser: Any = XMLParser(target=builder)  # noqa: S314 -- `guarded` looks at all that it is fed
        try:
            yield from self._fed(parser, builder)
        except ParseError as error:
            line = f"line {error.position[0]}"
            raise BrokenSeedFile("the XML is not well-formed, or cut off", where=line) from None
        except (ValueError, LookupError):
            raise BrokenSeedFile("the XML is in an encoding that is not supported") from None

    def _fed(self, parser: Any, builder: Any) -> Iterator[Element]:
        """The builder is asked for the root while it grows: to be told of each element would take a fifth more of the time."""
        root: Element | None = None
        for piece in guarded(small_pieces(self._chunks)):
            parser.feed(piece)
            self._since_branch += len(piece)
            if root is None:
                root = builder.close()
                if root is not None:
                    yield Element(root.tag, dict(root.attrib))
            if root is not None and len(root) > 1:
                yield from self._whole(root, len(root) - 1)
                self._since_branch = len(piece)
            if self._since_branch > BRANCH_OCTETS_MAX + FEED_OCTETS:
                raise BrokenSeedFile("a value is too long, or a key has too many elements", where=self._line(()))
        parser.close()
        if root is not None:
            yield from self._whole(root, len(root))

    def _whole(self, root: Element, count: int) -> Iterator[Element]:
        if (root.text or "").strip(WHITE):
            raise BrokenSeedFile("text between the elements of the container", where=self._line(()))
        for branch in root[:count]:
            if (branch.tail or "").strip(WHITE):
                raise BrokenSeedFile("text between the elements of the container", where=self._line(()))
            self._check_bounds(branch)
            yield branch
            self._taken += 1
        root.text = None
        del root[:count]

    def _check_bounds(self, branch: Element) -> None:
        elements = len(list(branch.iter()))
        if elements > BRANCH_ELEMENTS_MAX or (elements > DEPTH_MAX and _depth(branch) > DEPTH_MAX):
            raise BrokenSeedFile("too many elements in one another or in one key", where=self._line(()))
        if self._since_branch > BRANCH_OCTETS_MAX and _text_length(branch) > BRANCH_OCTETS_MAX:
            raise BrokenSeedFile("a value is too long", where=self._line(()))

    def line_of_root(self) -> str:
        """Where the root begins."""
        return f"line {_locate(self._chunks, ())}"

    def line_of(self, branch: Element, node: Element | None) -> str:
        """Where `node` begins, which lies in `branch`, the one that was handed out last."""
        path = _path(branch, node) if node is not None else ()
        return self._line(path)

    def _line(self, path: tuple[int, ...]) -> str:
        return f"line {_locate(self._chunks, (self._taken, *path))}"


def only(element: Element | None, tag: str) -> Element | None:
    """The child of this tag, or None. Two of them are a fault: a reader must not have a choice."""
    found = None
    if element is not None:
        for child in element:
            if child.tag == tag:
                if found is not None:
                    raise BrokenSeedFile(f"{local_name(child)} is there twice", node=child)
                found = child
    return found


def refuse_doubles(branch: Element, singles: Collection[str]) -> None:
    """Let the branch go on if no element in it has two children of one of these tags: then `child` finds the only one."""
    for parent in branch.iter():
        if len(parent) > 1:
            tags = [child.tag for child in parent]
            if len(set(tags)) != len(tags):
                for tag in singles:
                    if tags.count(tag) > 1:
                        only(parent, tag)


def child(element: Element | None, tag: str) -> Element | None:
    """The child of this tag, or None, in a branch that `refuse_doubles` let go on."""
    return element.find(tag) if element is not None else None


def required(element: Element, tag: str) -> Element:
    """The child of this tag; two of them are for `refuse_doubles` to find."""
    found = element.find(tag)
    if found is None:
        raise BrokenSeedFile(f"{local_name(element)} has no {tag.rpartition('}')[2]}", node=element)
    return found


def text_of(element: Element) -> str:
    """The text of an element that holds nothing else."""
    if len(element):
        raise BrokenSeedFile(f"{local_name(element)} holds elements where text should be", node=element)
    return (element.text or "").strip(WHITE)


def local_name(element: Element) -> str:
    """The tag without its namespace."""
    return str(element.tag).rpartition("}")[2]


def guarded(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same pieces, after it is certain that no document type stands before the root: after it none can."""
    guard: Any = expat.ParserCreate()
    begun = [False]

    def refuse(*_: Any) -> None:
        where = f"line {guard.CurrentLineNumber}"
        raise BrokenSeedFile("a document type or an entity is not allowed here", where=where)

    def begin(*_: Any) -> None:
        begun[0] = True

    guard.StartDoctypeDeclHandler = guard.EntityDeclHandler = guard.ExternalEntityRefHandler = refuse
    guard.StartElementHandler = begin
    seen = 0
    for piece in pieces:
        if not begun[0]:
            seen += len(piece)
            try:
                guard.Parse(piece, False)
            except expat.ExpatError as error:
                if not any(begun):
                    where = f"line {error.lineno}"
                    raise BrokenSeedFile("the XML is not well-formed, or cut off", where=where) from None
            if seen > HEAD_OCTETS_MAX and not any(begun):
                raise BrokenSeedFile("the XML begins with too much that is no element", where=f"line {guard.CurrentLineNumber}")
        yield piece


def small_pieces(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The octets in pieces of limited size, however they come."""
    for chunk in chunks:
        for start in range(0, len(chunk), FEED_OCTETS):
            yield chunk[start : start + FEED_OCTETS]


def _depth(branch: Element) -> int:
    """How many elements stand in one another; stops where it is too many."""
    level, depth = [branch], 1
    while level and depth <= DEPTH_MAX:
        level, depth = [child for element in level for child in element], depth + 1
    return depth


def _text_length(branch: Element) -> int:
    return sum(len(element.text or "") + len(element.tail or "") for element in branch.iter())


def _path(branch: Element, node: Element) -> tuple[int, ...]:
    if branch is node:
        return ()
    for place, child in enumerate(branch):
        if child is node:
            return (place,)
        below = _path(child, node)
        if below:
            return (place, *below)
    return ()


class _Found(Exception):
    """The element was reached."""


def _locate(chunks: Iterable[bytes], path: tuple[int, ...]) -> int:
    """The line of the element that this path of child numbers leads to; of the last one if the octets end before."""
    parser: Any = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = _walker(path)
    try:
        for piece in small_pieces(chunks):
            parser.Parse(piece, False)
    except (_Found, expat.ExpatError):
        pass
    return int(parser.CurrentLineNumber)


def _walker(path: tuple[int, ...]) -> tuple[Callable[..., None], Callable[..., None]]:
    """Handlers that stop where `path` leads."""
    depth, on_path = -1, 0  # how deep we are, and how many steps of the path the open elements make
    counts = [0] * (len(path) + 1)

    def start(*_: Any) -> None:
        nonlocal depth, on_path
        if depth == on_path and on_path < len(path):
            if counts[depth] == path[depth]:
                on_path += 1
            counts[depth] += 1
        depth += 1
        if depth == on_path == len(path):
            raise _Found

    def end(*_: Any) -> None:
        nonlocal depth
        depth -= 1

    return start, end
