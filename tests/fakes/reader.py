"""A reader of papers that opens nothing: it says at once what it was told to say."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from otpward.core.model.document import Flaw
from otpward.core.policy.papers import Paper
from otpward.core.secret import PersonalOctets
from otpward.ports.documents import Patch, ReadPage, ReadPaper

PICTURE = b"\xff\xd8\xff a picture on which the numbers are black \xff\xd9"
MORE = b"\xff\xd8\xff the same with more of it in black \xff\xd9"


def page(octets: bytes = PICTURE, covers: int = 2) -> ReadPage:
    """One page as the reader gives it."""
    return ReadPage(picture=PersonalOctets(octets), width=1300, height=1000, covers=covers)


@dataclass
class SetReader:
    """`says` is the next answer; what came is kept for the test to look at."""

    says: ReadPaper | Flaw = field(default_factory=lambda: ReadPaper(pages=[page()], sure=True))
    came: list[tuple[bytes, Paper | None]] = field(default_factory=list)
    patches: list[Patch] = field(default_factory=list)

    def read(self, octets: bytes, paper: Paper | None) -> ReadPaper | Flaw:
        self.came.append((octets, paper))
        return self.says

    def cover(self, pages: Sequence[PersonalOctets], patches: Sequence[Patch]) -> Sequence[ReadPage]:
        self.patches.extend(patches)
        return [page(MORE, len(patches)) for _ in pages]

    def close(self) -> None:
        """Nothing is held."""
