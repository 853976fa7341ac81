"""What every floor's tests share: nothing leaves this machine, and a real PostgreSQL is there.

A floor keeps its own fixtures in a conftest beside its tests.
"""

import ipaddress
import itertools
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, sync_playwright

from tests.postgres import Postgres

# The same examples everywhere, and no clock: a busy machine is not a failure.
settings.register_profile("house", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("house")

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
MEMORY = Path("/dev/shm")  # the system's folder that no disk is behind
ROOM = 6 * 2**30
LOOPBACK_NAMES = frozenset({"", "localhost", "0.0.0.0", "::"})
database_numbers = itertools.count(1)


def keep_inside(event: str, arguments: tuple[object, ...]) -> None:
    """Refuse every connection and every look-up that would leave this machine; tests of ours talk to servers of ours."""
    match event, arguments:
        case "socket.connect" | "socket.sendto", (_, (str() as host, *_)):
            pass
        case "socket.getaddrinfo", (str() as host, *_):
            pass
        case _:
            return
    if host not in LOOPBACK_NAMES and not is_loopback(host):
        raise AssertionError(f"a test would have left this machine: {event} {host}")


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.endswith(".localhost")


sys.addaudithook(keep_inside)


def pytest_configure() -> None:
    """What the tests write lies in memory where there is room: databases do not wait for a disk. $TMPDIR says otherwise."""
    if "TMPDIR" not in os.environ and MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and min(_free_memory()) > ROOM:
        os.environ["TMPDIR"] = str(MEMORY)
        tempfile.tempdir = None  # it is read again


def _free_memory() -> tuple[int, int]:
    """Octets: what may be laid into it, what is not in use."""
    lines = dict(line.split(":") for line in Path("/proc/meminfo").read_text().splitlines())
    return shutil.disk_usage(MEMORY).free, int(lines["MemAvailable"].split()[0]) * 1024


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests come first: no process is left alone with one at the end."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """A PostgreSQL that lives as long as the test run."""
    with Postgres() as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: Postgres) -> Iterator[str]:
    """The address of an empty database of this test's own."""
    name = f"test_{next(database_numbers)}"
    yield postgres_server.create_database(name)
    postgres_server.drop_database(name)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The system's Chromium: one for all tests of a process, since Playwright runs one loop in it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=QUIET)
        yield browser
        browser.close()
