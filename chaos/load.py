"""Verifications from several threads, and a ledger of what the server acknowledged; what it did not answer is unknown."""

import contextlib
import itertools
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from chaos.site import Site, codes, guesses
from chaos.wire import Answer, Gone, Wire, request

LIMIT: Final = 10
USERS: Final = 6
TOKENS_EACH: Final = 8
CODES_EACH: Final = 3000
GUESSERS: Final = 3
GOING_S: Final = 30


@dataclass(slots=True)
class Guessed:
    """What the server said of the wrong codes of one token: how many it acknowledged, and the tries it left at the last."""

    acknowledged: int = 0
    tries_left: int = LIMIT
    unknown: int = 0
    ids: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Ledger:
    """What is known outside: the ids of the answers that accepted, the newest accepted code's place. One thread writes each
    token's line."""

    accepted: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    newest: dict[str, int] = field(default_factory=dict)
    unknown: Counter[str] = field(default_factory=Counter)
    guessed: dict[str, Guessed] = field(default_factory=dict)
    others: Counter[str] = field(default_factory=Counter)

    @property
    def accepts(self) -> int:
        """How many were acknowledged."""
        return sum(map(len, self.accepted.values()))


class Load:
    """Users who enter each code of their tokens once, and guessers who try fresh tokens until they are locked."""

    def __init__(self, site: Site, guess_tokens: int) -> None:
        self.site = site
        self.ledger = Ledger()
        self.serials = [f"U{number}" for number in range(USERS * TOKENS_EACH)]
        self._fresh = iter([f"W{number}" for number in range(guess_tokens)])
        site.add_tokens(dict.fromkeys([*self.serials, *(f"W{number}" for number in range(guess_tokens))], "v"))
        self.codes: Mapping[str, list[str]] = {serial: codes(serial, CODES_EACH) for serial in self.serials}
        self._next: Counter[str] = Counter()
        self._turn, self._stop = threading.Lock(), threading.Event()

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Load for as long as the context lasts."""
        self._stop.clear()
        shares = [self.serials[place::USERS] for place in range(USERS)]
        threads = [threading.Thread(target=self._use, args=(share,)) for share in shares]
        threads += [threading.Thread(target=self._guess) for _ in range(GUESSERS)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            for thread in threads:
                thread.join()

    def await_accepts(self, count: int) -> None:
        """Return once there were so many; raises if the server does not get going."""
        deadline = time.monotonic() + GOING_S
        while self.ledger.accepts < count:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{self.ledger.accepts} accepts in {GOING_S} s: this is no load")
            time.sleep(0.05)

    def _use(self, mine: list[str]) -> None:
        ledger = self.ledger
        with self._wire() as wire:
            for serial in itertools.cycle(mine):
                place = self._next[serial]
                if self._stop.is_set() or place >= CODES_EACH:
                    return
                self._next[serial] += 1
                try:
                    answer = wire.ask(request(self.site.key, serial=serial, code=self.codes[serial][place]))
                except (Gone, OSError):
                    # Perhaps it was accepted. The window looks ahead, so the next code is good either way.
                    ledger.unknown[serial] += 1
                    ledger.others["no answer"] += 1
                    wire.close()
                    self._stop.wait(0.05)
                    continue
                if answer.reason == "accepted":
                    ledger.accepted[serial].append(answer.json["id"])
                    ledger.newest[serial] = place
                else:
                    ledger.unknown[serial] += nobody_knows(answer)
                    ledger.others[f"good code: {answer.reason}"] += 1

    def _guess(self) -> None:
        with self._wire() as wire:
            while not self._stop.is_set():
                with self._turn:
                    serial = next(self._fresh, None)
                if serial is None:
                    return
                line = self.ledger.guessed[serial] = Guessed()
                for code in guesses(serial, LIMIT):
                    if self._stop.wait(0.01):
                        return
                    try:
                        answer = wire.ask(request(self.site.key, serial=serial, code=code))
                    except (Gone, OSError):
                        line.unknown += 1
                        wire.close()
                        break
                    if answer.reason != "wrong_code":
                        line.unknown += nobody_knows(answer)
                        self.ledger.others[f"guess: {answer.reason}"] += 1
                        break
                    line.acknowledged += 1
                    line.ids.append(answer.json["id"])
                    line.tries_left = int(answer.json["tries_left"])

    @contextlib.contextmanager
    def _wire(self) -> Iterator[Wire]:
        wire = Wire(self.site.servers[0].port)
        try:
            yield wire
        finally:
            wire.close()


def nobody_knows(answer: Answer) -> bool:
    """Whether this answer leaves open what became of the code."""
    return answer.status >= 500 or answer.reason == "unconfirmed"
