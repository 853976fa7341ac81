"""Clients that take their time, on a real server: nobody else waits, nothing unfinished counts, and their time is bounded."""

import itertools
import json
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from chaos.site import codes, guesses
from chaos.wire import Gone, Wire, head, request
from tests.edges.http.door import Door, open_door

PATIENCE_S = 15
"""A client may take that long to finish a request; then the connection is for others."""

MUCH_OCTETS = 24 * 2**20
"""Far more than both systems keep for a connection."""


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with open_door(tmp_path_factory.mktemp("slow"), 20) as door:
        yield door


@pytest.mark.slow
def test_a_slow_client_keeps_nobody_waiting_and_is_ended(door: Door) -> None:
    """A verification that trickles in, octet by octet, in its headers or its body; and one that never begins. What a client
    sent before does not buy it more time."""
    serial = door.fresh()
    before = door.row(serial)
    body = json.dumps({"serial": serial, "code": guesses(serial, 1)[0]}).encode()
    used = request(door.site.key, serial="nobody", code="12345678")
    slow = {
        "headers": (b"POST /v1/verifications HTTP/1.1\r\nHost: x\r\nX-Slow: ", itertools.repeat(b"x")),
        "more and more headers": (b"POST /v1/verifications HTTP/1.1\r\n", itertools.repeat(b"A: b\r\n")),
        "body": (head(door.site.key, 60_000) + body, itertools.repeat(b" ")),
        "body without a key": (head("", 60_000), itertools.repeat(b" ")),
        "body in chunks": (head(door.site.key, None, "Transfer-Encoding: chunked"), itertools.repeat(b"1\r\n \r\n")),
        "second request": (used + b"POST /v1/v", itertools.repeat(b"x")),
        "nothing": (b"", itertools.repeat(b"")),
    }
    with ExitStack() as held:
        wires = {name: held.enter_context(Wire(door.port)) for name in slow}
        for name, (start, _) in slow.items():
            wires[name].send(start)
        began, swift_until = time.monotonic(), 3
        while wires and time.monotonic() - began < PATIENCE_S:
            for name, wire in list(wires.items()):
                try:
                    wire.send(next(slow[name][1]))
                    over = wire.ended(0.03)
                except Gone:
                    over = True
                if over:
                    del wires[name]
            if swift_until:
                swift_until -= 1
                door.assert_swift()
        assert sorted(wires) == [], f"{PATIENCE_S} s later these still hold their connections"
    assert door.row(serial) == before


def test_a_hundred_slow_clients_keep_nobody_waiting(door: Door) -> None:
    with ExitStack() as held:
        for number in range(100):
            wire = held.enter_context(Wire(door.port))
            wire.send(head(door.site.key, 200) + b"{" if number % 2 else b"POST /v1/verifications HTTP/1.1\r\nHost: ")
        door.assert_swift()
    door.assert_swift()


def test_a_client_that_is_merely_slow_is_served(door: Door) -> None:
    """Two seconds from the first octet to the last: a bad line, and no attack."""
    serial = door.fresh()
    octets = request(door.site.key, serial=serial, code=codes(serial, 1)[0])
    with Wire(door.port) as wire:
        for start in range(0, len(octets), len(octets) // 10):
            wire.send(octets[start : start + len(octets) // 10])
            time.sleep(0.2)
        assert wire.read().reason == "accepted"


@pytest.mark.parametrize("with_key", [True, False], ids=["with a key", "without a key"])
def test_a_client_that_asks_and_never_listens_is_not_listened_to(door: Door, with_key: bool) -> None:
    """Its answers wait in the line; what waits must not grow without end."""
    asked = request(door.site.key if with_key else "", serial="nobody", code="12345678") * 100
    sent = 0
    with Wire(door.port) as wire:
        wire.patience(3)
        try:
            while sent < MUCH_OCTETS:
                wire.send(asked)
                sent += len(asked)
        except (TimeoutError, Gone):
            pass
        assert sent < MUCH_OCTETS, "all of it was taken"
        door.assert_swift()
