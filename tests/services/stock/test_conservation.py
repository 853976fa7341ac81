"""Whatever happens in whatever order, each device is in exactly one place, and the sums by place are all there are."""

from collections import Counter
from contextlib import suppress
from dataclasses import replace
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from otpward.core.errors import OtpwardError
from otpward.core.lifecycle.place import ON_HAND, Place
from otpward.core.lifecycle.token import TokenState
from otpward.core.model.case import Case, Delivery
from otpward.core.model.delivery import Shipment
from otpward.core.model.stock import Finding
from otpward.core.model.token import Keeper as By
from otpward.ports.carrier import ParcelState
from otpward.services.deliver.expire_pick_ups import expire_pick_ups
from otpward.services.stock.destroy import destroy
from otpward.services.stock.hand_back import hand_back
from otpward.services.stock.quarantine import quarantine
from otpward.services.stock.restock import restock
from otpward.services.stock.settle_line import Settlement
from otpward.services.stock.write_off import WriteOff, write_off
from tests.fakes.house import memory_house
from tests.fakes.sample import make_sample
from tests.services.stock.shelving import Keeper
from tests.services.walk import Walk

SERIALS = [f"SN-{number:02d}" for number in (0, *range(2, 10))]
FITS = {
    Place.ARRIVED: {TokenState.IN_STOCK},
    Place.BRANCH: {TokenState.IN_STOCK, TokenState.RESERVED},
    Place.TRANSFER: {TokenState.IN_STOCK},
    Place.SHIPMENT: {TokenState.IN_TRANSIT},
    Place.MEMBER: {TokenState.ISSUED, TokenState.REGISTERED, TokenState.ACTIVE, TokenState.RETIRED},
    Place.QUARANTINE: {TokenState.QUARANTINED, TokenState.RETIRED},
    Place.LOST: {TokenState.RETIRED},
    Place.DESTROYED: {TokenState.DESTROYED},
}
serials = st.sampled_from(SERIALS)
branches = st.booleans()


class Stock(RuleBasedStateMachine):
    """Two branches, a member whose application lives and dies, and everything that can be done to a device."""

    @initialize()
    def begin(self) -> None:
        self.walk = Walk(make_sample(memory_house()))
        self.keeper = Keeper(self.walk)
        self.keeper.import_(8, 9)
        like = self.walk.approved(Delivery.BRANCH)
        self.cases = [like, *(self._like(like, number) for number in range(6))]
        self.shipments: list[Shipment] = []

    def _like(self, like: Case, number: int) -> Case:
        key = self.walk.house.desk(self.walk.inside).new_id()
        delivery = Delivery.POST if number % 2 else Delivery.BRANCH
        branch = None if number % 2 else like.branch_id
        case = replace(like, id=key, number=f"C-{number}", open_key=None, delivery=delivery, branch_id=branch, version=0)  # type: ignore[arg-type]
        self.walk.edit(lambda uow: uow.cases.add(case))
        return case

    def _try(self, act: Any) -> None:
        with suppress(OtpwardError):
            act()

    @rule(serial=serials, there=branches)
    def take_in(self, serial: str, there: bool) -> None:
        self._try(lambda: self.keeper.take_in(serial, self.keeper.there if there else self.keeper.here))

    @rule(inside=st.lists(serials, max_size=4), come=st.lists(serials, max_size=4), sent=branches, closed=branches)
    def move(self, inside: list[str], come: list[str], sent: bool, closed: bool) -> None:
        box = self.keeper.pack()
        for serial in inside:
            self._try(lambda serial=serial: self.keeper.put(box, serial))
        self._try(lambda: self.keeper.send(box, drop=not sent))
        for serial in come:
            self._try(lambda serial=serial: self.keeper.receive(box, serial))
        if closed:
            self._try(lambda: self.keeper.close(box))

    @rule(seen=st.lists(serials, max_size=9), there=branches, how=st.sampled_from(Settlement))
    def count(self, seen: list[str], there: bool, how: Settlement) -> None:
        count = self.keeper.begin(self.keeper.there if there else self.keeper.here)
        for serial in seen:
            self._try(lambda serial=serial: self.keeper.count(count, serial))
        self.keeper.end(count)
        for finding in (Finding.MISSING, Finding.SURPLUS):
            for line in self.keeper.lines(count, finding).values():
                self._try(lambda line=line: self.keeper.settle(line, how))

    @rule(place=st.integers(0, 6), serial=serials)
    def reserve(self, place: int, serial: str) -> None:
        self._try(lambda: self.walk.reserve(self._case(place), serial))

    @rule(place=st.integers(0, 6), in_time=branches)
    def collect(self, place: int, in_time: bool) -> None:
        def act() -> None:
            case = self._case(place)
            pick_up = self.walk.set_out(case)
            if in_time:
                self.walk.hand_over(pick_up, self._serial(case))
            else:
                self.walk.clock.move(days=30)
                self.walk.do(lambda desk: expire_pick_ups(desk=desk))

        self._try(act)

    @rule(place=st.integers(0, 6), end=st.sampled_from([ParcelState.DELIVERED, ParcelState.RETURNED, ParcelState.MISSING]))
    def post(self, place: int, end: ParcelState) -> None:
        def act() -> None:
            case = self._case(place)
            shipment = self.walk.pack(case)
            number = f"60123456789{len(self.shipments):02d}"
            self.shipments.append(self.walk.dispatch(shipment, self._serial(case), tracking_number=number))
            self.walk.arrive(self.shipments[-1], end)

        self._try(act)

    @rule(place=st.integers(0, 6))
    def register(self, place: int) -> None:
        self._try(lambda: self.walk.register(self._case(place), self._serial(self._case(place))))

    @rule(serial=serials, act=st.sampled_from(["quarantine", "restock", "write_off", "gone", "destroy", "hand_back"]))
    def keep(self, serial: str, act: str) -> None:
        ask = self.keeper.act(serial)
        acts: dict[str, Any] = {
            "quarantine": lambda desk: quarantine(ask, desk=desk),
            "restock": lambda desk: restock(ask, desk=desk),
            "write_off": lambda desk: write_off(WriteOff(act=ask), desk=desk),
            "gone": lambda desk: write_off(WriteOff(act=ask, gone=True), desk=desk),
            "destroy": lambda desk: destroy(ask, desk=desk),
            "hand_back": lambda desk: hand_back(ask, branch_id=self.keeper.there.id, desk=desk),
        }
        self._try(lambda: self.walk.do(acts[act]))

    def _case(self, place: int) -> Case:
        return self.walk.case(self.cases[place].id)

    def _serial(self, case: Case) -> str:
        key = case.new_token_id
        return "" if key is None else self.walk.look(lambda uow: uow.tokens.get(key).serial)

    @invariant()
    def each_device_is_in_one_place_and_none_is_lost_from_the_books(self) -> None:
        if not hasattr(self, "keeper"):
            return
        devices = self.walk.look(lambda uow: uow.devices.find())
        tokens = {token.id: token for token in self.walk.look(lambda uow: uow.tokens.find())}
        sums = self.walk.look(lambda uow: uow.shelf.sums())
        assert len(devices) == len(tokens) == 10
        for device in devices:
            assert device.state is tokens[device.id].state
            assert device.state in FITS[device.place], device
            assert (device.place is Place.TRANSFER) <= (device.transfer_id is not None), device
            assert (device.custodian.kind is By.NOBODY) == (device.place not in ON_HAND | {Place.MEMBER}), device
        by_place = Counter(device.place for device in devices)
        told: Counter[Place] = Counter()
        for one in sums:
            told[one.place] += one.count
        assert told + Counter({Place.MEMBER: by_place[Place.MEMBER]}) == by_place


TestStock = Stock.TestCase
TestStock.settings = settings(max_examples=25, stateful_step_count=25)
