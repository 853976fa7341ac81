"""Files are looked through by ClamAV's daemon before anything opens them; where it is silent, none is taken."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from otpward.adapters.documents.clamd import ClamdScanner
from otpward.adapters.documents.scanned import ScannedReader
from otpward.core.errors import Unavailable
from otpward.core.formats.picture import OCTETS
from otpward.core.model.document import Flaw
from otpward.core.policy.papers import Paper
from otpward.core.secret import PersonalOctets
from tests.fakes.clamd import EICAR, clamd
from tests.fakes.reader import SetReader

PHOTO = b"\xff\xd8\xff" + bytes(range(256)) * 1000


@pytest.fixture(params=["unix", "tcp"])
def daemon(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    with clamd(tmp_path / "clamd.ctl" if request.param == "unix" else None) as running:
        yield running


def test_a_clean_file_comes_whole_and_is_read(daemon: Any) -> None:
    inner = SetReader()
    reader = ScannedReader(inner, ClamdScanner(daemon.address))
    assert reader.read(PHOTO, Paper.PASSPORT) == inner.says
    assert daemon.came == [PHOTO]
    assert inner.came == [(PHOTO, Paper.PASSPORT)]


@pytest.mark.parametrize("file", [EICAR, PHOTO + EICAR], ids=["by itself", "behind a photograph"])
def test_what_the_scanner_knows_is_never_opened(daemon: Any, file: bytes) -> None:
    inner = SetReader()
    assert ScannedReader(inner, ClamdScanner(daemon.address)).read(file, None) is Flaw.VIRUS
    assert ClamdScanner(daemon.address).find(file) == "Eicar-Test-Signature"
    assert inner.came == []


@pytest.mark.parametrize(
    "says",
    [
        pytest.param(None, id="hung up"),
        pytest.param(b"INSTREAM size limit exceeded. ERROR\0", id="too long for it"),
        pytest.param(b"stream: OK", id="and then nothing"),
        pytest.param(b"x" * 5000, id="noise"),
        pytest.param("stream: 확인 FOUNDLING\0".encode(), id="not its words"),
    ],
)
def test_any_other_answer_is_none(daemon: Any, says: bytes | None) -> None:
    daemon.says = says
    inner = SetReader()
    taken = ScannedReader(inner, ClamdScanner(daemon.address)).read(PHOTO, None)
    if says == b"stream: OK":
        assert taken == inner.says, "the line was closed behind it"
        return
    assert taken is Flaw.NOT_SCANNED
    assert inner.came == []


@pytest.mark.parametrize("address", ["unix:///no/such/clamd.ctl", "tcp://127.0.0.1:1"])
def test_without_the_daemon_nothing_is_taken(address: str) -> None:
    with pytest.raises(Unavailable):
        ClamdScanner(address).find(PHOTO)
    inner = SetReader()
    assert ScannedReader(inner, ClamdScanner(address)).read(PHOTO, None) is Flaw.NOT_SCANNED
    assert inner.came == []


def test_a_daemon_that_says_nothing_is_not_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        held: list[socket.socket] = []
        thread = threading.Thread(target=lambda: held.append(silent.accept()[0]))
        thread.start()
        with pytest.raises(Unavailable):
            ClamdScanner(f"tcp://127.0.0.1:{silent.getsockname()[1]}", within_s=0.2).find(PHOTO)
        thread.join()
        held[0].close()


@pytest.mark.parametrize("file", [b"", b"x" * (OCTETS + 1)], ids=["nothing", "too big"])
def test_what_is_refused_anyway_is_not_sent_there(daemon: Any, file: bytes) -> None:
    ScannedReader(SetReader(), ClamdScanner(daemon.address)).read(file, None)
    assert daemon.came == []


def test_our_own_pages_are_covered_without_asking(daemon: Any) -> None:
    reader = ScannedReader(SetReader(), ClamdScanner(daemon.address))
    assert len(reader.cover([PersonalOctets(PHOTO)], [])) == 1
    assert daemon.came == []
    reader.close()
