"""Seed files on the command line: what opens them, taking them back, going on after a kill, and out under two people."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from otpward.edges.cli import seed_exports
from otpward.edges.cli.seeds import _APART_FROM_OCTETS
from tests.edges.cli.conftest import Said, command, environment, opened, otpward
from tests.vectors.keys import private_key_pem
from tests.vectors.rows import VECTORS

HEX = "3132333435363738393031323334353637383930"
FIGURES = VECTORS / "rfc6030"


def import_(data: Path, file: Path, *more: object) -> Said:
    return otpward("token", "import", file, "--institution", "hanbit", *more, "--data", data)


def listed(data: Path) -> list[str]:
    return [one["serial"] for one in otpward("token", "list", "--data", data, "--json").json["tokens"]]


def written(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


@pytest.fixture
def csv_file(tmp_path: Path) -> Path:
    return written(tmp_path / "tokens.csv", "".join(f"HW-{n},{n}{HEX[1:]},hotp,6,0\n" for n in (1, 2, 3)))


@pytest.mark.parametrize(
    ("name", "option", "octets"),
    [
        ("rfc6030-fig07-pbe-pbkdf2.xml", "--password-file", b"qwerty\n"),
        ("own-pbe-prf-text-form.xml", "--password-file", b"correct horse battery staple"),
        ("own-x509-rsa-oaep-mgf1p.xml", "--private-key", None),
        ("own-x509-rsa15.xml", "--private-key", None),
        ("own-kw-aes128.xml", "--key-file", b"000102030405060708090a0b0c0d0e0f"),
    ],
)
def test_each_protection_opens(data: Path, tmp_path: Path, name: str, option: str, octets: bytes | None) -> None:
    opener = written(tmp_path / "opener", private_key_pem() if octets is None else octets)
    said = import_(data, FIGURES / name, option, opener, "--json")
    assert (said.code, said.json["imported"], said.json["format"]) == (0, 1, "pskc")


def test_a_signed_file_is_taken_from_its_signer_or_knowingly_unverified(data: Path) -> None:
    signed = FIGURES / "own-signed-rsa-sha256.xml"
    assert "signature" in import_(data, signed).sentence(2)
    assert import_(data, signed, "--signer", FIGURES / "test-cert.crt", "--json").json["signature"] == "verified"
    said = import_(data, FIGURES / "own-signed.xml", "--accept-unverified-signature", "--doubles", "skip")
    assert "nobody checked by whom" in said.out
    changed = VECTORS / "invalid" / "neg-signed-tampered.xml"
    assert "changed" in import_(data, changed, "--signer", FIGURES / "test-cert.crt").sentence(2)


def test_a_delivery_is_taken_back_as_one_act(data: Path, csv_file: Path) -> None:
    done = import_(data, csv_file, "--json").json
    assert listed(data) == ["HW-1", "HW-2", "HW-3"]
    [kept] = otpward("token", "imports", "--data", data, "--json").json["imports"]
    assert (kept["id"], kept["state"], kept["imported"], kept["format"]) == (done["import"], "done", 3, "oath_csv")
    undone = otpward("token", "import-undo", done["import"], "--data", data, "--json")
    assert undone.json == {"removed": 3, "kept": 0}
    assert listed(data) == []
    assert "not here any more" in otpward("token", "import-undo", done["import"], "--data", data).sentence(2)
    assert import_(data, csv_file, "--json").json["imported"] == 3


def test_doubles_can_be_passed_over(data: Path, csv_file: Path) -> None:
    import_(data, csv_file)
    said = import_(data, csv_file, "--doubles", "same", "--json")
    assert (said.code, said.json["skipped"], said.json["refused"]) == (0, 3, 0)
    assert "--doubles is refuse, skip or same" in import_(data, csv_file, "--doubles", "replace").sentence(2)


def test_standard_input_is_read_too(data: Path, csv_file: Path) -> None:
    words = command("token", "import", "-", "--institution", "hanbit", "--data", data, "--json")
    done = subprocess.run(words, input=csv_file.read_bytes(), env=environment(), capture_output=True, timeout=60)
    assert json.loads(done.stdout)["imported"] == 3


def large(path: Path) -> Path:
    """Large enough for a process of its own."""
    text = "".join(f"BIG-{n:06d},{n:06d}{HEX[6:]},totp,6,60\n" for n in range(75_000))
    assert len(text) > _APART_FROM_OCTETS
    return written(path, text)


@pytest.mark.slow
def test_killed_it_goes_on_where_it_was(data: Path, tmp_path: Path) -> None:
    file = large(tmp_path / "big.csv")
    words = command("token", "import", file, "--institution", "hanbit", "--data", data)
    running = subprocess.Popen(
        words, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    until = time.monotonic() + 60
    stored = 0
    with opened(data) as wiring:
        owner = wiring.institution("hanbit").id
    while not stored and time.monotonic() < until:
        time.sleep(0.05)
        with opened(data) as wiring:
            stored = wiring.house.look(owner, lambda uow: uow.tokens.count())
    os.killpg(running.pid, signal.SIGKILL)
    running.wait(10)
    assert 0 < stored < 75_000
    said = otpward("token", "import", file, "--institution", "hanbit", "--data", data)
    assert said.out.startswith("75000 imported, 0 refused.\n  Went on after the first ")
    with opened(data) as wiring:
        assert wiring.house.look(owner, lambda uow: uow.tokens.count()) == 75_000
    [kept] = otpward("token", "imports", "--data", data, "--json").json["imports"]
    assert (kept["state"], kept["imported"]) == ("done", 75_000)


@pytest.mark.slow
def test_a_large_file_damaged_at_its_end_leaves_nothing(data: Path, tmp_path: Path) -> None:
    file = large(tmp_path / "big.csv")
    file.write_bytes(file.read_bytes() + b"\xff\xfe\n")
    assert "not UTF-8" in import_(data, file).sentence(2)
    assert listed(data) == []


@pytest.mark.parametrize("closed", [True, False], ids=["encrypted", "clear"])
def test_seeds_leave_under_two_people(
    data: Path, csv_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, closed: bool
) -> None:
    import_(data, csv_file)
    clear = [] if closed else ["--clear-text"]
    monkeypatch.setattr(seed_exports, "who_types", lambda: "kim")
    asked = otpward("token", "export", "ask", "HW-1", "HW-3", "--reason", "move", *clear, "--data", data, "--json").json
    key, out = written(tmp_path / "k", "07" * 32), tmp_path / "out.xml"
    opener = ["--key-file", key] if closed else []
    assert otpward("token", "export", "write", asked["id"], out, *opener, "--data", data).code == 1
    assert otpward("token", "export", "approve", asked["id"], *clear, "--data", data).code == 1
    monkeypatch.setattr(seed_exports, "who_types", lambda: "lee")
    assert otpward("token", "export", "approve", asked["id"], *clear, "--data", data, "--json").json["approved_by"] == "lee"
    said = otpward("token", "export", "write", asked["id"], out, *opener, "--data", data, "--json")
    assert (said.code, said.json) == (0, {"file": str(out), "encrypted": closed})
    assert out.stat().st_mode & 0o077 == 0
    again = import_(data, out, *opener, "--doubles", "same", "--json").json
    assert (again["skipped"], again["refused"]) == (2, 0)
    assert otpward("token", "export", "write", asked["id"], tmp_path / "second", *opener, "--data", data).code == 2
    assert not (tmp_path / "second").exists()
