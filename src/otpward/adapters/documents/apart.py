"""The server's side: files go to a process of their own each, their pages to the one that reads, one file at a time.

The server itself never decodes, and imports neither Pillow nor what reads. What a file does in there — a crash, a loop, more
memory than there is — comes back as a sentence for whoever sent it.
"""

import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any, Final

import structlog

from otpward.adapters.child import deadline, end_child, pipes, start_child
from otpward.adapters.documents.frames import put, take
from otpward.core.errors import Unavailable
from otpward.core.formats.picture import sight
from otpward.core.model.document import Flaw
from otpward.core.policy.covering import Found, enough
from otpward.core.policy.papers import Paper
from otpward.core.policy.recognising import is_another
from otpward.core.secret import PersonalOctets
from otpward.ports.documents import Patch, ReadPage, ReadPaper

_OPEN_S: Final = 20.0
_READ_S: Final = 60.0
_QUIET_S: Final = 120.0
"""A reader that nobody asked for so long is let go: it holds half a gigabyte."""
_FEWEST_LETTERS: Final = 6
_LINES_OF_A_PAPER: Final = 3
_ENVIRONMENT: Final = {"OMP_NUM_THREADS": "2", "ORT_DISABLE_TELEMETRY": "1"}

_log = structlog.get_logger()


def is_installed() -> bool:
    """Whether files can be opened here at all (the extra `documents`)."""
    return find_spec("PIL") is not None and find_spec("pypdfium2") is not None


class ApartReader:
    """Opens and covers in other processes. Calls from several threads take turns."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._reader: subprocess.Popen[bytes] | None = None
        self._quiet: threading.Timer | None = None

    def read(self, octets: bytes, paper: Paper | None) -> ReadPaper | Flaw:
        """The paper, covered, or why it cannot be taken; raises `Unavailable`."""
        sighted = sight(octets)
        if isinstance(sighted, Flaw):
            return sighted
        pages: list[ReadPage] = []
        heads: list[dict[str, Any]] = []
        with self._turn, self._reading() as reader:
            for opened in _open(octets):
                if isinstance(opened, Flaw):
                    return opened
                answered = _ask(reader, {**opened[0], "look": True, "paper": paper}, opened[1])
                if isinstance(answered, Flaw):
                    return answered
                pages.append(_page(*answered))
                heads.append(answered[0])
        if not all(head["looked"] for head in heads):
            return ReadPaper(pages=pages, sure=False)
        another = is_another([[Paper(sign) for sign in head["signs"]] for head in heads], paper)
        return _illegible(heads) or ReadPaper(pages=pages, sure=_is_sure(heads, paper), another=another)

    def cover(self, pages: Sequence[PersonalOctets], patches: Sequence[Patch]) -> Sequence[ReadPage]:
        """The same pages with these patches painted over as well; raises `Unavailable`."""
        painted: list[ReadPage] = []
        with self._turn, self._reading() as reader:
            for number, page in enumerate(pages):
                mine = [(one.left, one.top, one.right, one.bottom) for one in patches if one.page == number]
                for opened in _open(page.reveal()):
                    if isinstance(opened, Flaw):
                        raise Unavailable(f"a page of ours did not open: {opened}")
                    answered = _ask(reader, {**opened[0], "look": False, "paper": None, "patches": mine}, opened[1])
                    if isinstance(answered, Flaw):
                        raise Unavailable("the reader did not paint")
                    painted.append(_page(*answered))
        return painted

    def close(self) -> None:
        """Let the reader go."""
        with self._turn:
            self._let_go()

    @contextmanager
    def _reading(self) -> Iterator[subprocess.Popen[bytes]]:
        if self._quiet is not None:
            self._quiet.cancel()
        if self._reader is None or self._reader.poll() is not None:
            self._let_go()
            self._reader = start_child("otpward.adapters.documents.reading", environment=_ENVIRONMENT)
            _hear_ready(self._reader)
        finished = False
        try:
            yield self._reader
            finished = True
        finally:
            if not finished or self._reader.poll() is not None:
                self._let_go()
            else:
                self._quiet = threading.Timer(_QUIET_S, self.close)
                self._quiet.daemon = True
                self._quiet.start()

    def _let_go(self) -> None:
        if self._quiet is not None:
            self._quiet.cancel()
        if self._reader is not None:
            end_child(self._reader)
            self._reader = None


def _open(octets: bytes) -> Iterator[tuple[dict[str, Any], bytes] | Flaw]:
    """The pages of a file, from a process that lives for this file alone."""
    process = start_child("otpward.adapters.documents.opening", environment=_ENVIRONMENT)
    with deadline(process, _OPEN_S):
        try:
            given, got = pipes(process)
            given.write(octets)
            given.close()
            while True:
                head, body = take(got)
                if "flaw" in head:
                    yield Flaw(head["flaw"])
                    return
                if "end" in head:
                    return
                yield {"width": head["width"], "height": head["height"]}, body
        except (EOFError, OSError):
            yield Flaw.TOO_HEAVY
        finally:
            end_child(process)


def _ask(reader: subprocess.Popen[bytes], head: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytes] | Flaw:
    with deadline(reader, _READ_S):
        try:
            given, got = pipes(reader)
            put(given, head, body)
            return take(got)
        except (EOFError, OSError):
            _log.error("document_reader_died", status=reader.poll())
            end_child(reader)
            return Flaw.TOO_HEAVY


def _is_sure(heads: Sequence[dict[str, Any]], paper: Paper | None) -> bool:
    found = [(Found(name), sure) for head in heads for name, sure in head["found"]]
    return enough(found, paper)


def _illegible(heads: Sequence[dict[str, Any]]) -> Flaw | None:
    """A photograph of nothing has no writing; one out of focus has lines of it that nobody can read."""
    if sum(head["letters"] for head in heads) >= _FEWEST_LETTERS:
        return None
    return Flaw.BLURRED if sum(head["lines"] for head in heads) >= _LINES_OF_A_PAPER else Flaw.NOTHING_ON_IT


def _page(head: dict[str, Any], body: bytes) -> ReadPage:
    return ReadPage(picture=PersonalOctets(body), width=head["width"], height=head["height"], covers=head["covers"])


def _hear_ready(process: subprocess.Popen[bytes]) -> None:
    with deadline(process, _READ_S):
        try:
            take(pipes(process)[1])
        except (EOFError, OSError):
            end_child(process)
            raise Unavailable("the reading process does not start") from None
