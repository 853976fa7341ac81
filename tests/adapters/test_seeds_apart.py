"""Rows read in a process of their own are the rows read here; so are the faults."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from otpward.adapters.seeds.apart import open_apart
from otpward.adapters.seeds.frames import fault_as_list, list_as_fault
from otpward.core.errors import Invalid, OtpwardError
from otpward.core.formats import faults
from otpward.core.formats.detect import open_seed_file
from otpward.core.formats.faults import SeedFileFault
from otpward.core.formats.reading import SeedFile
from otpward.core.formats.unlock import Unlock
from otpward.core.secret import Secret
from tests.vectors.keys import private_key_pem
from tests.vectors.rows import VECTORS

UNLOCK = Unlock(
    key=Secret(bytes.fromhex("12345678901234567890123456789012")),
    password=Secret(b"qwerty"),
    private_key=Secret(private_key_pem()),
    unverified=True,
)
FILES = [
    *sorted(path.relative_to(VECTORS).as_posix() for path in VECTORS.glob("rfc6030/*.xml"))[::3],
    "invalid/neg-truncated.xml",
    "invalid/neg-duplicate-serial-and-id.xml",
    "drafts/nagraid-ocra.xml",
]


@pytest.mark.parametrize("name", FILES)
def test_apart_and_here_say_the_same(name: str) -> None:
    path = VECTORS / name
    assert said(lambda: open_apart(path, UNLOCK)) == said(lambda: open_seed_file([path.read_bytes()], UNLOCK))


def said(opens: Callable[[], SeedFile]) -> Any:
    try:
        file = opens()
        rows = list(file.rows)
    except SeedFileFault as fault:
        return type(fault), str(fault), fault.field
    return rows, file.format, file.signature


def test_a_file_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="cannot be read"):
        open_apart(tmp_path / "none", Unlock())


def test_rows_nobody_wants_end_the_process(tmp_path: Path) -> None:
    path = tmp_path / "many.csv"
    path.write_text("".join(f"S{n},3132333435363738393031323334353637383930,totp,6,60\n" for n in range(50_000)))
    rows = open_apart(path, Unlock()).rows
    assert next(rows).row == 1
    rows.close()  # type: ignore[attr-defined]


def test_every_fault_comes_over_as_itself() -> None:
    kinds = [kind for kind in vars(faults).values() if isinstance(kind, type) and issubclass(kind, SeedFileFault)]
    for kind in kinds:
        again = list_as_fault(fault_as_list(kind("why", where="line 3")))
        assert type(again) is kind
        assert isinstance(again, OtpwardError)
        assert again.where == "line 3"
