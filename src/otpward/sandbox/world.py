"""What the outside world remembers: messages, mails, parcels, accounts of the phone, counters of the tokens."""

import contextlib
import itertools
import os
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

import msgspec

from otpward.core.errors import Denied, Invalid, Unavailable

KEPT: Final = 1000
"""Messages and mails each; the oldest go, as on a phone that is full."""


class Profile(StrEnum):
    """Where a sandbox may stand."""

    DEMO = "demo"
    TEST = "test"


def allowed_profile(name: str) -> Profile:
    """Return the profile, or refuse: a mock that answers for a real gateway would swallow real messages."""
    try:
        return Profile(name)
    except ValueError:
        raise Denied("the sandbox runs only with --profile demo or test") from None


class Text(msgspec.Struct, frozen=True, kw_only=True):
    """A text message as the phone got it; `to` is E.164."""

    id: int
    to: str
    sender: str
    text: str
    kind: str
    at: datetime
    subject: str = ""
    via: str = "nhn"
    reference: str = ""
    """The sender's own, as gateways keep it."""
    group: str = ""
    """The gateway's own for the call that it came in."""
    state: str = "delivered"
    """`underway`, `delivered` or `lost`: taken, and never heard of again."""


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    """A mail as the mailbox got it."""

    id: int
    to: str
    sender: str
    subject: str
    text: str
    message_id: str
    at: datetime


class Leg(msgspec.Struct, frozen=True, kw_only=True):
    """One event of a parcel."""

    state: str
    place: str
    at: datetime


class Parcel(msgspec.Struct, frozen=True, kw_only=True):
    """A parcel and where it has been, oldest first; under `reference`, if its number was ordered."""

    number: str
    legs: tuple[Leg, ...]
    reference: str = ""

    @property
    def state(self) -> str:
        """Where it is now."""
        return self.legs[-1].state


class PostMood(msgspec.Struct, frozen=True, kw_only=True):
    """How the post office does today: whether it answers at all, and after how many seconds it tells what happened."""

    down: bool = False
    delay_s: int = 0


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the authenticator app. The seed lies here as openly as on any phone; that is the outside world's affair."""

    id: int
    issuer: str
    name: str
    seed: bytes
    algorithm: str
    digits: int
    period_s: int


class Memory(msgspec.Struct, kw_only=True):
    """All that survives a restart. `templates` are those that KakaoTalk approved, beside the ones it always has."""

    last_id: int = 0
    texts: list[Text] = []
    mails: list[Mail] = []
    parcels: dict[str, Parcel] = {}
    post: PostMood = PostMood()
    accounts: list[Account] = []
    counters: dict[str, int] = {}
    clocks_off_s: dict[str, int] = {}
    templates: dict[str, str] = {}

    def next_id(self) -> int:
        """A number that was never given before."""
        self.last_id += 1
        return self.last_id


class Display(msgspec.Struct, frozen=True, kw_only=True):
    """The number on a token's display, and when the display goes dark. Not kept: a restart blanks all displays."""

    code: str
    until: datetime


def read_journal(file: Path) -> list[Text]:
    """The texts of a journal; a last line that was not finished is left out."""
    if not file.exists():
        return []
    lines = file.read_bytes().split(b"\n")
    return [msgspec.json.decode(line, type=Text) for line in lines[:-1] if line]


class Journal:
    """Texts, one to a line: new ones are added, and the file begins anew when most of it is forgotten."""

    def __init__(self, file: Path, texts: list[Text]) -> None:
        self._file = file
        self._last = 0
        self._lines = 0
        self._begin(texts)

    def keep(self, texts: list[Text]) -> None:
        """Add those that are new."""
        new = list(itertools.takewhile(lambda text: text.id > self._last, reversed(texts)))[::-1]
        if self._lines + len(new) > 2 * len(texts) + KEPT:
            self._begin(texts)
        elif new:
            self._write(new, os.O_APPEND)

    def _begin(self, texts: list[Text]) -> None:
        self._lines = 0
        if texts or self._file.exists():
            self._write(texts, os.O_TRUNC)

    def _write(self, texts: list[Text], how: int) -> None:
        with open(os.open(self._file, os.O_WRONLY | os.O_CREAT | how, 0o600), "wb") as file:  # noqa: PTH123 - owner only
            file.write(b"".join(msgspec.json.encode(text) + b"\n" for text in texts))
        self._lines += len(texts)
        self._last = max((self._last, *(text.id for text in texts)))


class World:
    """The memory, the file it is kept in, and the time it goes by."""

    def __init__(self, folder: Path, memory: Memory, *, profile: Profile, clock: Callable[[], datetime]) -> None:
        self.folder = folder
        self.memory = memory
        self.profile = profile
        self.now = clock
        self.slow_s = 20.0
        self.kept = KEPT
        self.displays: dict[str, Display] = {}
        self.used_signatures: dict[str, datetime] = {}
        self._lock = threading.RLock()
        self._journal = Journal(folder / "texts.jsonl", memory.texts)

    @classmethod
    def open(cls, folder: Path, *, profile: Profile, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> "World":
        """Remember what the file says; a world without a file is new."""
        file = folder / "world.json"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            memory = msgspec.json.decode(file.read_bytes(), type=Memory) if file.exists() else Memory()
            texts = [*memory.texts, *read_journal(folder / "texts.jsonl")]
            memory.texts = list({text.id: text for text in texts}.values())
            memory.last_id = max((memory.last_id, *(text.id for text in memory.texts)))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise Invalid(f"{file} cannot be read; move it away to start with an empty world") from None
        except OSError as fault:
            raise Unavailable(f"{folder} cannot be used: {fault.strerror}") from None
        return cls(folder, memory, profile=profile, clock=clock)

    @contextlib.contextmanager
    def changing(self) -> Iterator[Memory]:
        """One change at a time; it is in the file, whole or not at all, before anyone hears of it. Texts, which can be many
        thousands, are added to a file of their own."""
        with self._lock:
            yield self.memory
            del self.memory.texts[: -self.kept], self.memory.mails[: -self.kept]
            self._journal.keep(self.memory.texts)
            fresh = self.folder / "world.json.new"
            with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:  # noqa: PTH123 - owner only
                file.write(msgspec.json.encode(msgspec.structs.replace(self.memory, texts=[])))
            fresh.replace(self.folder / "world.json")
