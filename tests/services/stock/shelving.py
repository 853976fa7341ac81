"""A keeper of stock with two branches, and what they do, for tests."""

from dataclasses import dataclass, field, replace

from otpward.core.ids import BranchId
from otpward.core.lifecycle.place import Place
from otpward.core.model.institution import Branch
from otpward.core.model.member import Operator, Role
from otpward.core.model.stock import CountLine, Finding, StockCount, StockTransfer
from otpward.core.model.token import Device
from otpward.services.oversee.add_branch import add_branch
from otpward.services.stock.count_shelf import BeginCount, CountDevice, EndCount, begin_count, count_device, end_count
from otpward.services.stock.import_seeds import ImportSeeds, import_seeds
from otpward.services.stock.pack_box import PackBox, PutIn, pack_box, put_in
from otpward.services.stock.receive_box import CloseBox, ReceiveDevice, close_box, receive_device
from otpward.services.stock.send_box import SendBox, send_box
from otpward.services.stock.settle_line import SettleLine, Settlement, settle_line
from otpward.services.stock.shelf_act import ShelfAct
from otpward.services.stock.take_in import Scanned, TakeIn, take_in
from tests.fakes.sample import BY, seed_of
from tests.services.walk import Walk


@dataclass
class Keeper:
    """Keeps the stock of both branches; `here` has the sample's shelf, `there` nothing yet."""

    walk: Walk
    there: Branch = field(init=False)

    def __post_init__(self) -> None:
        other = replace(
            self.walk.sample.branch, id=BranchId(self.walk.house.desk(self.walk.inside).new_id()), code="busan", name_en="Busan"
        )
        self.there = self.walk.do(lambda desk: add_branch(other, desk=desk))

    @property
    def here(self) -> Branch:
        return self.walk.sample.branch

    @property
    def operator(self) -> Operator:
        return replace(self.walk.operator, role=Role.STOCK, branch_id=None)

    def device(self, serial: str) -> Device:
        token = self.walk.token(serial)
        return self.walk.look(lambda uow: uow.devices.get(token.id))

    def place(self, serial: str) -> tuple[Place, str]:
        device = self.device(serial)
        return device.place, {self.here.id: "here", self.there.id: "there"}.get(device.branch_id or self.here.id, "")

    def import_(self, *numbers: int, model: str = "") -> None:
        rows = "".join(f"SN-{number:02d},{seed_of(number).hex()},totp,6,60\n" for number in numbers)
        ask = ImportSeeds(institution_id=self.walk.inside, data=rows.encode(), file_name="goods.csv", by=BY)
        self.walk.do(lambda desk: import_seeds(ask, desk=desk))

    def act(self, serial: str, reason: str = "a reason", operator: Operator | None = None) -> ShelfAct:
        return ShelfAct(serial=serial, reason=reason, operator=operator or self.operator)

    def take_in(self, serial: str, branch: Branch | None = None, operator: Operator | None = None) -> Scanned:
        ask = TakeIn(serial=serial, branch_id=(branch or self.here).id, operator=operator or self.operator)
        return self.walk.do(lambda desk: take_in(ask, desk=desk))

    def pack(self, *serials: str) -> StockTransfer:
        ask = PackBox(from_branch_id=self.here.id, to_branch_id=self.there.id, operator=self.operator)
        box = self.walk.do(lambda desk: pack_box(ask, desk=desk))
        for serial in serials:
            assert self.put(box, serial).done
        return box

    def put(self, box: StockTransfer, serial: str, *, out: bool = False) -> Scanned:
        ask = PutIn(box_id=box.id, serial=serial, operator=self.operator, out=out)
        return self.walk.do(lambda desk: put_in(ask, desk=desk))

    def send(self, box: StockTransfer, *, drop: bool = False) -> StockTransfer:
        return self.walk.do(lambda desk: send_box(SendBox(box_id=box.id, operator=self.operator, drop=drop), desk=desk))

    def receive(self, box: StockTransfer, serial: str) -> Scanned:
        ask = ReceiveDevice(box_id=box.id, serial=serial, operator=self.operator)
        return self.walk.do(lambda desk: receive_device(ask, desk=desk))

    def close(self, box: StockTransfer, reason: str = "not in the box") -> StockTransfer:
        return self.walk.do(lambda desk: close_box(CloseBox(box_id=box.id, reason=reason, operator=self.operator), desk=desk))

    def box(self, box: StockTransfer) -> StockTransfer:
        return self.walk.look(lambda uow: uow.transfers.get(box.id))

    def begin(self, branch: Branch | None = None) -> StockCount:
        ask = BeginCount(branch_id=(branch or self.here).id, operator=self.operator)
        return self.walk.do(lambda desk: begin_count(ask, desk=desk))

    def count(self, count: StockCount, serial: str) -> Scanned:
        ask = CountDevice(count_id=count.id, serial=serial, operator=self.operator)
        return self.walk.do(lambda desk: count_device(ask, desk=desk))

    def end(self, count: StockCount) -> StockCount:
        return self.walk.do(lambda desk: end_count(EndCount(count_id=count.id, operator=self.operator), desk=desk))

    def lines(self, count: StockCount, finding: Finding) -> dict[str, CountLine]:
        found = self.walk.look(lambda uow: uow.count_lines.find(count_id=count.id, finding=finding))
        return {line.serial: line for line in found}

    def settle(self, line: CountLine, how: Settlement, reason: str = "looked for it") -> StockCount:
        ask = SettleLine(line_id=line.id, settlement=how, reason=reason, operator=self.operator)
        return self.walk.do(lambda desk: settle_line(ask, desk=desk))
