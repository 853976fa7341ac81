"""Tokens that answer challenges, on the command line."""

from pathlib import Path

from tests.edges.cli.conftest import otpward
from tests.fakes.signer import COUNTED, WHOLE, Signer, seed_file
from tests.vectors.rows import VECTORS


def test_they_come_in_and_are_listed_as_what_they_are(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "signers.xml"
    file.write_bytes(seed_file(Signer(suite=COUNTED), Signer(suite=WHOLE, serial="OC-2")))
    said = otpward("token", "import", file, "--institution", "hanbit", "--data", data, "--json")
    assert said.json["imported"] == 2
    listed = otpward("token", "list", "--data", data)
    assert "ocra" in listed.out
    assert "challenge" in listed.out
    assert "30 s" in listed.out
    shown = otpward("token", "show", "OC-2", "--data", data, "--json").json
    assert (shown["kind"], shown["algorithm"], shown["digits"], shown["period_s"]) == ("ocra", "sha512", 10, 30)


def test_the_file_of_rfc_6030_form_comes_in(data: Path) -> None:
    file = VECTORS / "rfc6030" / "own-ocra.xml"
    assert otpward("token", "import", file, "--institution", "hanbit", "--data", data, "--json").json["imported"] == 1
    asked = otpward("token", "verify", "OC000001", "12345678", "--data", data, "--json")
    assert (asked.code, asked.json["result"]) == (1, "refused")
