"""kill -9 under load: what was acknowledged is true after the restart, and nothing is half done."""

import contextlib
import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from otpward import wiring
from otpward.core.ids import InstitutionId
from otpward.core.lifecycle.others import RegistrationState
from otpward.core.lifecycle.token import Hold
from otpward.core.model.member import Member
from otpward.edges.workers.jobs import SENDERS
from otpward.services.oversee.add_member import AddMember, add_member
from otpward.services.oversee.create_api_key import create_api_key
from otpward.services.oversee.open_institution import OpenInstitution, open_institution
from otpward.services.stock.import_seeds import Entry, ImportSeeds, import_seeds
from otpward.settings import read_settings
from tests.fakes.sample import BY
from tests.sandbox.running import Running, running_sandbox

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent
VERIFIERS = 4
TOKENS_EACH = 3
CODES_EACH = 400
REPORTERS = 60
SETTINGS = """\
profile = "test"
institution = "hanbit"

[sms]
base_url = "{base_url}"
app_key = "sandbox"
secret_key_file = "sandbox.secret"
sender = "15880000"
"""


def seed(serial: str) -> str:
    return f"crash-test-of-{serial}".ljust(20, "-")[:20].encode().hex()


def codes(serial: str) -> list[str]:
    """The device's first codes, by oathtool; of eight digits, so that none comes up a second time by chance."""
    command = ["oathtool", "--hotp", "-d", "8", "-c", "0", "-w", str(CODES_EACH - 1), seed(serial)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()


@dataclass
class Site:
    """An installation, its server process, and what was acknowledged so far."""

    data: Path
    environment: dict[str, str]
    outside: Running
    key: str = ""
    port: int = 0
    process: subprocess.Popen[bytes] | None = None
    stop: threading.Event = field(default_factory=threading.Event)
    accepted: list[tuple[str, str]] = field(default_factory=list)
    reported: list[str] = field(default_factory=list)
    next_code: Counter[str] = field(default_factory=Counter)
    next_reporter: int = 0

    def serve(self) -> None:
        """Start the server, and wait until it is ready."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        command = [sys.executable, "-m", "otpward", "serve", "--data", str(self.data), "--port", str(self.port)]
        began = time.monotonic()
        self.process = subprocess.Popen(command, env=self.environment)
        while True:
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"{self.address}/readyz", timeout=30).status_code == 200:
                    return
            assert self.process.poll() is None, "the server did not start again"
            assert time.monotonic() - began < 60
            time.sleep(0.02)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    @contextlib.contextmanager
    def opened(self) -> Iterator[tuple[wiring.Wiring, InstitutionId]]:
        opened = wiring.open_wiring(read_settings(self.data, self.environment))
        try:
            yield opened, opened.institution("hanbit").id
        finally:
            opened.close()

    def verify(self, client: httpx.Client, serial: str, code: str) -> str:
        answer = client.post("/v1/verifications", json={"serial": serial, "code": code})
        return str(answer.json()["reason"]) if answer.status_code == 200 else ""

    def keep_verifying(self, mine: list[str], known: dict[str, list[str]]) -> None:
        with self.client() as client, contextlib.suppress(httpx.HTTPError):
            while not self.stop.is_set():
                for serial in mine:
                    code = known[serial][self.next_code[serial]]
                    self.next_code[serial] += 1
                    if self.verify(client, serial, code) == "accepted":
                        self.accepted.append((serial, code))

    def keep_reporting(self) -> None:
        while not self.stop.is_set() and self.next_reporter < REPORTERS:
            login = f"l{self.next_reporter}"
            self.next_reporter += 1
            with contextlib.suppress(httpx.HTTPError), self.client() as client:
                client.headers["X-Forwarded-For"] = f"192.0.2.{login[1:]}"  # one address may report 30 times an hour
                form = client.get("/report-loss")
                hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form.text))
                fields = {**hidden, "kind": "lost", "member": login, "phone": phone(login)}
                answer = client.post("/report-loss", data=fields)
                if answer.status_code == 303 and answer.headers["location"].startswith("/report-loss/L-"):
                    self.reported.append(login)

    def client(self) -> httpx.Client:
        return httpx.Client(base_url=self.address, headers={"Authorization": f"Bearer {self.key}"}, timeout=20)


def phone(login: str) -> str:
    return f"+8210555{70000 + int(login[1:]) * 10 + 1}"


def set_up(site: Site) -> list[str]:
    (site.data / "sandbox.secret").write_text("not-a-secret")
    (site.data / "otpward.toml").write_text(SETTINGS.format(base_url=site.outside.base_url))
    wiring.set_up(read_settings(site.data, site.environment))
    serials = [f"V{number}" for number in range(VERIFIERS * TOKENS_EACH)]
    with contextlib.closing(wiring.open_wiring(read_settings(site.data, site.environment))) as opened:
        house = opened.house
        ask = OpenInstitution(code="hanbit", name_ko="한빛", name_en="Hanbit", phone="1588-0000", phone_abroad="")
        inside = house.do(None, lambda desk: open_institution(ask, desk=desk)).id
        for login in ("v", *(f"l{number}" for number in range(REPORTERS))):
            number = phone(login) if login != "v" else ""
            member = AddMember(institution_id=inside, login=login, name=login, phone=number)
            house.do(inside, lambda desk, member=member: add_member(member, desk=desk, passwords=house.passwords))  # type: ignore[misc]
        owners = dict.fromkeys(serials, "v") | {f"L{number}": f"l{number}" for number in range(REPORTERS)}
        rows = "".join(f"{serial},{seed(serial)},hotp,8,0\n" for serial in owners)
        seeds = ImportSeeds(
            institution_id=inside, data=rows.encode(), file_name="t.csv", by=BY, entry=Entry.ACTIVE, owners=owners
        )
        assert house.do(inside, lambda desk: import_seeds(seeds, desk=desk)).refused == 0
        scopes = frozenset({"verify", "verify:reasons"})
        site.key = house.do(inside, lambda desk: create_api_key(inside, scopes, "crash", None, desk=desk))
    return serials


def under_load(site: Site, serials: list[str], known: dict[str, list[str]], seconds: float) -> None:
    """Verify and report from several threads, and kill the server in the middle of it."""
    site.stop.clear()
    mine = [serials[place::VERIFIERS] for place in range(VERIFIERS)]
    threads = [threading.Thread(target=site.keep_verifying, args=(some, known)) for some in mine]
    threads += [threading.Thread(target=site.keep_reporting) for _ in range(3)]
    for thread in threads:
        thread.start()
    time.sleep(seconds)
    site.kill()
    site.stop.set()
    for thread in threads:
        thread.join()


def assert_nothing_is_half_done(site: Site) -> None:
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


def assert_what_was_acknowledged_is_true(site: Site, accepted: list[tuple[str, str]], reported: list[str]) -> None:
    with site.client() as client:
        for serial, code in accepted:
            # The tenth refusal in a row locks the token, which is a refusal as well.
            assert site.verify(client, serial, code) in {"replayed", "wrong_code", "locked"}, (serial, code)
        for login in reported:
            assert site.verify(client, login.upper(), codes(login.upper())[0]) == "on_hold", login


def last_of_each(accepted: list[tuple[str, str]]) -> list[tuple[str, str]]:
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
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OTPWARD_")}
    environment |= {"PYTHONPATH": str(ROOT / "src")}
    if engine == "postgresql":
        environment["OTPWARD_DATABASE_URL"] = request.getfixturevalue("postgres_url")
    site = Site(tmp_path, environment, outside)
    serials = set_up(site)
    known = {serial: codes(serial) for serial in serials}
    before = texts(outside)
    chance = random.Random(20261123)
    site.serve()
    try:
        for _ in range(rounds):
            first, told = len(site.accepted), len(site.reported)
            under_load(site, serials, known, chance.uniform(0.3, 1.2))
            assert_nothing_is_half_done(site)
            site.serve()
            accepted, reported = site.accepted[first:], site.reported[told:]
            assert_what_was_acknowledged_is_true(site, last_of_each(accepted), reported)
        assert len(site.accepted) > 20 * rounds, "this was load"
        assert len(site.reported) >= rounds
        assert len(set(site.accepted)) == len(site.accepted), "no code was accepted twice"
        everyone_is_told(site, before, kills=rounds)
    finally:
        site.kill()


def everyone_is_told(site: Site, before: Counter[str], *, kills: int) -> None:
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
    sent = texts(site.outside) - before
    wanted = Counter(notice.recipient.reveal() for notice in notices)
    assert set(sent) == set(wanted)
    again = sum((sent - wanted).values())
    assert again <= kills * SENDERS, f"{again} texts went out twice: more than were between gateway and commit at the kills"
