"""kill -9 under load: what was acknowledged is true after the restart, and nothing is half done."""

import contextlib
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from chaos.site import Site, codes, plain_environment
from otpward.core.lifecycle.others import RegistrationState
from otpward.core.lifecycle.token import Hold
from otpward.core.model.member import Member
from otpward.edges.workers.jobs import SENDERS
from tests.sandbox.running import Running, running_sandbox

pytestmark = pytest.mark.slow

VERIFIERS = 4
TOKENS_EACH = 3
CODES_EACH = 4_000
REPORTERS = 60
STARTED = 20
SETTINGS = """\
profile = "test"
institution = "hanbit"

[sms]
base_url = "{base_url}"
app_key = "sandbox"
secret_key_file = "sandbox.secret"
sender = "15880000"
"""


@dataclass
class Branch(Site):
    """An installation under load, and what was acknowledged so far."""

    stop: threading.Event = field(default_factory=threading.Event)
    accepted: list[tuple[str, int]] = field(default_factory=list)
    reported: list[str] = field(default_factory=list)
    next_code: Counter[str] = field(default_factory=Counter)
    next_reporter: int = 0
    last_reporter: int = 0

    def verify(self, client: httpx.Client, serial: str, code: str) -> str:
        answer = client.post("/v1/verifications", json={"serial": serial, "code": code})
        return str(answer.json()["reason"]) if answer.status_code == 200 else ""

    def keep_verifying(self, mine: list[str], known: dict[str, list[str]]) -> None:
        with self.client() as client, contextlib.suppress(httpx.HTTPError):
            while not self.stop.is_set():
                for serial in mine:
                    counter = self.next_code[serial]
                    if counter == CODES_EACH:
                        return
                    self.next_code[serial] += 1
                    if self.verify(client, serial, known[serial][counter]) == "accepted":
                        self.accepted.append((serial, counter))

    def keep_reporting(self) -> None:
        """One report after the other, until the server is gone: its absence is not to use up who is left to report."""
        with contextlib.suppress(httpx.HTTPError):
            while not self.stop.is_set() and self.next_reporter < self.last_reporter:
                login = f"l{self.next_reporter}"
                self.next_reporter += 1
                self.report(login)

    def report(self, login: str) -> None:
        with self.client() as client:
            client.headers["X-Forwarded-For"] = f"192.0.2.{login[1:]}"  # one address may report 30 times an hour
            form = client.get("/report-loss")
            hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form.text))
            fields = {**hidden, "kind": "lost", "member": login, "phone": phone(login)}
            answer = client.post("/report-loss", data=fields)
            if answer.status_code == 303 and answer.headers["location"].startswith("/report-loss/L-"):
                self.reported.append(login)


def phone(login: str) -> str:
    return f"+8210555{70000 + int(login[1:]) * 10 + 1}"


def set_up(site: Branch, outside: Running) -> list[str]:
    (site.data / "sandbox.secret").write_text("not-a-secret")
    site.found(SETTINGS.format(base_url=outside.base_url))
    serials = [f"V{number}" for number in range(VERIFIERS * TOKENS_EACH)]
    logins = [f"l{number}" for number in range(REPORTERS)]
    site.add_members({login: phone(login) for login in logins})
    site.add_tokens(dict.fromkeys(serials, "v") | {login.upper(): login for login in logins})
    return serials


def under_load(site: Branch, serials: list[str], known: dict[str, list[str]], seconds: float, reporters: int) -> None:
    """Verify and report from several threads, and kill the server in the middle of it."""
    site.stop.clear()
    site.last_reporter = site.next_reporter + reporters
    accepted, reported = len(site.accepted) + STARTED, len(site.reported) + 1
    mine = [serials[place::VERIFIERS] for place in range(VERIFIERS)]
    threads = [threading.Thread(target=site.keep_verifying, args=(some, known)) for some in mine]
    threads += [threading.Thread(target=site.keep_reporting) for _ in range(3)]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 30
    while (len(site.accepted) < accepted or len(site.reported) < reported) and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(seconds)
    site.kill()
    site.stop.set()
    for thread in threads:
        thread.join()


def assert_nothing_is_half_done(site: Branch) -> None:
    """In the database as the kill left it: report, hold, case, timeline, notice and audit stand or fall together."""
    with site.opened() as (opened, inside):
        house = opened.house
        reports = house.look(inside, lambda uow: uow.losses.find())
        members: dict[str, Member] = {one.login: one for one in house.look(inside, lambda uow: uow.members.find())}
        known = {report.member_id: report for report in reports}
        assert {members[login].id for login in site.reported} <= set(known)
        for number in range(REPORTERS):
            member = members[f"l{number}"]
            token = house.look(inside, lambda uow, n=number: uow.tokens.first(serial=f"L{n}"))  # type: ignore[misc]
            assert token is not None
            report = known.get(member.id)
            assert (Hold.LOST in token.holds) == (report is not None)
            cases = house.look(inside, lambda uow, m=member: uow.cases.find(member_id=m.id))  # type: ignore[misc]
            notices = house.look(inside, lambda uow, m=member: uow.notices.find(member_id=m.id))  # type: ignore[misc]
            assert (len(cases), len(notices)) == ((1, 1) if report else (0, 0))
            if report is not None:
                assert report.case_id == cases[0].id
                case = cases[0]
                assert house.look(inside, lambda uow, c=case: uow.steps.count(case_id=c.id)) == 1  # type: ignore[misc]
                assert len(house.look(inside, lambda uow, r=report: uow.audit.find(subject_id=r.id))) == 1  # type: ignore[misc]
                live = house.look(inside, lambda uow, t=token: uow.registrations.find(token_id=t.id))  # type: ignore[misc]
                assert [one.state for one in live] == [RegistrationState.LIVE]


def assert_what_was_acknowledged_is_true(
    site: Branch, known: dict[str, list[str]], accepted: list[tuple[str, int]], reported: list[str]
) -> None:
    with site.client() as client:
        for serial, counter in accepted:
            # The tenth refusal in a row locks the token, which is a refusal as well.
            assert site.verify(client, serial, known[serial][counter]) in {"replayed", "wrong_code", "locked"}, (
                serial,
                counter,
            )
        for login in reported:
            assert site.verify(client, login.upper(), codes(login.upper(), 1)[0]) == "on_hold", login


def last_of_each(accepted: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """The newest acknowledged code of each token and one older one: few enough not to lock it."""
    return [*dict(accepted).items(), *random.sample(accepted, min(6, len(accepted)))]


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


def texts(outside: Running) -> Counter[str]:
    return Counter(one["to"] for one in httpx.get(f"{outside.base_url}/api/messages").json())


@pytest.mark.parametrize(("engine", "rounds"), [("sqlite", 8), ("postgresql", 2)])
def test_what_was_acknowledged_outlives_the_server(
    engine: str, rounds: int, tmp_path: Path, outside: Running, request: pytest.FixtureRequest
) -> None:
    environment = plain_environment()
    if engine == "postgresql":
        environment["OTPWARD_DATABASE_URL"] = request.getfixturevalue("postgres_url")
    site = Branch(tmp_path, environment)
    serials = set_up(site, outside)
    known = {serial: codes(serial, CODES_EACH) for serial in serials}
    before = texts(outside)
    chance = random.Random(20261123)
    site.serve()
    try:
        for _ in range(rounds):
            first, told = len(site.accepted), len(site.reported)
            under_load(site, serials, known, chance.uniform(0.1, 0.9), REPORTERS // rounds)
            assert_nothing_is_half_done(site)
            site.serve()
            accepted, reported = site.accepted[first:], site.reported[told:]
            assert_what_was_acknowledged_is_true(site, known, last_of_each(accepted), reported)
        assert len(site.accepted) >= STARTED * rounds, "this was load"
        assert len(site.reported) >= rounds
        assert len(set(site.accepted)) == len(site.accepted), "no code was accepted twice"
        everyone_is_told(site, outside, before, kills=rounds)
    finally:
        site.kill()


def everyone_is_told(site: Branch, outside: Running, before: Counter[str], *, kills: int) -> None:
    """Every report that is in the database, acknowledged or not, sends one text: what was queued before a kill goes out after.

    A text that was handed to the gateway at the very moment of a kill may go out again; the gateway has no way to say that it
    has it. At most one a sender and kill.
    """
    deadline = time.monotonic() + 30
    with site.opened() as (opened, inside):
        while True:
            notices = opened.house.look(inside, lambda uow: uow.notices.find())
            if all(notice.sent_at is not None for notice in notices) or time.monotonic() > deadline:
                break
            time.sleep(0.2)
    assert [notice.id for notice in notices if notice.sent_at is None] == []
    sent = texts(outside) - before
    wanted = Counter(notice.recipient.reveal() for notice in notices)
    assert set(sent) == set(wanted)
    again = sum((sent - wanted).values())
    assert again <= kills * SENDERS, f"{again} texts went out twice: more than were between gateway and commit at the kills"
