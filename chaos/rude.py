"""Clients that go away in the middle, again and again: the writer goes on for everybody else."""

import socket
import struct
import time
from typing import Final

from chaos.findings import Finding
from chaos.site import CODE_DIGITS, Site, codes
from chaos.wire import Wire, request

CONNECTIONS: Final = 50
SETTLE_S: Final = 60
CALM_S: Final = 2.0
_RESET: Final = struct.pack("ii", 1, 0)


def hang_up(site: Site, engine: str, rounds: int) -> Finding:
    """50 connections send a verification each and close at once, in three ways; afterwards the next code of each token is
    accepted, at once, and nothing was accepted that the mark does not show."""
    found = Finding("hang-up", engine, rounds)
    serials = [f"H{number}" for number in range(CONNECTIONS)]
    site.add_tokens(dict.fromkeys(serials, "v"))
    known = {serial: codes(serial, rounds + 1) for serial in serials}
    site.serve("web", "web")
    for number in range(rounds):
        for place, serial in enumerate(serials):
            octets = request(site.key, serial=serial, code=known[serial][number])
            _leave(site.ports[place % len(site.ports)], octets, (number + place) % 3)
            found.counts["connections closed in the middle"] += 1
    deadline = time.monotonic() + SETTLE_S
    while (took := _slowest(site)) > CALM_S and time.monotonic() < deadline:
        pass
    found.expect(took <= CALM_S, f"{SETTLE_S} s later an answer still takes {took:.1f} s")
    rows, before = site.tokens(serials), None
    while rows != before and time.monotonic() < deadline:  # what was asked may still wait for its turn
        time.sleep(1)
        rows, before = site.tokens(serials), rows
    for place, serial in enumerate(serials):
        mark = rows[serial].high_water
        with Wire(site.ports[place % len(site.ports)]) as wire:
            used = wire.ask(request(site.key, serial=serial, code=known[serial][mark])).reason if mark >= 0 else "replayed"
            following = wire.ask(request(site.key, serial=serial, code=codes(serial, 1, mark + 1)[0])).reason
        found.expect((used, following) == ("replayed", "accepted"), f"{serial}: mark {mark}, then {used} and {following}")
        found.counts["tokens whose next code was accepted"] += following == "accepted"
    return found.done()


def _leave(port: int, octets: bytes, how: int) -> None:
    """Send and go: in order, with a reset, or before the last octet was sent."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as one:
        if how == 1:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        one.sendall(octets[:-1] if how == 2 else octets)


def _slowest(site: Site) -> float:
    """How long the slower of the servers takes to answer."""
    took: list[float] = []
    for port in site.ports:
        began = time.monotonic()
        with Wire(port) as wire:
            wire.ask(request(site.key, serial="nobody", code="0" * CODE_DIGITS))
        took.append(time.monotonic() - began)
    return max(took)
