"""`otpward policy`: a text is checked, kept, compared, put forward and approved."""

import json
from pathlib import Path

import pytest

from tests.edges.cli.conftest import otpward

FEE = "[rules.all]\nfee_won = 7000\n"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    assert otpward("init", "--institution", "hanbit", "--name", "한빛", "--data", folder).code == 0
    return folder


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    file = tmp_path / "rules.toml"
    file.write_text(FEE, encoding="utf-8")
    return file


def test_a_text_is_checked_without_an_installation(rules: Path) -> None:
    said = otpward("policy", "check", rules)
    assert (said.code, said.out) == (0, "Nothing is wrong with it.\n")


def test_everything_that_is_wrong_is_said(tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text("[rules.all]\nfee_won = -1\nfee = 1\n", encoding="utf-8")
    said = otpward("policy", "check", bad, "--language", "ko")
    assert said.code == 1
    assert said.out.startswith("rules.all.fee_won: 0보다 작을 수 없습니다\nrules.all.fee: 없는 항목입니다.")
    told = otpward("policy", "check", bad, "--json")
    assert [one["flaw"] for one in told.json["faults"]] == ["negative", "unknown_key"]


BAD = {
    "ten megabytes": (b"#" * 10_000_000, "larger than 256 KiB"),
    "not UTF-8": (b"\xff", "not UTF-8"),
    "not TOML": (b"fee: 1", "Line 1 is not TOML"),
    "negative": (b"[rules.all]\nfee_won = -1", "cannot be less than 0"),
}


@pytest.mark.parametrize(("octets", "sentence"), BAD.values(), ids=BAD)
def test_what_is_wrong_is_not_kept(data: Path, tmp_path: Path, octets: bytes, sentence: str) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_bytes(octets)
    assert sentence in otpward("policy", "put", bad, "--data", data).sentence(2)
    assert otpward("policy", "show", "--data", data, "--json").json == {"policies": []}


def test_a_file_that_is_not_there_is_said(data: Path) -> None:
    assert "cannot be read" in otpward("policy", "put", "nowhere.toml", "--data", data).sentence(2)


def test_from_a_file_to_a_version_that_waits(data: Path, rules: Path) -> None:
    assert otpward("policy", "diff", "--file", rules, "--data", data).out.startswith("rules.all.fee_won: 0 -> 7000")
    kept = otpward("policy", "put", rules, "--note", "Fee", "--data", data)
    assert kept.out == "Version 1 is a draft.\n"
    assert otpward("policy", "show", "1", "--data", data).out == FEE
    diff = otpward("policy", "diff", "1", "--data", data, "--json")
    assert [one["after"] for one in diff.json["changes"]] == ["7000"]
    assert otpward("policy", "propose", "1", "--from", "2000-01-01", "--data", data).sentence(2) == "the day is over"
    assert otpward("policy", "propose", "1", "--from", "soon", "--data", data).sentence(2) == "a day is written YYYY-MM-DD"
    [row] = otpward("policy", "show", "--data", data, "--json").json["policies"]
    assert (row["standing"], row["note"]) == ("draft", "Fee")


def test_only_somebody_who_works_here_approves(data: Path, rules: Path) -> None:
    otpward("policy", "put", rules, "--data", data)
    otpward("member", "add", "--id", "m1", "--name", "이하나", "--data", data)
    for login in ("m1", "nobody"):
        assert "does not work here" in otpward("policy", "approve", "1", "--by", login, "--data", data).sentence(1)


def test_the_default_is_printed_whole() -> None:
    told = json.loads(otpward("policy", "show", "--default", "--json").out)
    assert "[rules.all]" in told["text"]
