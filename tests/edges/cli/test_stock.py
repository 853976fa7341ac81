"""`stock list|where|move`."""

from pathlib import Path

import pytest

from otpward.core.ids import BranchId
from otpward.core.model.institution import Branch
from otpward.services.oversee.add_branch import add_branch
from tests.edges.cli.conftest import opened, otpward

HEX = "3132333435363738393031323334353637383930"


@pytest.fixture
def stocked(data: Path, tmp_path: Path) -> Path:
    """A branch, and three devices that have arrived."""
    with opened(data) as wiring:
        inside = wiring.institutions()[0].id
        branch = Branch(
            id=BranchId(wiring.house.desk(inside).new_id()),
            institution_id=inside,
            code="main",
            name_ko="본점",
            name_en="Head Office",
            address_ko="",
            address_en="",
            hours="",
            phone="",
        )
        wiring.house.do(inside, lambda desk: add_branch(branch, desk=desk))
    file = tmp_path / "tokens.csv"
    file.write_text("".join(f"HW-{n},{n}{HEX[1:]},hotp,6,0\n" for n in (1, 2, 3)))
    assert otpward("token", "import", file, "--data", data).code == 0
    return data


def test_devices_are_moved_counted_and_found(stocked: Path) -> None:
    before = otpward("stock", "where", "HW-1", "--data", stocked, "--json").json["devices"]
    assert before == [{"serial": "HW-1", "state": "in_stock", "place": "arrived", "custodian": "institution"}]
    moved = otpward("stock", "move", "main", "HW-1", "HW-2", "--data", stocked, "--json")
    assert moved.json == {"moved": 2, "branch": "main"}
    assert "HW-1  in_stock  branch  branch main" in otpward("stock", "where", "hw-1", "--data", stocked).out
    (row,) = otpward("stock", "list", "--low", "--data", stocked, "--json").json["branches"]
    assert (row["branch"], row["in_stock"], row["low"]) == ("main", 2, True)
    assert "main" in otpward("stock", "list", "--data", stocked).out


@pytest.mark.parametrize(
    "words",
    [("where", "HW-9"), ("where", " "), ("move", "nowhere", "HW-1"), ("move", "main", "HW-1", "HW-9")],
    ids=["unknown", "nothing", "no-branch", "one-unknown"],
)
def test_what_is_not_there_is_said_and_nothing_moves(stocked: Path, words: tuple[str, ...]) -> None:
    said = otpward("stock", *words, "--data", stocked)
    assert said.code == 2
    assert "HW-1  in_stock  arrived  institution" in otpward("stock", "where", "HW-1", "--data", stocked).out
