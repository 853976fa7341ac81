"""kill -9 in the middle of the load: what was acknowledged is true afterwards, of accepts and of failures."""

import os
import random
import signal
import time
from typing import Final

from chaos.findings import Finding
from chaos.ground import Ground
from chaos.load import LIMIT, Load
from chaos.site import Site, guesses
from chaos.wire import Gone, Wire, request
from otpward.core.lifecycle.token import Hold

GUESS_TOKENS_A_ROUND: Final = 40
RECOVER_S: Final = 60
AGAIN: Final = frozenset({"replayed", "wrong_code", "locked"})


def kills(ground: Ground, rounds: int) -> Finding:
    """Each round kills under load: the server; what it has started (with SQLite the writer), while it lives; with PostgreSQL
    server and database; the database alone. Who stays alive must find back by itself."""
    found = Finding("kill", ground.engine, rounds)
    load = Load(ground.site, GUESS_TOKENS_A_ROUND * rounds)
    chance = random.Random(20261123)
    ground.site.serve()
    back_s: list[float] = []
    for number in range(rounds):
        before = dict(load.ledger.newest)
        began = set(load.ledger.guessed)
        with load.running():
            time.sleep(chance.uniform(0.4, 1.2))
            victims = _kill(ground, number)
        found.counts[f"kills of {' and '.join(victims)}"] += 1
        killed = time.monotonic()
        if "database" in victims and ground.postgres is not None:
            ground.postgres.start()
        compare_rows(load, found, sorted(set(load.ledger.guessed) - began))
        if "server" in victims:
            ground.site.serve()
        else:
            await_answer(ground.site, found)
        back_s.append(time.monotonic() - killed)
        send_again(load, found, {serial: code for serial, code in load.ledger.newest.items() if before.get(serial) != code})
        guess_on(load, found, [serial for serial in load.ledger.guessed if serial not in began][:10])
    ground.site.kill()
    compare_audit(load, found)
    found.counts["accepts acknowledged"] = load.ledger.accepts
    found.counts["failures acknowledged"] = sum(line.acknowledged for line in load.ledger.guessed.values())
    found.counts["good codes without an answer"] = load.ledger.others.pop("no answer", 0)
    found.counts.update({f"other answers under load, {what}": count for what, count in load.ledger.others.items()})
    found.expect(not any("http 500" in what for what in load.ledger.others), "a fault (500) under load")
    found.expect(found.counts["accepts acknowledged"] > 20 * rounds, "this was no load")
    found.expect(not ground.site.orphans, f"{len(ground.site.orphans)} processes outlived the server that had started them")
    found.median("seconds until it answers again (and rows compared)", back_s)
    return found.done()


def _kill(ground: Ground, number: int) -> tuple[str, ...]:
    """Take turns; return who was killed."""
    server, site = ground.site.servers[0], ground.site
    if ground.postgres is None:
        children = server.children() if number % 2 else []
        for pid in children:
            os.kill(pid, signal.SIGKILL)
        if children:
            return ("the server's writer",)
        site.kill()
        return ("server",)
    victims = (("server",), ("server", "database"), ("database",))[number % 3]
    if "server" in victims:
        site.kill()
    if "database" in victims:
        ground.postgres.kill()
    return victims


def compare_rows(load: Load, found: Finding, guessed: list[str]) -> None:
    """In the database as the kill left it: each mark is at or above the newest acknowledged code, each count of failures is
    what was said, or one more where an answer was under way."""
    rows = load.site.tokens([*load.ledger.newest, *guessed])
    for serial, newest in load.ledger.newest.items():
        found.expect(rows[serial].high_water >= newest, f"{serial}: acknowledged {newest}, mark {rows[serial].high_water}")
    for serial in guessed:
        line, row = load.ledger.guessed[serial], rows[serial]
        known = range(line.acknowledged, line.acknowledged + line.unknown + 1)
        found.expect(row.failures_total in known, f"{serial}: {line} but {row.failures_total} in the row")
        found.expect(line.tries_left == LIMIT - line.acknowledged, f"{serial}: {line}")
        locked = Hold.LOCKED in row.holds
        found.expect(locked == (row.failures_total == LIMIT), f"{serial}: {row.failures_total}, {row.holds}")


def await_answer(site: Site, found: Finding) -> None:
    """The server that stayed alive works again, without being started anew."""
    deadline = time.monotonic() + RECOVER_S
    while time.monotonic() < deadline:
        try:
            with Wire(site.servers[0].port) as wire:
                if wire.ask(request(site.key, serial="nobody", code="12345678")).status == 200:
                    return
        except (Gone, OSError):
            pass
        time.sleep(0.05)
    found.expect(False, "the server did not find back to the database")


def send_again(load: Load, found: Finding, newest: dict[str, int]) -> None:
    """The newest acknowledged code of each token once more: it is not accepted."""
    with Wire(load.site.servers[0].port) as wire:
        for serial, place in newest.items():
            said = wire.ask(request(load.site.key, serial=serial, code=load.codes[serial][place])).reason
            found.counts["acknowledged codes sent again"] += 1
            found.counts["accepted again"] += said == "accepted"
            found.expect(said in AGAIN, f"{serial}: code {place} sent again: {said}")


def guess_on(load: Load, found: Finding, serials: list[str]) -> None:
    """One more wrong code: the tries left go on from the row."""
    rows = load.site.tokens(serials)
    with Wire(load.site.servers[0].port) as wire:
        for serial in serials:
            answer = wire.ask(request(load.site.key, serial=serial, code=guesses(serial, 1)[0]))
            wanted = max(0, LIMIT - rows[serial].failures_total - 1)
            found.expect(answer.json.get("tries_left") == wanted, f"{serial}: {answer.json}, expected {wanted} left")


def compare_audit(load: Load, found: Finding) -> None:
    """Each acknowledged answer has its line, under its id; and at most those without an answer have one on top."""
    ledger = load.ledger
    accepted = {serial: (ledger.accepted[serial], ledger.unknown[serial]) for serial in load.serials}
    refused = {serial: (line.ids, line.unknown) for serial, line in ledger.guessed.items()}
    with load.site.opened() as (opened, inside):
        for event, known in (("code:accepted", accepted), ("code:refused", refused)):
            for serial, (ids, unknown) in known.items():
                token = opened.house.look(inside, lambda uow, s=serial: uow.tokens.first(serial=s))  # type: ignore[misc]
                lines = opened.house.look(
                    inside,
                    lambda uow, t=token, e=event: uow.audit.find(event=e, subject_id=t.id, limit=10**6),  # type: ignore[misc]
                )
                found.counts[f"audit lines, {event}"] += len(lines)
                missing = set(ids) - {str(line.id) for line in lines}
                found.counts["acknowledged answers without an audit line"] += len(missing)
                found.expect(not missing, f"{serial}: {event}, {len(missing)} of {len(ids)} answers are not in the audit")
                if event == "code:accepted":
                    most = range(len(ids), len(ids) + unknown + 1)
                    found.expect(len(lines) in most, f"{serial}: {len(lines)} audit lines of an accept, {most} expected")
