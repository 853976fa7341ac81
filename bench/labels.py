"""How long a sheet of 500 address labels takes, from the rows of the store to the PDF: `python -m bench.labels [COUNT]`."""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from otpward.adapters.pdf.printer import TypstPrinter
from otpward.core.ids import CaseId, MemberId, TokenId
from otpward.core.lifecycle.batch import BatchState
from otpward.core.lifecycle.others import ShipmentState
from otpward.core.model.case import Case, Delivery
from otpward.core.model.delivery import Shipment
from otpward.core.model.shipping import Batch
from otpward.core.secret import Personal
from otpward.edges.http.assets import Assets
from otpward.edges.http.envelopes import box_of
from otpward.edges.http.mail_papers import label_sheet
from otpward.edges.http.pages import Pages
from otpward.ports.desk import Desk
from tests.fakes.house import sql_house, sqlite_engine
from tests.fakes.sample import make_sample
from tests.services.walk import Walk

T = TypeVar("T")
ROUNDS = 5


def fill(walk: Walk, count: int, desk: Desk) -> UUID:
    """A batch of so many parcels, each with a case, a member and a device of its own."""
    with desk.uow as uow:
        source, device, token = uow.cases.find()[0], uow.devices.find()[0], walk.token("SN-02")
        batch = Batch(
            id=desk.new_id(),
            institution_id=walk.inside,
            number=desk.number("B"),
            branch_id=walk.sample.branch.id,
            state=BatchState.LABELLED,
            parcels=count,
            made_at=desk.now,
        )
        uow.batches.add(batch)
        for place in range(1, count + 1):
            member = replace(walk.sample.member, id=MemberId(desk.new_id()), login=f"b{place}", version=0)
            own = replace(token, id=TokenId(desk.new_id()), serial=f"B-{place:05d}", version=0)
            case: Case = replace(
                source,
                id=CaseId(desk.new_id()),
                number=desk.number("R"),
                open_key=None,
                member_id=member.id,
                new_token_id=own.id,
                address=Personal(f"{10000 + place}\n서울특별시 중구 세종대로 {place}\n한빛아파트 {place}호"),
                version=0,
            )
            uow.members.add(member)
            uow.tokens.add(own)
            uow.devices.add(replace(device, id=own.id, case_id=case.id, version=0))
            uow.cases.add(case)
            uow.shipments.add(
                Shipment(
                    id=desk.new_id(),
                    institution_id=walk.inside,
                    case_id=case.id,
                    member_id=member.id,
                    token_id=own.id,
                    branch_id=batch.branch_id,
                    state=ShipmentState.PACKED,
                    tracking_number=str(6_012_345_600_000 + place),
                    planned_at=desk.now,
                    packed_at=desk.now,
                    batch_id=batch.id,
                    position=place,
                )
            )
        uow.commit()
    return batch.id


def timed(act: Callable[[], T]) -> tuple[float, T]:
    """Seconds, and what came out."""
    began = time.perf_counter()
    made = act()
    return time.perf_counter() - began, made


def main() -> None:
    """Print the medians."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    with tempfile.TemporaryDirectory() as folder:
        engine = sqlite_engine(Path(folder))
        walk = Walk(make_sample(sql_house(engine)))
        walk.reserve(walk.approved(Delivery.POST), "SN-02")
        key = walk.do(lambda desk: fill(walk, count, desk))
        words, printer = Pages(Assets()).words("ko"), TypstPrinter()
        reads, prints, size = list[float](), list[float](), 0
        for _ in range(ROUNDS):
            took, box = timed(lambda: walk.look(lambda uow: box_of(uow.batches.get(key), uow=uow)))
            reads.append(took)
            sheet = label_sheet(box.envelopes, box, words, walk.sample.institution, first=1, at=walk.now)
            took, made = timed(lambda sheet=sheet: printer.print(sheet))  # type: ignore[misc]
            prints.append(took)
            size = len(made)
        printer.close()
        engine.dispose()
    first = reads[0] + prints[0]
    both = statistics.median(reads) + statistics.median(prints)
    print(
        f"{count} labels: {first:.2f} s with the start of the printer, then {both:.2f} s, of which the store {reads[-1]:.2f} s"
    )
    print(f"{size:,} octets")


if __name__ == "__main__":
    main()
