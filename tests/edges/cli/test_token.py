"""`token import|list|show|verify|resync`, `member add`, `api-key create`."""

import subprocess
from hashlib import sha256
from pathlib import Path

import pytest

from otpward.core.formats.records import FILE_MAX_OCTETS
from otpward.edges.cli import token as token_commands
from tests.edges.cli.conftest import Said, opened, otpward, program
from tests.vectors.rows import VECTORS

HEX = "3132333435363738393031323334353637383930"
FIGURES = VECTORS / "rfc6030"
TRANSPORT_KEY = "12345678901234567890123456789012"


def hotp(counter: int, digits: int = 6, seed: str = HEX) -> str:
    """What the device shows, computed by oathtool and not by us."""
    words = ["oathtool", "--hotp", "-c", str(counter), "-d", str(digits), seed]
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def csv_file(tmp_path: Path) -> Path:
    """Three devices, and one that cannot be read."""
    path = tmp_path / "tokens.csv"
    rows = [f"HW-{n},{n}{HEX[1:]},hotp,6,0" for n in (1, 2, 3)]
    path.write_text("\n".join([*rows, f"HW-4,{HEX}0,hotp,6,0", ""]))
    return path


@pytest.fixture
def owners(tmp_path: Path) -> Path:
    path = tmp_path / "owners.csv"
    path.write_text("serial,member_id\nHW-1,kim\nHW-2,nobody\n")
    return path


def import_(data: Path, file: Path, *more: object) -> Said:
    return otpward("token", "import", file, "--institution", "hanbit", *more, "--data", data)


def listed(data: Path) -> dict[str, str]:
    return {one["serial"]: one["state"] for one in otpward("token", "list", "--data", data, "--json").json["tokens"]}


def verdicts(said: Said) -> dict[str, object]:
    return {name: said.json[name] for name in ("imported", "refused", "rows")}


def row(number: int, serial: str, verdict: str, reason: str = "") -> dict[str, object]:
    return {"row": number, "serial": serial, "verdict": verdict, "reason": reason}


def test_figure_2_of_rfc_6030_comes_in(data: Path) -> None:
    said = import_(data, FIGURES / "rfc6030-fig02-plain.xml", "--json")
    assert said.code in {0, 1}
    assert said.json["imported"] + said.json["refused"] == 1
    assert listed(data) == ({"12345678": "in_stock"} if said.json["imported"] else {})


def test_figure_6_of_rfc_6030_comes_in_with_its_key(data: Path, tmp_path: Path) -> None:
    key = tmp_path / "transport.key"
    key.write_text(TRANSPORT_KEY + "\n")
    said = import_(data, FIGURES / "rfc6030-fig06-aes128-preshared.xml", "--key-file", key, "--json")
    assert (said.code, verdicts(said)) == (0, {"imported": 1, "refused": 0, "rows": [row(1, "987654321", "imported")]})
    shown = otpward("token", "show", "987654321", "--data", data, "--json").json
    assert (shown["state"], shown["kind"], shown["digits"], shown["algorithm"]) == ("in_stock", "hotp", 8, "sha1")


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (None, "key"),
        ("00112233445566778899aabbccddeeff", "key"),
        ("zz", "does not hold a key in hexadecimal"),
        ("", "key"),
        ("12", "key"),
    ],
    ids=["none", "another", "letters", "empty", "short"],
)
def test_figure_6_without_its_key_stores_nothing(data: Path, tmp_path: Path, key: str | None, expected: str) -> None:
    path = tmp_path / "transport.key"
    path.write_text(key or "")
    more = [] if key is None else ["--key-file", path]
    said = import_(data, FIGURES / "rfc6030-fig06-aes128-preshared.xml", *more).sentence(2)
    assert expected in said
    assert listed(data) == {}


def test_rows_of_a_csv_get_a_verdict_each(data: Path, csv_file: Path) -> None:
    said = import_(data, csv_file, "--json")
    expected = [row(n, f"HW-{n}", "imported") for n in (1, 2, 3)] + [row(4, "HW-4", "refused", "bad_seed")]
    assert (said.code, verdicts(said)) == (0, {"imported": 3, "refused": 1, "rows": expected})
    assert listed(data) == {"HW-1": "in_stock", "HW-2": "in_stock", "HW-3": "in_stock"}


def test_people_read_how_many_and_which_not(data: Path, csv_file: Path) -> None:
    said = import_(data, csv_file)
    assert "3 imported, 1 refused." in said.out
    assert "row 4 HW-4: bad_seed" in said.out
    assert HEX[1:] not in said.out + said.err


def test_a_preview_says_the_same_and_stores_nothing(data: Path, csv_file: Path) -> None:
    preview = import_(data, csv_file, "--preview", "--json")
    assert listed(data) == {}
    assert verdicts(preview) == verdicts(import_(data, csv_file, "--json"))
    assert "would be imported" in import_(data, csv_file, "--preview").out


def test_read_again_a_file_makes_no_doubles(data: Path, csv_file: Path) -> None:
    import_(data, csv_file)
    again = import_(data, csv_file, "--json")
    assert again.code == 1
    assert (again.json["imported"], again.json["refused"]) == (0, 4)
    assert [one["reason"] for one in again.json["rows"]] == ["exists_already"] * 3 + ["bad_seed"]
    assert len(listed(data)) == 3
    with csv_file.open("a") as file:
        file.write(f"HW-5,{HEX},hotp,6,0\n")
    third = import_(data, csv_file, "--json")
    assert (third.code, third.json["imported"]) == (0, 1)


def test_tokens_of_another_system_go_on_at_once(data: Path, csv_file: Path, owners: Path) -> None:
    said = import_(data, csv_file, "--as", "active", "--owners", owners, "--json")
    assert [(one["serial"], one["verdict"], one["reason"]) for one in said.json["rows"]] == [
        ("HW-1", "imported", ""),
        ("HW-2", "refused", "unknown_member"),
        ("HW-3", "refused", "no_owner"),
        ("HW-4", "refused", "bad_seed"),
    ]
    assert listed(data) == {"HW-1": "active"}
    assert otpward("token", "verify", "HW-1", hotp(0, seed=f"1{HEX[1:]}"), "--data", data).code == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("HW-1\n", "line 1: two columns are needed, serial,member_id"),
        ("serial,member_id\nHW-1,kim,x\n", "line 2: two columns are needed"),
        ("HW-1,\n", "line 1: two columns are needed"),
        ("HW-1,kim\nHW-1,lee\n", "line 2: HW-1 has two owners"),
        ("\ufeffserial,member_id\n" + "x" * 200_000 + "\n", "line 2: two columns are needed"),
    ],
    ids=["one column", "three", "empty", "two owners", "long"],
)
def test_a_broken_list_of_owners_names_its_line(data: Path, csv_file: Path, tmp_path: Path, text: str, expected: str) -> None:
    owners = tmp_path / "owners.csv"
    owners.write_text(text, encoding="utf-8")
    assert f"owners.csv {expected}" in import_(data, csv_file, "--as", "active", "--owners", owners).sentence(2)
    assert listed(data) == {}


def test_active_tokens_need_owners(data: Path, csv_file: Path) -> None:
    assert "--as active needs --owners" in import_(data, csv_file, "--as", "active").sentence(2)
    assert "--as is in_stock or active" in import_(data, csv_file, "--as", "retired").sentence(2)


BROKEN = sorted(path.name for path in (VECTORS / "invalid").glob("neg-*.xml"))


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_pskc_file_stores_no_usable_token(data: Path, tmp_path: Path, name: str) -> None:
    key = tmp_path / "transport.key"
    key.write_text(TRANSPORT_KEY)
    said = import_(data, VECTORS / "invalid" / name, "--key-file", key, "--json")
    assert said.code in {1, 2} or "duplicate" in name
    if said.code == 2:
        said.sentence(2)
        assert said.out == ""
    else:
        assert len(listed(data)) == said.json["imported"] == int("duplicate" in name)


@pytest.mark.parametrize("octets", [200, 900, 1500, 2000])
def test_a_truncated_file_stores_nothing_and_names_the_place(data: Path, tmp_path: Path, octets: int) -> None:
    whole = (FIGURES / "own-totp-three-hashes.xml").read_bytes()
    cut = tmp_path / "cut.xml"
    cut.write_bytes(whole[: min(octets, len(whole) - 20)])
    said = import_(data, cut).sentence(2)
    assert "line " in said
    assert listed(data) == {}


@pytest.mark.parametrize(
    "octets",
    [b"", b"\0" * 1000, b"\xff\xd8\xff", "한글만 있는 파일\n".encode("cp949"), b"<html></html>", b'{"a": 1}'],
    ids=["empty", "zeros", "picture", "cp949", "html", "json"],
)
def test_what_is_no_seed_file_is_one_sentence(data: Path, tmp_path: Path, octets: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(octets)
    import_(data, path).sentence(2)
    assert listed(data) == {}


@pytest.mark.parametrize("option", ["FILE", "--key-file", "--owners"])
@pytest.mark.parametrize("what", ["nothing", "a folder"])
def test_a_file_that_is_not_there_is_bad_input(data: Path, csv_file: Path, tmp_path: Path, option: str, what: str) -> None:
    missing = tmp_path / "missing"
    if what == "a folder":
        missing.mkdir()
    said = import_(data, missing) if option == "FILE" else import_(data, csv_file, option, missing)
    assert f"{missing} cannot be read" in said.sentence(2)
    assert listed(data) == {}


def test_a_file_that_is_too_large_is_not_read(data: Path, tmp_path: Path) -> None:
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(FILE_MAX_OCTETS + 1)
    assert "is larger than" in import_(data, path).sentence(2)


def test_an_unknown_branch_or_institution_is_bad_input(data: Path, csv_file: Path) -> None:
    assert "no branch 'x'" in import_(data, csv_file, "--branch", "x").sentence(2)
    assert "no institution 'x' here" in otpward("token", "import", csv_file, "--institution", "x", "--data", data).sentence(2)


@pytest.fixture
def active(data: Path, csv_file: Path, owners: Path) -> Path:
    """An installation where HW-1 is kim's."""
    import_(data, csv_file, "--as", "active", "--owners", owners)
    import_(data, csv_file)
    return data


SEED_1 = f"1{HEX[1:]}"


def test_a_code_is_good_once(active: Path) -> None:
    first = otpward("token", "verify", "HW-1", hotp(0, seed=SEED_1), "--data", active, "--json")
    assert (first.code, first.json["result"], first.json["token"], set(first.json)) == (
        0,
        "accepted",
        "HW-1",
        {"id", "result", "reason", "tries_left", "token"},
    )
    again = otpward("token", "verify", "HW-1", hotp(0, seed=SEED_1), "--data", active, "--json")
    assert (again.code, again.json["result"], again.json["reason"]) == (1, "refused", "replayed")
    human = otpward("token", "verify", "HW-1", hotp(1, seed=SEED_1), "--data", active)
    assert (human.code, human.out.strip()) == (0, "accepted")


@pytest.mark.parametrize(
    ("serial", "code", "reason"),
    [
        ("HW-1", "abcdef", "wrong_code"),
        ("HW-2", "123456", "not_registered"),
        ("none", "123456", "unknown"),
        ("[b]", "1", "unknown"),
    ],
)
def test_what_is_refused_says_why(active: Path, serial: str, code: str, reason: str) -> None:
    said = otpward("token", "verify", serial, code, "--data", active)
    assert said.code == 1
    assert said.out.startswith(f"refused: {reason}, ")


def test_two_codes_set_a_token_right(active: Path) -> None:
    far = [hotp(40, seed=SEED_1), hotp(41, seed=SEED_1)]
    wrong = otpward("token", "resync", "HW-1", far[0], far[0], "--data", active, "--json")
    assert (wrong.code, wrong.json["result"]) == (1, "refused")
    said = otpward("token", "resync", "HW-1", *far, "--data", active, "--json")
    assert (said.code, said.json["result"]) == (0, "done")
    assert otpward("token", "verify", "HW-1", hotp(41, seed=SEED_1), "--data", active).code == 1
    assert otpward("token", "verify", "HW-1", hotp(42, seed=SEED_1), "--data", active).code == 0
    assert "no token 'none' here" in otpward("token", "resync", "none", *far, "--data", active).sentence(2)


def test_a_token_is_shown_without_its_seed(active: Path) -> None:
    said = otpward("token", "show", "HW-1", "--data", active, "--json")
    assert set(said.json) == {
        "serial", "state", "holds", "kind", "algorithm", "digits", "period_s", "nist_conformant", "nist_shortfalls",
        "code_life_s", "failures", "used_at",
    }  # fmt: skip
    human = otpward("token", "show", "HW-1", "--data", active)
    assert "state: active" in human.out
    assert "no token 'x' here" in otpward("token", "show", "x", "--data", active).sentence(2)
    for one in (human, said, otpward("token", "list", "--data", active), otpward("token", "list", "--data", active, "--json")):
        assert SEED_1 not in one.out


def test_a_list_can_be_narrowed(active: Path) -> None:
    only = otpward("token", "list", "--state", "active", "--data", active, "--json").json["tokens"]
    assert [one["serial"] for one in only] == ["HW-1"]
    assert len(otpward("token", "list", "--limit", "2", "--data", active, "--json").json["tokens"]) == 2
    assert "--state is one of" in otpward("token", "list", "--state", "bogus", "--data", active).sentence(2)
    table = otpward("token", "list", "--data", active).out.splitlines()
    assert table[0].split() == ["serial", "state", "holds", "kind", "digits", "period", "used"]
    assert len(table) == 4


def test_what_people_type_is_printed_as_it_is(data: Path, tmp_path: Path) -> None:
    """Rich takes square brackets for instructions unless it is told not to."""
    for login in ("[/b]", "[red]x", ":tada:"):
        assert otpward("member", "add", "--id", login, "--name", "[bold]x", "--data", data).out == f"Added {login}.\n"
    path = tmp_path / "odd.csv"
    path.write_text(f"[b]1[/b],{HEX},hotp,6,0\n")
    import_(data, path)
    assert "[b]1[/b]" in otpward("token", "list", "--data", data).out


def test_a_member_is_added_with_what_is_known(data: Path, tmp_path: Path) -> None:
    secret = tmp_path / "first"
    secret.write_text("warm-plum-42\n")
    words = ["--id", " P-1 ", "--name", "박하나", "--phone", "+82 10-5550-1199", "--email", "p@member.example"]
    words += ["--birth-date", "1990-01-02", "--language", "en", "--password-file", str(secret)]
    said = otpward("member", "add", "--institution", "hanbit", *words, "--data", data, "--json")
    assert (said.code, said.json) == (0, {"id": "p-1"})
    with opened(data) as wiring:
        inside = wiring.institution("hanbit").id
        member = wiring.house.look(inside, lambda uow: uow.members.first(login="p-1"))
        assert member is not None
        assert (member.name.reveal(), member.phone.reveal(), member.language) == ("박하나", "+821055501199", "en")
        assert wiring.house.passwords.verify(member.password_hash, "warm-plum-42")
    assert "exists already" in otpward("member", "add", *words, "--data", data).sentence(2)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--id", " ", "--name", "x"], "a member needs a number or ID"),
        (["--id", "x", "--name", ""], "a member needs a name"),
        (["--id", "x", "--name", "x", "--phone", "12"], "a digit seems to be missing"),
        (["--id", "x", "--name", "x", "--phone", "phone"], "not a phone number"),
        (["--id", "x", "--name", "x", "--language", "fr"], "the language is ko or en"),
        (["--id", "x", "--name", "x", "--password-file", "/nothing/here"], "/nothing/here cannot be read"),
    ],
)
def test_a_member_that_cannot_be_is_refused(data: Path, words: list[str], expected: str) -> None:
    assert expected in otpward("member", "add", *words, "--data", data).sentence(2)


def test_a_key_is_printed_once_and_kept_as_a_digest(data: Path) -> None:
    words = ["--scope", "verify", "--scope", "verify:reasons", "--name", "vpn", "--days", "30"]
    said = otpward("api-key", "create", "--institution", "hanbit", *words, "--data", data, "--json")
    key = said.json["key"]
    assert (said.code, said.json["scopes"]) == (0, ["verify", "verify:reasons"])
    assert key.startswith("otpw_")
    secret = key.split("_")[2]
    with opened(data) as wiring:
        row = wiring.house.look(None, lambda uow: uow.api_keys.first(handle=key.split("_")[1]))
        assert row is not None
        assert row.digest == sha256(secret.encode()).digest()
        assert row.expires_at is not None
    assert secret.encode() not in (data / "otpward.db").read_bytes()
    human = otpward("api-key", "create", "--scope", "verify", "--data", data)
    assert human.out.strip().startswith("otpw_")
    assert len(human.out.split()) == 1


@pytest.mark.parametrize("scope", ["admin", "", "VERIFY"])
def test_a_key_for_an_unknown_scope_is_not_made(data: Path, scope: str) -> None:
    sentence = otpward("api-key", "create", "--scope", scope, "--data", data).sentence(2)
    assert sentence.startswith("scopes are ")
    assert sentence.endswith(", verify, verify:reasons")


def test_no_seed_is_left_in_the_files_of_an_installation(active: Path) -> None:
    """The database, its log and everything else in the data folder, after an import by the command line."""
    for path in active.rglob("*"):
        if path.is_file():
            octets = path.read_bytes()
            for seed in (bytes.fromhex(SEED_1), SEED_1.encode(), SEED_1.upper().encode()):
                assert seed not in octets, path


def test_as_a_program_it_answers_alike(active: Path) -> None:
    said = program("token", "verify", "HW-1", hotp(0, seed=SEED_1), "--data", active, "--json")
    assert (said.code, said.json["result"], said.err) == (0, "accepted", "")
    refused = program("token", "verify", "HW-1", hotp(0, seed=SEED_1), "--data", active)
    assert (refused.code, refused.out.split()[0], refused.err) == (1, "refused:", "")


def test_an_empty_password_file_is_bad_input(data: Path, csv_file: Path, tmp_path: Path) -> None:
    (tmp_path / "none").write_text("\n")
    assert "no password" in import_(data, csv_file, "--password-file", tmp_path / "none").sentence(2)
    assert token_commands.BY.source == "command line"


def test_a_locked_token_is_opened_by_hand(active: Path) -> None:
    assert "no lock that can be lifted" in otpward("token", "unlock", "HW-1", "--data", active).sentence(2)
    for _ in range(10):
        otpward("token", "verify", "HW-1", "000000", "--data", active)
    said = otpward("token", "unlock", "HW-1", "--data", active, "--json")
    assert (said.code, said.json["holds"], said.json["failures"]) == (0, [], 0)
    assert otpward("token", "verify", "HW-1", hotp(0, seed=SEED_1), "--data", active).code == 0
    assert "no token 'none' here" in otpward("token", "unlock", "none", "--data", active).sentence(2)


def test_a_device_that_falls_short_of_nist_is_flagged(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "slow.csv"
    file.write_text(f"SLOW-1,{HEX},totp,6,180\nSLOW-2,{HEX[:26]},totp,6,300\nGOOD-1,{HEX},totp,6,120\n")
    preview = import_(data, file, "--preview", "--json")
    assert preview.json["rows"] == [
        row(1, "SLOW-1", "imported", "long_period"),
        row(2, "SLOW-2", "imported", "weak_seed long_period"),
        row(3, "GOOD-1", "imported"),
    ]
    human = import_(data, file).out
    assert "2 change their code less often than every two minutes" in human
    assert "1 have a seed under 112 bits" in human
    shown = {one: otpward("token", "show", one, "--data", data, "--json").json for one in ("SLOW-1", "GOOD-1")}
    assert [shown[one]["nist_conformant"] for one in shown] == [False, True]
    assert [shown[one]["nist_shortfalls"] for one in shown] == [["long_period"], []]
    assert [shown[one]["code_life_s"] for one in shown] == [540, 360]
