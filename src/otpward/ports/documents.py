"""Reading papers: a file comes in, pages come out on which the numbers of a person are painted over."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from otpward.core.model.document import Flaw
from otpward.core.policy.papers import Paper
from otpward.core.secret import PersonalOctets


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPage:
    """One page, covered: a JPEG made anew, which holds nothing of the file but what can be seen."""

    picture: PersonalOctets
    width: int
    height: int
    covers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPaper:
    """A paper that was read. `sure`: whatever such a paper bears was found; otherwise a person must look. `another`: it seems
    to be another paper than what was asked for; the member is asked."""

    pages: Sequence[ReadPage]
    sure: bool
    another: bool = False


@dataclass(frozen=True, slots=True)
class Patch:
    """Something to be covered by hand, as shares of the page's width and height."""

    page: int
    left: float
    top: float
    right: float
    bottom: float


class PaperReader(Protocol):
    """Opens and covers, in another process: what a file does to it, it does not do to the server."""

    def read(self, octets: bytes, paper: Paper | None) -> ReadPaper | Flaw:
        """The paper, covered, or why it cannot be taken.

        Raises:
            Unavailable: no reader is installed, or it could not be started.
        """
        ...

    def cover(self, pages: Sequence[PersonalOctets], patches: Sequence[Patch]) -> Sequence[ReadPage]:
        """The same pages with these patches painted over as well.

        Raises:
            Unavailable: as above.
        """
        ...

    def close(self) -> None:
        """Let go of the processes."""
        ...
