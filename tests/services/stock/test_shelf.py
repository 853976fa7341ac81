"""Goods in, boxes between branches, counts, quarantine: a device is in one place, and somebody answers for it."""

from dataclasses import replace
from datetime import date

import pytest

from otpward.clerk.tokens import move_token
from otpward.core.audit import AuditEvent
from otpward.core.errors import Conflict, Denied, Invalid, Moved, NotFound
from otpward.core.lifecycle.place import Place
from otpward.core.lifecycle.stock import CountState, TransferState
from otpward.core.lifecycle.table import IllegalTransition
from otpward.core.lifecycle.token import TokenEvent, TokenState
from otpward.core.model.member import Role
from otpward.core.model.stock import Finding
from otpward.core.model.token import Custodian
from otpward.core.model.token import Keeper as By
from otpward.core.policy.stock import Scan
from otpward.ports.carrier import ParcelState
from otpward.ports.desk import Desk
from otpward.services.issue.reserve_device import NotThisDevice
from otpward.services.oversee.count_stock import count_stock
from otpward.services.oversee.see_shelf import see_shelf
from otpward.services.stock.destroy import destroy
from otpward.services.stock.hand_back import hand_back
from otpward.services.stock.quarantine import quarantine
from otpward.services.stock.restock import restock
from otpward.services.stock.set_model_rule import SetModelRule, set_model_rule
from otpward.services.stock.settle_line import SetAside, Settlement
from otpward.services.stock.shelf_act import Boxed
from otpward.services.stock.write_off import SpokenFor, WriteOff, write_off
from tests.fakes.sample import BY
from tests.services.stock.shelving import Keeper
from tests.services.walk import Walk


@pytest.fixture
def keeper(walk: Walk) -> Keeper:
    return Keeper(walk)


def test_goods_come_in_by_scan_and_lie_on_that_shelf(keeper: Keeper) -> None:
    keeper.import_(20)
    assert keeper.device("SN-20").custodian == Custodian(By.INSTITUTION)
    scan = keeper.take_in(" sn-20\n", keeper.there)
    assert (scan.done, scan.finding, scan.serial) == (True, Scan.HERE, "SN-20")
    assert keeper.place("SN-20") == (Place.BRANCH, "there")
    assert keeper.device("SN-20").custodian == Custodian(By.BRANCH, keeper.there.id)
    assert keeper.walk.events()[-1] == "token:taken_in=done"


@pytest.mark.parametrize(
    ("serial", "finding"),
    [
        ("SN-99", Scan.UNKNOWN),
        ("", Scan.UNKNOWN),
        ("x" * 4000, Scan.UNKNOWN),
        ("SN-00", Scan.WITH_MEMBER),
        ("SN-02", Scan.AGAIN),
    ],
    ids=["unknown", "nothing", "endless", "with-its-member", "here-already"],
)
def test_a_scan_that_brings_nothing_in_says_what_it_found(keeper: Keeper, serial: str, finding: Scan) -> None:
    scan = keeper.take_in(serial)
    assert (scan.done, scan.finding) == (False, finding)


def test_a_device_of_another_shelf_a_retired_and_a_lost_one_each_have_their_answer(keeper: Keeper) -> None:
    keeper.walk.do(lambda desk: write_off(WriteOff(act=keeper.act("SN-03")), desk=desk))
    keeper.walk.do(lambda desk: write_off(WriteOff(act=keeper.act("SN-04"), gone=True), desk=desk))
    found = [keeper.take_in(serial, keeper.there).finding for serial in ("SN-02", "SN-03", "SN-04")]
    assert found == [Scan.OTHER_BRANCH, Scan.RETIRED, Scan.LOST]


def test_a_keeper_of_one_branch_keeps_no_other(keeper: Keeper) -> None:
    keeper.import_(20)
    with pytest.raises(Denied):
        keeper.take_in("SN-20", keeper.there, replace(keeper.operator, branch_id=keeper.here.id))
    with pytest.raises(Denied):
        keeper.take_in("SN-20", keeper.here, replace(keeper.operator, role=Role.BRANCH))


def test_a_box_travels_with_who_sent_it_and_ends_with_its_last_device(keeper: Keeper) -> None:
    box = keeper.pack("SN-02", "SN-03")
    assert keeper.place("SN-02") == (Place.BRANCH, "here")
    with pytest.raises(NotThisDevice):
        keeper.walk.reserve(keeper.walk.approved(), "SN-02")
    sent = keeper.send(box)
    assert (sent.state, sent.sent) == (TransferState.SENT, 2)
    assert keeper.place("SN-02")[0] is Place.TRANSFER
    assert keeper.device("SN-02").custodian == Custodian(By.STAFF, keeper.operator.member_id)
    assert keeper.receive(box, "SN-02").done
    assert keeper.receive(box, "SN-02").finding is Scan.AGAIN
    assert keeper.box(box).state is TransferState.SENT
    assert keeper.receive(box, "SN-03").done
    assert keeper.box(box).state is TransferState.RECEIVED
    assert keeper.place("SN-03") == (Place.BRANCH, "there")


def test_what_a_box_lacks_is_given_up_for_a_reason(keeper: Keeper) -> None:
    box = keeper.send(keeper.pack("SN-02", "SN-03"))
    keeper.receive(box, "SN-02")
    with pytest.raises(Invalid):
        keeper.close(box, "  ")
    assert keeper.close(box).state is TransferState.CLOSED
    assert keeper.place("SN-03")[0] is Place.LOST
    assert keeper.device("SN-03").custodian == Custodian(By.NOBODY)
    assert keeper.walk.token("SN-03").state is TokenState.RETIRED


def test_a_box_can_be_unpacked_but_not_sent_empty(keeper: Keeper) -> None:
    box = keeper.pack("SN-02")
    assert keeper.put(box, "SN-02").finding is Scan.AGAIN
    assert keeper.put(keeper.pack(), "SN-02").finding is Scan.OTHER_BOX
    assert keeper.put(box, "SN-02", out=True).done
    with pytest.raises(Conflict):
        keeper.send(box)
    keeper.put(box, "SN-02")
    assert keeper.send(box, drop=True).state is TransferState.DROPPED
    assert keeper.device("SN-02").transfer_id is None


def test_a_box_for_its_own_branch_is_none(keeper: Keeper) -> None:
    keeper.there = keeper.here
    with pytest.raises(Invalid):
        keeper.pack()


def test_a_count_without_a_difference_is_done(keeper: Keeper) -> None:
    count = keeper.begin()
    assert keeper.begin() == count
    for serial in keeper.walk.sample.shelf:
        assert keeper.count(count, serial).done
    assert keeper.count(count, "SN-02").finding is Scan.AGAIN
    ended = keeper.end(count)
    assert (ended.state, ended.found, ended.missing, ended.surplus) == (CountState.DONE, 6, 0, 0)
    with pytest.raises(Conflict):
        keeper.count(count, "SN-02")


def test_what_is_missing_and_what_is_too_many_is_settled_for_a_reason(keeper: Keeper) -> None:
    keeper.import_(20)
    count = keeper.begin()
    for serial in ("SN-02", "SN-03", "SN-04", "SN-05", "SN-20", "SN-00", "who knows"):
        keeper.count(count, serial)
    ended = keeper.end(count)
    assert (ended.state, ended.expected, ended.found, ended.missing, ended.surplus) == (CountState.SETTLING, 6, 4, 2, 3)
    missing, surplus = keeper.lines(count, Finding.MISSING), keeper.lines(count, Finding.SURPLUS)
    with pytest.raises(Invalid):
        keeper.settle(missing["SN-06"], Settlement.LOST, "")
    keeper.settle(missing["SN-06"], Settlement.LOST)
    keeper.settle(missing["SN-07"], Settlement.NOTED, "behind the drawer")
    keeper.settle(surplus["SN-20"], Settlement.SHELVED)
    with pytest.raises(Invalid):
        keeper.settle(surplus["SN-00"], Settlement.SHELVED)
    keeper.settle(surplus["SN-00"], Settlement.NOTED, "its holder left it here")
    done = keeper.settle(keeper.lines(count, Finding.UNKNOWN)["who knows"], Settlement.NOTED)
    assert done.state is CountState.DONE
    places = [keeper.place(serial)[0] for serial in ("SN-06", "SN-07", "SN-20", "SN-00")]
    assert places == [Place.LOST, Place.BRANCH, Place.BRANCH, Place.MEMBER]
    with pytest.raises(Conflict):
        keeper.settle(missing["SN-06"], Settlement.NOTED)


def test_a_missing_device_that_somebody_waits_for_is_not_given_up(keeper: Keeper) -> None:
    keeper.walk.reserve(keeper.walk.approved(), "SN-02")
    count = keeper.begin()
    keeper.end(count)
    with pytest.raises(SetAside):
        keeper.settle(keeper.lines(count, Finding.MISSING)["SN-02"], Settlement.LOST)
    with pytest.raises(SpokenFor):
        keeper.walk.do(lambda desk: write_off(WriteOff(act=keeper.act("SN-02")), desk=desk))


def test_a_device_that_turns_up_at_another_branch_stays_there(keeper: Keeper) -> None:
    box = keeper.send(keeper.pack("SN-02", "SN-03"))
    keeper.receive(box, "SN-02")
    count = keeper.begin(keeper.there)
    keeper.count(count, "SN-02")
    assert keeper.count(count, "SN-03").finding is Scan.TRAVELLING
    keeper.end(count)
    keeper.settle(keeper.lines(count, Finding.SURPLUS)["SN-03"], Settlement.SHELVED)
    assert keeper.place("SN-03") == (Place.BRANCH, "there")
    assert keeper.box(box).state is TransferState.RECEIVED


def test_a_quarantined_device_goes_back_to_the_shelf_or_out_of_use(keeper: Keeper) -> None:
    walk = keeper.walk
    walk.arrive(walk.posted("SN-02"), ParcelState.RETURNED)
    assert keeper.place("SN-02") == (Place.QUARANTINE, "here")
    walk.do(lambda desk: restock(keeper.act("SN-02"), desk=desk))
    assert (keeper.place("SN-02"), walk.token("SN-02").state) == ((Place.BRANCH, "here"), TokenState.IN_STOCK)
    assert "SN-02" in {
        token.serial for token in walk.look(lambda uow: see_shelf(keeper.here.id, uow=uow, now=walk.now, limit=9))
    }
    walk.do(lambda desk: quarantine(keeper.act("SN-02"), desk=desk))
    walk.do(lambda desk: write_off(WriteOff(act=keeper.act("SN-02")), desk=desk))
    assert (keeper.place("SN-02")[0], walk.token("SN-02").state) == (Place.QUARANTINE, TokenState.RETIRED)
    walk.do(lambda desk: destroy(keeper.act("SN-02"), desk=desk))
    assert (keeper.place("SN-02")[0], walk.token("SN-02").seed) == (Place.DESTROYED, b"")


def test_an_act_needs_a_reason_the_right_place_and_no_box(keeper: Keeper) -> None:
    do = keeper.walk.do
    with pytest.raises(Invalid):
        do(lambda desk: quarantine(keeper.act("SN-02", " "), desk=desk))
    with pytest.raises(IllegalTransition):
        do(lambda desk: restock(keeper.act("SN-02"), desk=desk))
    with pytest.raises(NotFound):
        do(lambda desk: quarantine(keeper.act("SN-99"), desk=desk))
    with pytest.raises((IllegalTransition, Conflict)):
        do(lambda desk: destroy(keeper.act("SN-02"), desk=desk))
    keeper.pack("SN-02")
    with pytest.raises(Boxed):
        do(lambda desk: quarantine(keeper.act("SN-02"), desk=desk))


def test_a_retired_device_comes_back_from_its_holder_into_quarantine(keeper: Keeper) -> None:
    walk = keeper.walk
    with pytest.raises(Conflict):
        walk.do(lambda desk: hand_back(keeper.act("SN-00"), branch_id=keeper.here.id, desk=desk))
    walk.done("SN-02")
    assert keeper.device("SN-02").custodian == Custodian(By.MEMBER, walk.member.id)
    assert keeper.device("SN-00").place is Place.MEMBER
    walk.do(lambda desk: hand_back(keeper.act("SN-00"), branch_id=keeper.there.id, desk=desk))
    assert keeper.place("SN-00") == (Place.QUARANTINE, "there")


def test_a_model_is_low_as_its_branch_says_else_as_all_do(keeper: Keeper) -> None:
    walk = keeper.walk

    def rule(branch_low: int | None, low: int, battery: int = 0) -> None:
        at = keeper.here.id if branch_low is not None else None
        ask = SetModelRule(
            institution_id=walk.inside,
            operator=keeper.operator,
            model="",
            branch_id=at,
            low_below=branch_low if branch_low is not None else low,
            battery_months=battery,
        )
        walk.do(lambda desk: set_model_rule(ask, desk=desk))

    def low() -> list[bool]:
        return [stock.low for stock in walk.look(lambda uow: count_stock(uow=uow))]

    assert low() == [True, False]  # busan has none, main six
    rule(None, 7)
    assert low() == [True, True]
    rule(6, 0)
    assert low() == [True, False]
    with pytest.raises(Invalid):
        rule(None, -1)
    rule(None, 7, battery=15)
    keeper.import_(20)
    keeper.take_in("SN-20")
    assert keeper.device("SN-20").battery_until == date(2028, 2, 23)


def test_a_device_that_went_into_a_box_meanwhile_is_not_set_aside_as_it_was(keeper: Keeper) -> None:
    token, seen = keeper.walk.token("SN-02"), keeper.device("SN-02")
    keeper.walk.edit(lambda uow: uow.devices.save(seen))
    event, written = TokenEvent.QUARANTINE, AuditEvent.TOKEN_QUARANTINED

    def act(desk: Desk) -> None:
        with desk.uow:
            move_token(token, event, written, desk=desk, by=BY, judged=seen)

    with pytest.raises(Moved):
        act(keeper.walk.house.desk(keeper.walk.inside))
