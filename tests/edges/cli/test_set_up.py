"""`init`, `check`, `config check`, `db upgrade`: an installation begins, is looked over, and says what is wrong with it."""

import shutil
import signal
import sqlite3
import subprocess
from pathlib import Path

import pytest
import sqlalchemy as sa

from otpward.store.engine import open_engine
from otpward.store.migrate import newest_schema
from tests.edges.cli.conftest import command, environment, opened, otpward, program


def test_an_installation_is_one_command(tmp_path: Path) -> None:
    data = tmp_path / "new" / "data"
    said = otpward("init", "--data", data, "--institution", "hanbit", "--name", "한빛기관", "--phone", "1588-0000", "--json")
    assert (said.code, said.json) == (0, {"data": str(data), "institution": "hanbit"})
    assert {path.name for path in data.iterdir()} >= {"otpward.toml", "otpward.db", "keys"}
    assert data.stat().st_mode & 0o777 == 0o700
    assert (data / "keys" / "master.key").stat().st_mode & 0o777 == 0o600
    assert (data / "otpward.db").stat().st_mode & 0o777 == 0o600
    with opened(data) as wiring:
        one = wiring.institution("hanbit")
        assert (one.name_ko, one.name_en, one.phone) == ("한빛기관", "한빛기관", "1588-0000")
    assert otpward("check", "--data", data).code == 0


def test_the_settings_that_are_written_explain_themselves(data: Path) -> None:
    text = (data / "otpward.toml").read_text(encoding="utf-8")
    assert 'institution = "hanbit"' in text
    for section in ("[sms]", "[mail]", "[post]"):
        assert section in text


def test_a_second_institution_is_added_and_a_second_of_the_same_code_is_not(data: Path) -> None:
    before = (data / "otpward.toml").read_bytes()
    assert otpward("init", "--data", data, "--institution", "other", "--name", "다른").code == 0
    assert (data / "otpward.toml").read_bytes() == before
    assert "exists already" in otpward("init", "--data", data, "--institution", "hanbit", "--name", "x").sentence(2)
    assert otpward("check", "--data", data, "--json").json == {"ok": True, "institutions": ["hanbit", "other"]}
    assert "several institutions" in otpward("token", "list", "--data", data).sentence(2)
    assert otpward("token", "list", "--data", data, "--institution", "other", "--json").json == {"tokens": []}
    assert "'third' here (there are: hanbit, other)" in otpward(
        "token", "list", "--data", data, "--institution", "third"
    ).sentence(2)


@pytest.mark.parametrize("code", ["", "Han", "한빛", 'a"b', "a b", "a" * 41, "../x"])
def test_a_bad_code_leaves_nothing_behind(tmp_path: Path, code: str) -> None:
    data = tmp_path / "data"
    assert "lower-case letters" in otpward("init", "--data", data, "--institution", code, "--name", "x").sentence(2)
    assert not data.exists()


def test_a_name_is_needed(tmp_path: Path) -> None:
    assert "needs a name" in otpward("init", "--data", tmp_path / "d", "--institution", "a", "--name", " ").sentence(2)


@pytest.mark.parametrize("place", ["under a file", "a file"])
def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("x")
    data = tmp_path / "file" / "data" if place == "under a file" else tmp_path / "file"
    said = otpward("init", "--data", data, "--institution", "a", "--name", "x").sentence(3)
    assert str(tmp_path / "file") in said


def without_override() -> None:
    """As an ordinary user, even if root runs the tests: rights on folders count (PR_CAPBSET_DROP)."""
    import ctypes  # noqa: PLC0415 - in the child only

    for capability in (1, 2):
        ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)


@pytest.mark.parametrize(
    "words", [["init", "--institution", "x", "--name", "x"], ["check"], ["serve", "--port", "0"]], ids=lambda w: w[0]
)
def test_a_folder_that_cannot_be_written_is_one_sentence(data: Path, words: list[str]) -> None:
    if words[0] == "serve":
        words = ["serve", "--port", "18231"]
    data.chmod(0o500)
    for name in ("otpward.db-wal", "otpward.db-shm"):
        (data / name).unlink(missing_ok=True)
    (data / "otpward.db").chmod(0o400)
    try:
        done = subprocess.run(
            command(*words, "--data", data),
            env=environment(),
            preexec_fn=without_override,
            capture_output=True,
            text=True,
            timeout=60,
        )
    finally:
        data.chmod(0o700)
    assert done.returncode == 3, done.stderr
    assert done.stderr.startswith("otpward: ")
    assert done.stderr.count("\n") == 1, done.stderr


def test_another_master_key_is_one_sentence_everywhere(data: Path) -> None:
    (data / "keys" / "master.key").write_text("ab" * 32 + "\n")
    for words in (["check"], ["db", "upgrade"], ["token", "list"], ["init", "--institution", "x", "--name", "x"]):
        assert "master key does not open this database" in otpward(*words, "--data", data).sentence(3)
    said = program("serve", "--data", data, "--port", "18232")
    assert "master key does not open this database" in said.sentence(3)


def test_a_lost_master_key_is_not_replaced(data: Path) -> None:
    (data / "keys" / "master.key").unlink()
    for words in (["check"], ["db", "upgrade"], ["init", "--institution", "x", "--name", "x"]):
        assert "master key" in otpward(*words, "--data", data).sentence(3)
    assert not (data / "keys" / "master.key").exists()


def test_a_master_key_that_others_can_read_is_refused(data: Path) -> None:
    (data / "keys" / "master.key").chmod(0o644)
    assert "chmod 600" in otpward("check", "--data", data).sentence(3)


def test_no_installation_says_how_to_make_one(tmp_path: Path) -> None:
    for words in (["check"], ["config", "check"], ["db", "upgrade"], ["serve", "--port", "18233"], ["token", "list"]):
        assert "make it with `otpward init`" in otpward(*words, "--data", tmp_path / "none").sentence(2)
    assert not (tmp_path / "none").exists()


def test_a_bad_setting_is_one_sentence_with_exit_code_2(data: Path) -> None:
    with (data / "otpward.toml").open("a") as file:
        file.write('colour = "red"\n')
    for words in (["config", "check"], ["check"], ["serve", "--port", "18234"], ["token", "list"], ["db", "upgrade"]):
        said = otpward(*words, "--data", data).sentence(2)
        assert f"{data / 'otpward.toml'}: " in said
        assert "colour is not a setting" in said


def test_the_settings_are_looked_over_without_the_database(data: Path) -> None:
    shutil.rmtree(data / "keys")
    (data / "otpward.db").unlink()
    said = otpward("config", "check", "--data", data, "--json")
    assert said.json == {"ok": True, "database": f"sqlite:///{data}/otpward.db"}
    assert "The settings are in order" in otpward("config", "check", "--data", data).out


def test_a_password_of_the_database_is_never_shown(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTPWARD_DATABASE_URL", "postgresql://u:hidden@127.0.0.1:1/d?connect_timeout=2")
    said = otpward("config", "check", "--data", data)
    assert (said.code, "hidden" in said.out) == (0, False)
    assert "hidden" not in otpward("check", "--data", data).sentence(3)


def test_the_institution_of_the_settings_must_be_there(data: Path) -> None:
    text = (data / "otpward.toml").read_text(encoding="utf-8")
    (data / "otpward.toml").write_text(text.replace('"hanbit"', '"gone"'), encoding="utf-8")
    assert "no institution 'gone' here" in otpward("check", "--data", data).sentence(2)


def test_a_database_of_another_version_is_not_run_on(data: Path) -> None:
    database = sqlite3.connect(data / "otpward.db", isolation_level=None)
    database.execute("UPDATE schema_version SET version_num = '0000'")
    database.close()
    for words in (["check"], ["token", "list"], ["serve", "--port", "18235"]):
        assert f"needs {newest_schema()}; run `otpward db upgrade`" in otpward(*words, "--data", data).sentence(3)


def test_a_file_that_is_no_database_is_one_sentence(data: Path) -> None:
    for name in ("otpward.db-wal", "otpward.db-shm"):
        (data / name).unlink(missing_ok=True)
    (data / "otpward.db").write_bytes(b"no database\n" * 500)
    for words in (["check"], ["db", "upgrade"], ["token", "list"]):
        assert "the database does not answer: file is not a database" in otpward(*words, "--data", data).sentence(3)


def test_an_upgrade_can_be_run_at_any_time(data: Path) -> None:
    for _ in range(2):
        assert otpward("db", "upgrade", "--data", data, "--json").json == {"ok": True}
    assert otpward("check", "--data", data).code == 0


def test_a_kill_during_init_is_mended_by_init(tmp_path: Path) -> None:
    for delay in (0.9, 1.2, 1.6):
        data = tmp_path / f"data-{delay}"
        words = command("init", "--data", data, "--institution", "hanbit", "--name", "한빛")
        with subprocess.Popen(words, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            try:
                process.wait(delay)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
        again = otpward("init", "--data", data, "--institution", "hanbit", "--name", "한빛")
        assert again.code in {0, 2}, again
        assert otpward("check", "--data", data, "--json").json == {"ok": True, "institutions": ["hanbit"]}


def test_all_of_it_on_postgresql(tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTPWARD_DATABASE_URL", postgres_url)
    data = tmp_path / "data"
    assert otpward("init", "--data", data, "--institution", "hanbit", "--name", "한빛").code == 0
    assert not (data / "otpward.db").exists()
    assert otpward("check", "--data", data).code == 0
    assert otpward("db", "upgrade", "--data", data).code == 0
    assert otpward("member", "add", "--data", data, "--id", "kim", "--name", "김하나").code == 0
    engine = open_engine(postgres_url)
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT login FROM member")).scalars().all() == ["kim"]
    engine.dispose()


def test_the_data_folder_is_named_before_or_after_the_command_or_by_the_environment(data: Path, tmp_path: Path) -> None:
    ok = '{"ok": true, "institutions": ["hanbit"]}'
    assert program("--data", data, "check", "--json").out.strip() == ok
    assert program("check", "--data", data, "--json").out.strip() == ok
    assert program("check", "--json", OTPWARD_DATA=str(data)).out.strip() == ok
    assert program("--data", data, "check", "--data", tmp_path / "none").code == 2
    assert "otpward-data/otpward.toml is missing" in program("check", cwd=tmp_path).sentence(2)


def test_the_version_is_said() -> None:
    said = otpward("--version")
    assert said.code == 0
    assert said.out.strip().count(".") == 2


@pytest.mark.parametrize(
    "words",
    [["bogus"], ["serve", "--bogus"], ["token", "show"], ["serve", "--port", "0"], ["serve", "--port", "70000"], ["init"]],
)
def test_wrong_usage_is_exit_code_2(words: list[str]) -> None:
    said = otpward(*words)
    assert said.code == 2
    assert "Usage: " in said.err


def test_nothing_is_written_below_the_current_folder_by_looking(tmp_path: Path) -> None:
    assert program("check", cwd=tmp_path).code == 2
    assert list(tmp_path.iterdir()) == []
