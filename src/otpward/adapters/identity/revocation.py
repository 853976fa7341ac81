"""Whether certificates still hold, asked over HTTP: OCSP first, then the list. Nobody's silence counts as a yes.

The addresses come out of certificates, so they are asked only where the institution has said that its authorities live. LDAP
is not spoken.
"""

import re
import threading
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from itertools import islice, pairwise
from typing import Final, Generic, TypeVar

import httpx

from otpward.adapters.identity.visit import VISIT_S, Visit
from otpward.core.errors import Invalid, Unavailable
from otpward.core.formats.x509.certificate import Card
from otpward.core.formats.x509.crl import RevocationList, check_listed, read_list
from otpward.core.formats.x509.flaws import Flaw, Flawed
from otpward.core.formats.x509.ocsp import make_question, read_answer
from otpward.core.formats.x509.path import Anchors
from otpward.ports.surroundings import Entropy

NONCE_OCTETS: Final = 16

ANSWER_KEPT: Final = timedelta(hours=1)
"""A "good" is kept no longer, whatever it says of itself: some authorities let theirs hold for a week."""

LIST_KEPT: Final = timedelta(hours=24)

LIST_LIMIT: Final = 4 * 1024 * 1024
"""Octets. The parts of yessign's list have a few ten thousand; others publish theirs whole."""

ANSWERS_MAX: Final = 4096
LISTS_MAX: Final = 32
ADDRESSES_MAX: Final = 2
"""Of each kind in one certificate: a certificate cannot send us round."""

ADDRESS: Final = re.compile(r"(https?)://([a-z0-9.-]{1,253})(?::([0-9]{1,5}))?((?:/[A-Za-z0-9._~!$&'()*+,;=:%/?-]{0,400})?)")
"""So narrow that no two readers of it can disagree about the host."""

HOST: Final = re.compile(r"[a-z0-9.-]{1,253}(:[0-9]{1,5})?")

USUAL_PORTS: Final = {"http": "80", "https": "443"}

V = TypeVar("V")


class Kept(Generic[V]):
    """Answers for as long as they hold; the oldest go when there are too many."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: dict[tuple[bytes, str], tuple[datetime, V]] = {}
        self._lock = threading.Lock()

    def get(self, key: tuple[bytes, str], now: datetime) -> V | None:
        """What is known now."""
        with self._lock:
            until, value = self._held.get(key, (now, None))
            return value if now < until else None

    def put(self, key: tuple[bytes, str], value: V, until: datetime) -> None:
        """Keep it."""
        with self._lock:
            self._held.pop(key, None)
            while len(self._held) >= self._most:
                del self._held[next(iter(self._held))]
            self._held[key] = until, value


class Revocation:
    """Asks the authorities' own services. `hosts` are the names that may be asked, with a port where it is not the usual."""

    def __init__(self, *, http: httpx.Client, hosts: Collection[str], entropy: Entropy, whole_s: float = VISIT_S) -> None:
        self._http = http
        for host in hosts:
            if not HOST.fullmatch(host):
                raise Invalid(f"{host!r} is no host name, such as ocsp.authority.example", field="hosts")
        self._hosts = frozenset(hosts)
        self._entropy = entropy
        self._whole_s = whole_s
        self._answers: Kept[bool] = Kept(ANSWERS_MAX)
        self._lists: Kept[RevocationList] = Kept(LISTS_MAX)

    def check(self, path: Sequence[Card], anchors: Anchors, *, now: datetime) -> None:
        """Every certificate of the path holds, save those that the institution itself pinned.

        Raises:
            Flawed: one was revoked, or an answer is not to be believed, or there is nobody to ask.
            Unavailable: nobody answered within the time.
        """
        visit = Visit(self._http, self._whole_s)
        for card, issuer in pairwise(path):
            if card not in anchors.between:
                self._check(visit, card, issuer, now)

    def _check(self, visit: Visit, card: Card, issuer: Card, now: datetime) -> None:
        key = (issuer.der, str(card.serial))
        if self._answers.get(key, now):
            return
        asked = False
        for address in islice(filter(self._may_ask, card.ocsp_urls), ADDRESSES_MAX):
            asked = True
            until = self._answer(visit, address, card, issuer, now)
            if until is not None:
                self._answers.put(key, True, min(until, now + ANSWER_KEPT))
                return
        self._check_listed(visit, card, issuer, now, asked=asked)

    def _answer(self, visit: Visit, address: str, card: Card, issuer: Card, now: datetime) -> datetime | None:
        """Until when the responder says that it holds; None if it says nothing."""
        nonce = self._entropy.octets(NONCE_OCTETS)
        headers = {"Content-Type": "application/ocsp-request", "Accept": "application/ocsp-response"}
        try:
            answer = visit.ask("POST", address, headers=headers, content=make_question(card, issuer, nonce), others=True)
        except Unavailable:
            return None
        if answer.status != 200:
            return None
        holds = read_answer(answer.body, card=card, issuer=issuer, nonce=nonce, now=now)
        if holds is None:
            return None
        if holds.delegate is not None:
            self._check_listed(visit, holds.delegate, issuer, now, asked=False)
        return holds.until

    def _check_listed(self, visit: Visit, card: Card, issuer: Card, now: datetime, *, asked: bool) -> None:
        places = ((address, point) for point in card.crl_points for address in sorted(point) if self._may_ask(address))
        for address, point in islice(places, ADDRESSES_MAX):
            asked = True
            held = self._list(visit, address, issuer, now)
            if held is not None:
                check_listed(held, card, point)
                return
        if asked:
            raise Unavailable("nobody says whether the certificate still holds")
        raise Flawed(Flaw.NOBODY_TO_ASK)

    def _list(self, visit: Visit, address: str, issuer: Card, now: datetime) -> RevocationList | None:
        key = (issuer.der, address)
        held = self._lists.get(key, now)
        if held is None:
            try:
                answer = visit.ask("GET", address, limit=LIST_LIMIT, others=True)
            except Unavailable:
                return None
            if answer.status != 200:
                return None
            held = read_list(answer.body, issuer=issuer, now=now)
            self._lists.put(key, held, min(held.until, now + LIST_KEPT))
        return held

    def _may_ask(self, address: str) -> bool:
        read = ADDRESS.fullmatch(address)
        if read is None:
            return False
        scheme, host, port = read[1], read[2], read[3]
        return f"{host}:{port}" in self._hosts if port and port != USUAL_PORTS[scheme] else host in self._hosts
