"""`demo`: one command, everything at once; it ends whole, and touches nobody else's data."""

import re
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from otpward.core.formats.detect import read_seed_file
from otpward.core.secret import Secret
from tests.edges.cli.conftest import command, environment, free_port, otpward, program

pytestmark = pytest.mark.slow


class Demo:
    """A running demo, whose output is kept."""

    def __init__(self, data: Path, log: Path) -> None:
        self.data, self.log, self.port = data, log, free_port()
        self.began = time.monotonic()
        words = command("demo", "--data", data, "--port", self.port)
        with log.open("wb") as out:
            self.process = subprocess.Popen(words, env=environment(), stdout=out, stderr=subprocess.STDOUT)

    def ready(self) -> None:
        """Wait for the printed page."""
        while "Ctrl-C ends it" not in self.text:
            assert self.process.poll() is None, self.text
            assert time.monotonic() - self.began < 90
            time.sleep(0.05)

    @property
    def text(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def children(self) -> list[int]:
        """The processes that it started."""
        return [
            int(path.parent.name)
            for path in Path("/proc").glob("[0-9]*/stat")
            if alive(int(path.parent.name)) and f") S {self.process.pid} " in read(path).replace(") R ", ") S ")
        ]

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        self.process.wait(30)


def read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def alive(pid: int) -> bool:
    state = read(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()[:1]
    return bool(state) and state != ["Z"]


def gone(pids: list[int], within_s: float) -> bool:
    deadline = time.monotonic() + within_s
    while any(alive(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not any(alive(pid) for pid in pids)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's folder after its first start, kept from test to test as a person keeps it."""
    folder = tmp_path_factory.mktemp("demo")
    first = Demo(folder / ".demo", folder / "log")
    first.ready()
    first.end()
    assert first.text.startswith("Making the sample institution 한빛기관")
    return folder / ".demo"


@pytest.fixture
def demo(data: Path, tmp_path: Path) -> Iterator[Demo]:
    one = Demo(data, tmp_path / "log")
    yield one
    one.end()


def passwords(text: str) -> tuple[str, str]:
    found = re.search(r"Members' password: (\S+) +Staff password: (\S+)", text)
    assert found, text
    return found[1], found[2]


def test_it_prints_what_a_person_needs(demo: Demo) -> None:
    demo.ready()
    text, site = demo.text, f"http://127.0.0.1:{demo.port}"
    for address in (f"{site}/", f"{site}/console"):
        assert address in text
        assert httpx.get(address, follow_redirects=True).status_code == 200
    for place in ("/", "/inbox", "/devices", "/phone", "/parcels"):
        address = f"http://127.0.0.1:{demo.port + 1}{place}"
        assert address in text
        assert httpx.get(address).status_code == 200
    assert httpx.get(f"{site}/readyz").json() == {"status": "ok"}
    member, staff = passwords(text)
    assert member != staff
    for login in ("m1001", "m1019", "teller", "gangnam", "busan", "helpdesk", "stock", "admin", "auditor", "manager"):
        assert f"\n  {login} " in text
    assert max(map(len, text.splitlines())) < 160


def test_the_second_start_keeps_everything(demo: Demo, data: Path) -> None:
    kept = (data / "demo.json").read_bytes()
    demo.ready()
    assert (data / "demo.json").read_bytes() == kept
    assert "Making the sample institution" not in demo.text
    stock = otpward("token", "list", "--limit", "1000", "--data", data, "--json").json["tokens"]
    assert len(stock) == 200
    assert sum(one["state"] == "active" for one in stock) == 26


def test_the_sample_is_as_it_is_said_to_be(data: Path) -> None:
    from otpward.__main__ import Assembled  # noqa: PLC0415 - opened only here

    with Assembled().open(data) as opened:
        inside = opened.institution("hanbit").id
        counted = opened.house.look(
            inside, lambda uow: (uow.branches.count(), uow.staff.count(), uow.members.count(), uow.tokens.count())
        )
    assert counted == (3, 8, 28, 200)


def test_nothing_secret_is_printed_or_lies_readable(demo: Demo, data: Path) -> None:
    """No seed, no hash, no key; the two passwords once each, where they are meant to be seen."""
    demo.ready()
    demo.end()
    key = Secret(bytes.fromhex((data / "sandbox" / "transport.key").read_text().strip()))
    files = [path for path in (data / "sandbox").iterdir() if path.suffix == ".xml"]
    seeds = [record.seed for file in files for record in read_seed_file(file.read_bytes(), key=key).records]
    assert len(seeds) == 200
    text = demo.text
    database = b"".join(path.read_bytes() for path in data.glob("otpward.db*"))
    for seed in seeds:
        assert seed is not None
        for form in (seed.reveal(), seed.reveal().hex().encode(), seed.reveal().hex().upper().encode()):
            assert form not in text.encode()
            assert form not in database
    member, staff = passwords(text)
    assert (text.count(member), text.count(staff)) == (1, 1)
    assert "argon2" not in text
    assert "otpw_" not in text
    for name in ("홍길동", "+821055501101", "01055501101"):
        assert name.encode() not in database
    assert (data / "demo.json").stat().st_mode & 0o777 == 0o600


def test_ctrl_c_ends_all_of_it(demo: Demo) -> None:
    demo.ready()
    children = demo.children()
    assert len(children) == 2
    demo.process.send_signal(signal.SIGINT)
    assert demo.process.wait(30) == 0
    assert gone(children, 1)
    assert demo.text.rstrip().endswith("Ending. The data stays.")
    assert "Traceback" not in demo.text


def test_a_killed_demo_leaves_nobody_behind(demo: Demo) -> None:
    demo.ready()
    children = demo.children()
    assert len(children) == 2
    demo.process.kill()
    demo.process.wait()
    assert gone(children, 15)


def test_a_first_start_that_was_cut_off_begins_again(tmp_path: Path) -> None:
    data = tmp_path / ".demo"
    for delay in (1.5, 3.0):
        cut = Demo(data, tmp_path / f"log-{delay}")
        time.sleep(delay)
        cut.process.kill()
        cut.process.wait()
    whole = Demo(data, tmp_path / "log")
    whole.ready()
    whole.end()
    assert len(otpward("token", "list", "--limit", "1000", "--data", data, "--json").json["tokens"]) == 200


def test_the_demo_does_not_touch_another_installation(tmp_path: Path) -> None:
    """OTPWARD_DATA may well be set in a shell where somebody tries the demo."""
    data = tmp_path / "data"
    assert otpward("init", "--data", data, "--institution", "hanbit", "--name", "한빛").code == 0
    before = {path: path.read_bytes() for path in data.rglob("*") if path.is_file()}
    said = program("demo", "--port", str(free_port()), OTPWARD_DATA=str(data))
    assert "holds an installation that is not the demo's" in said.sentence(2)
    assert {path: path.read_bytes() for path in data.rglob("*") if path.is_file()} == before
    (data / "otpward.toml").unlink()
    assert "not the demo's" in program("demo", "--port", str(free_port()), "--data", data).sentence(2)
    assert (data / "otpward.db").exists()
