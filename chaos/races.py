"""Races through two server processes: one code many times at once, many guesses at once."""

from collections import Counter
from typing import Final

from chaos.findings import Finding
from chaos.site import Site, codes, guesses
from chaos.wire import Volley, Wire, request
from otpward.core.lifecycle.token import Hold

AT_ONCE: Final = 32
GUESSES: Final = 200
LIMIT: Final = 10
"""Wrong codes in a row that lock a token."""


def replay_race(site: Site, engine: str, rounds: int) -> Finding:
    """The same valid code 32 times at once, half by serial and half by member: one is accepted, ten are looked at after it and
    refused as used, then the token is locked. A fresh token each round, since each ends locked."""
    found = Finding("replay-race", engine, rounds)
    serials = [f"R{number}" for number in range(rounds)]
    site.add_members(dict.fromkeys([f"r{number}" for number in range(rounds)], ""))
    site.add_tokens({serial: serial.lower() for serial in serials})
    site.serve("web", "web")
    with Volley(site.ports, AT_ONCE) as volley:
        for serial in serials:
            code = codes(serial, 1)[0]
            whose = {"serial": serial}, {"member": serial.lower()}
            requests = [request(site.key, code=code, **whose[place // 2 % 2]) for place in range(AT_ONCE)]
            told = Counter(answer.reason for answer in volley.fire(requests))
            found.counts.update(told)
            wanted = Counter(accepted=1, replayed=LIMIT, locked=AT_ONCE - LIMIT - 1)
            found.expect(told == wanted, f"{serial}: {dict(told)}")
            found.counts["rounds with not exactly one accept"] += told["accepted"] != 1
    site.kill()
    rows = site.tokens(serials)
    for serial in serials:
        row = rows[serial]
        after = (row.high_water, row.failures_total, row.holds)
        found.expect(after == (0, LIMIT, frozenset({Hold.LOCKED})), f"{serial}: afterwards {after}")
    with site.opened() as (opened, inside):
        lines = opened.house.look(inside, lambda uow: uow.audit.find(event="code:accepted", limit=10 * rounds))
    found.counts["audit lines of an accept"] = len(lines)
    found.expect(len(lines) == rounds, f"{len(lines)} audit lines of an accept after {rounds} rounds")
    found.median("ms from the first to the last octet sent", volley.spreads_ms)
    return found.done()


def lock_race(site: Site, engine: str, rounds: int) -> Finding:
    """200 different wrong codes at once: ten are evaluated. From then on nothing tells a right code from a wrong one."""
    found = Finding("lock-race", engine, rounds)
    serials = [f"G{number}" for number in range(rounds)]
    site.add_tokens(dict.fromkeys(serials, "v"))
    site.serve("web", "web")
    with Volley(site.ports, GUESSES) as volley:
        for serial in serials:
            wrong = guesses(serial, GUESSES + 1)
            answers = volley.fire([request(site.key, serial=serial, code=code) for code in wrong[1:]])
            told = Counter(answer.reason for answer in answers)
            found.counts.update(told)
            found.expect(told == Counter(wrong_code=LIMIT, locked=GUESSES - LIMIT), f"{serial}: {dict(told)}")
            for port in site.ports:
                for key in (site.key, site.plain_key):
                    pair = codes(serial, 1)[0], wrong[0]
                    with Wire(port) as wire:
                        right, other = (wire.ask(request(key, serial=serial, code=code)).without_id() for code in pair)
                    found.expect(right == other, f"{serial}: locked, a right code is told from a wrong one: {right} {other}")
                    found.counts["pairs of a right and a wrong code on a locked token"] += 1
    site.kill()
    rows = site.tokens(serials)
    for serial in serials:
        row = rows[serial]
        after = (row.high_water, row.failures_total, row.holds)
        found.expect(after == (-1, LIMIT, frozenset({Hold.LOCKED})), f"{serial}: afterwards {after}")
    found.median("ms from the first to the last octet sent", volley.spreads_ms)
    return found.done()
