"""Devices move between shelves: all of them, or none."""

from dataclasses import replace

import pytest

from otpward.core.errors import NotFound
from otpward.core.ids import BranchId
from otpward.core.lifecycle.table import IllegalTransition
from otpward.services.oversee.add_branch import add_branch
from otpward.services.stock.transfer import Transfer, transfer
from tests.fakes.sample import BY
from tests.services.walk import Walk


@pytest.fixture
def south(walk: Walk) -> BranchId:
    branch = replace(walk.sample.branch, id=BranchId(walk.house.desk(None).new_id()), code="south")
    walk.do(lambda desk: add_branch(branch, desk=desk))
    return branch.id


def move(walk: Walk, to: BranchId, *serials: str) -> int:
    return walk.do(lambda desk: transfer(Transfer(serials=serials, branch_id=to, by=BY), desk=desk))


def lies_at(walk: Walk, serial: str) -> BranchId | None:
    return walk.look(lambda uow: uow.devices.get(walk.token(serial).id)).branch_id


def test_they_lie_there_now(walk: Walk, south: BranchId) -> None:
    assert move(walk, south, "SN-02", "SN-03") == 2
    assert {lies_at(walk, serial) for serial in ("SN-02", "SN-03")} == {south}
    assert walk.events()[-2:] == ["token:transferred=done"] * 2


@pytest.mark.parametrize(("serial", "error"), [("SN-99", NotFound), ("SN-00", IllegalTransition)])
def test_one_that_cannot_move_keeps_the_others(walk: Walk, south: BranchId, serial: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        move(walk, south, "SN-02", serial)
    assert lies_at(walk, "SN-02") == walk.sample.branch.id


def test_what_is_set_aside_does_not_move(walk: Walk, south: BranchId) -> None:
    walk.reserve(walk.approved(), "SN-02")
    with pytest.raises(IllegalTransition):
        move(walk, south, "SN-02")


def test_a_branch_must_exist(walk: Walk) -> None:
    with pytest.raises(NotFound):
        move(walk, BranchId(walk.house.desk(None).new_id()), "SN-02")
