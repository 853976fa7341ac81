"""`member unlink-sign-on`: says whether there was anything to forget, and knows nobody whom it does not know."""

from pathlib import Path

from tests.edges.cli.conftest import otpward


def test_who_was_never_there_has_nothing_to_forget(data: Path) -> None:
    assert otpward("member", "add", "--id", "teller", "--name", "김창구", "--data", data).code == 0
    said = otpward("member", "unlink-sign-on", "Teller", "--data", data, "--json")
    assert (said.code, said.json) == (0, {"unlinked": False})


def test_nobody_is_nobody(data: Path) -> None:
    assert otpward("member", "unlink-sign-on", "nobody", "--data", data).code != 0
