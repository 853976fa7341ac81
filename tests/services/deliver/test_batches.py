"""Parcels that go together: gathered, scanned one by one, numbered, labelled only when all match, handed in."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib import import_module
from typing import Any

import pytest

from otpward.core.errors import Denied, Invalid, NotFound, Unavailable
from otpward.core.ids import BranchId, CaseId
from otpward.core.lifecycle.batch import BatchState
from otpward.core.lifecycle.case import CaseState
from otpward.core.lifecycle.others import ShipmentState
from otpward.core.lifecycle.table import IllegalTransition
from otpward.core.lifecycle.token import Hold, TokenState
from otpward.core.model.case import Case, Delivery
from otpward.core.model.delivery import Shipment
from otpward.core.model.institution import Branch
from otpward.core.model.member import Member, Operator, Role
from otpward.core.model.shipping import Batch, MailClass
from otpward.core.policy.envelopes import Misfit
from otpward.ports.carrier import Order
from otpward.ports.desk import Desk
from otpward.services.deliver.batches import parcels_of
from otpward.services.deliver.hand_in import HandedIn, HandIn, hand_in
from otpward.services.deliver.leave_out import LeaveOut, leave_out
from otpward.services.deliver.make_batch import EmptyBatch, Gathered, MakeBatch, make_batch
from otpward.services.deliver.number_parcel import NumberParcel, NumberTaken, number_parcel
from otpward.services.deliver.order_numbers import AskNumbers, ask_numbers, order_numbers
from otpward.services.deliver.plan_shipment import InABatch
from otpward.services.deliver.print_labels import NotAllMatch, PrintLabels, print_labels
from otpward.services.deliver.print_papers import PrintPapers, print_papers
from otpward.services.deliver.scan_in import ScanIn, WrongEnvelope, scan_in
from otpward.services.oversee.add_branch import add_branch
from otpward.services.oversee.add_member import AddMember, add_member
from tests.services.walk import Walk

PEOPLE = ("m1001", "m1002", "m2001")
NUMBERS = ("6012345678901", "6012345678902", "RR123456785GB")
SPARE = "6012345678909"


def person(walk: Walk, login: str) -> tuple[Member, str]:
    found = walk.look(lambda uow: uow.members.first(login=login))
    phone = {"m1001": "+821055501101", "m1002": "+821055501102"}.get(login, "+821055501103")
    if found is None:
        ask = AddMember(
            institution_id=walk.inside,
            login=login,
            name="이바다",
            phone=phone,
            email=f"{login}@member.example",
            birth_date="1991-02-03",
            password="warm-plum-42",
        )
        found = walk.do(lambda desk: add_member(ask, desk=desk, passwords=walk.house.passwords))
    return found, phone


def prepared(walk: Walk, login: str, serial: str) -> Case:
    """An application for the post with a device set aside."""
    walk.member, walk.phone = person(walk, login)
    return walk.reserve(walk.approved(Delivery.POST), serial)


def gathered(walk: Walk, cases: Sequence[Case], **changes: Any) -> Gathered:
    ask = MakeBatch(case_ids=[case.id for case in cases], branch_id=walk.sample.branch.id, operator=walk.operator)
    return walk.do(lambda desk: make_batch(replace(ask, **changes), desk=desk))


def three(walk: Walk) -> tuple[Batch, list[Case]]:
    """A batch of three; the pick list goes by serial number."""
    cases = [prepared(walk, login, f"SN-0{4 - place}") for place, login in enumerate(PEOPLE)]
    return gathered(walk, cases).batch, cases


def scan(walk: Walk, batch: Batch, position: int, serial: str, operator: Operator | None = None) -> Shipment:
    ask = ScanIn(batch=batch.number, position=position, serial=serial, operator=operator or walk.operator)
    return walk.do(lambda desk: scan_in(ask, desk=desk))


def number(walk: Walk, batch: Batch, position: int, text: str) -> Shipment:
    ask = NumberParcel(batch=batch.number, position=position, tracking_number=text, operator=walk.operator)
    return walk.do(lambda desk: number_parcel(ask, desk=desk))


def labels(walk: Walk, batch: Batch, position: int | None = None) -> tuple[Batch, list[Shipment]]:
    ask = PrintLabels(batch=batch.number, operator=walk.operator, position=position)
    return walk.do(lambda desk: print_labels(ask, desk=desk))


def papers(walk: Walk, batch: Batch, paper: str) -> list[Shipment]:
    ask = PrintPapers(batch=batch.number, paper=paper, operator=walk.operator)
    return walk.do(lambda desk: print_papers(ask, desk=desk))[1]


def left_out(walk: Walk, batch: Batch, position: int | None = None, operator: Operator | None = None) -> Batch:
    ask = LeaveOut(batch=batch.number, operator=operator or walk.operator, position=position)
    return walk.do(lambda desk: leave_out(ask, desk=desk))


def handed_in(walk: Walk, batch: Batch) -> HandedIn:
    return hand_in(HandIn(batch=batch.number, operator=walk.operator), walk.inside, house=walk.house)


def packed(walk: Walk, batch: Batch) -> None:
    for place in (1, 2, 3):
        scan(walk, batch, place, f"SN-0{place + 1}")
        number(walk, batch, place, NUMBERS[place - 1])


def parcels(walk: Walk, batch: Batch) -> list[Shipment]:
    return walk.look(lambda uow: parcels_of(batch, uow=uow))


def elsewhere(walk: Walk) -> Branch:
    branch = Branch(
        id=BranchId(walk.house.desk(walk.inside).new_id()),
        institution_id=walk.inside,
        code="busan",
        name_ko="부산지점",
        name_en="Busan",
        address_ko="부산",
        address_en="Busan",
        hours="09:00-16:00",
        phone="051-000-0000",
    )
    return add_branch(branch, desk=walk.house.desk(walk.inside))


def lies_at(walk: Walk, serial: str, branch: Branch) -> None:
    key = walk.token(serial).id
    walk.edit(lambda uow: uow.devices.save(replace(uow.devices.get(key), branch_id=branch.id)))


def held(walk: Walk, serial: str) -> None:
    walk.edit(lambda uow: uow.tokens.save(replace(walk.token(serial), holds=frozenset({Hold.SUSPENDED}))))


def in_state(walk: Walk, serial: str, state: TokenState) -> None:
    walk.edit(lambda uow: uow.tokens.save(replace(walk.token(serial), state=state)))


def test_a_batch_is_a_pick_list_in_the_order_of_the_shelf(walk: Walk) -> None:
    batch, cases = three(walk)
    assert (batch.state, batch.parcels, batch.number[:2]) == (BatchState.PACKING, 3, "B-")
    rows = parcels(walk, batch)
    assert walk.look(lambda uow: [uow.tokens.get(one.token_id).serial for one in rows]) == ["SN-02", "SN-03", "SN-04"]
    assert [one.position for one in rows] == [1, 2, 3]
    assert {one.mail_class for one in rows} == {MailClass.RECIPIENT_ONLY}
    assert walk.events()[-1] == "batch:made=done"
    assert {one.case_id for one in rows} == {case.id for case in cases}


def test_what_cannot_go_is_named_with_its_reason(walk: Walk) -> None:
    good = prepared(walk, "m1001", "SN-02")
    far = prepared(walk, "m1002", "SN-03")
    lies_at(walk, "SN-03", elsewhere(walk))
    walk.member, walk.phone = person(walk, "m2001")
    bare = walk.approved(Delivery.POST)
    made = gathered(walk, [good, far, bare])
    assert made.batch.parcels == 1
    assert made.left == {far.id: "not_here", bare.id: "nothing_to_send"}
    with pytest.raises(EmptyBatch):
        gathered(walk, [good])
    with pytest.raises(EmptyBatch):
        gathered(walk, [bare], case_ids=[CaseId(walk.house.desk(walk.inside).new_id())])
    with pytest.raises(Invalid):
        gathered(walk, [], case_ids=[CaseId(walk.house.desk(walk.inside).new_id()) for _ in range(501)])


@pytest.mark.parametrize("role", [Role.BRANCH, Role.HELP_DESK, Role.AUDITOR])
def test_only_shipping_works_on_batches_and_only_at_its_own_branch(walk: Walk, role: Role) -> None:
    batch, _ = three(walk)
    for operator in (walk.colleague(role), replace(walk.operator, branch_id=elsewhere(walk).id)):
        with pytest.raises(Denied):
            scan(walk, batch, 1, "SN-02", operator)
        with pytest.raises(Denied):
            left_out(walk, batch, operator=operator)


MISFITS: dict[str, tuple[Callable[[Walk], object], str, Misfit]] = {
    "unknown": (lambda walk: None, "NOTHING-1", Misfit.UNKNOWN),
    "retired": (lambda walk: in_state(walk, "SN-05", TokenState.RETIRED), "SN-05", Misfit.ENDED),
    "destroyed": (lambda walk: in_state(walk, "SN-05", TokenState.DESTROYED), "SN-05", Misfit.ENDED),
    "of the next envelope": (lambda walk: None, "SN-03", Misfit.NEIGHBOUR),
    "for nobody": (lambda walk: None, "SN-05", Misfit.NOT_SET_ASIDE),
    "at another branch": (lambda walk: lies_at(walk, "SN-05", elsewhere(walk)), "SN-05", Misfit.ANOTHER_BRANCH),
    "in use": (lambda walk: None, "SN-00", Misfit.IN_USE),
    "stopped": (lambda walk: held(walk, "SN-02"), "SN-02", Misfit.STOPPED),
}


@pytest.mark.parametrize("name", MISFITS)
def test_a_wrong_device_stops_for_its_own_reason(walk: Walk, name: str) -> None:
    arrange, serial, misfit = MISFITS[name]
    batch, _ = three(walk)
    arrange(walk)
    before = walk.events()
    with pytest.raises(WrongEnvelope) as refused:
        scan(walk, batch, 1, serial)
    assert (refused.value.misfit, refused.value.field) == (misfit, "serial")
    assert refused.value.belongs == (2 if misfit is Misfit.NEIGHBOUR else 1 if misfit is Misfit.STOPPED else None)
    assert walk.events() == before


def test_the_device_of_a_case_outside_the_batch_stops(walk: Walk) -> None:
    inside, _outside = prepared(walk, "m1001", "SN-02"), prepared(walk, "m1002", "SN-03")
    batch = gathered(walk, [inside]).batch
    with pytest.raises(WrongEnvelope) as refused:
        scan(walk, batch, 1, "SN-03")
    assert refused.value.misfit is Misfit.ANOTHER_CASE


def test_a_device_is_scanned_once_however_its_letters_are_spelled(walk: Walk) -> None:
    batch, _ = three(walk)
    assert scan(walk, batch, 1, " sn-02 ").state is ShipmentState.PACKED
    assert walk.events()[-1] == "shipment:packed=done"
    for place in (1, 2):
        with pytest.raises(WrongEnvelope) as refused:
            scan(walk, batch, place, "SN-02")
        assert (refused.value.misfit, refused.value.belongs) == (Misfit.TWICE, 1)
    with pytest.raises(Invalid):
        scan(walk, batch, 2, "  ")
    with pytest.raises(NotFound):
        scan(walk, batch, 9, "SN-03")


def test_a_number_is_checked_and_goes_onto_one_parcel(walk: Walk) -> None:
    batch, _ = three(walk)
    assert number(walk, batch, 1, "rr 123 456 785 gb").tracking_number == "RR123456785GB"
    assert number(walk, batch, 1, "RR123456785GB").tracking_number == "RR123456785GB"
    with pytest.raises(NumberTaken):
        number(walk, batch, 2, "RR123456785GB")
    with pytest.raises(Invalid):
        number(walk, batch, 2, "RR123456784GB")


def test_labels_are_printed_only_when_all_match_and_again_is_written_down(walk: Walk) -> None:
    batch, _ = three(walk)
    scan(walk, batch, 1, "SN-02")
    number(walk, batch, 1, NUMBERS[0])
    with pytest.raises(NotAllMatch) as refused:
        labels(walk, batch)
    assert refused.value.positions == (2, 3)
    with pytest.raises(NotAllMatch):
        labels(walk, batch, 1)
    with pytest.raises(IllegalTransition):
        handed_in(walk, batch)
    packed_rest = [(2, "SN-03"), (3, "SN-04")]
    for place, serial in packed_rest:
        scan(walk, batch, place, serial)
        number(walk, batch, place, NUMBERS[place - 1])
    printed, sheet = labels(walk, batch)
    assert (printed.state, printed.printed, [one.position for one in sheet]) == (BatchState.LABELLED, 1, [1, 2, 3])
    assert [one.position for one in labels(walk, batch, 2)[1]] == [2]
    assert labels(walk, batch)[0].printed == 2
    assert walk.events()[-3:] == ["batch:printed=done", "shipment:label_again=done", "batch:printed_again=done"]


def test_a_number_changed_after_printing_voids_that_label_until_it_is_printed_again(walk: Walk) -> None:
    batch, _ = three(walk)
    packed(walk, batch)
    labels(walk, batch)
    number(walk, batch, 2, NUMBERS[1])
    assert stood(walk, batch) == (BatchState.LABELLED, [True, True, True]), "the same number once more changes nothing"
    number(walk, batch, 2, SPARE)
    assert stood(walk, batch) == (BatchState.PACKING, [True, False, True])
    with pytest.raises(IllegalTransition):
        handed_in(walk, batch)
    assert labels(walk, batch, 2)[1][0].tracking_number == SPARE
    assert stood(walk, batch) == (BatchState.LABELLED, [True, True, True])
    assert handed_in(walk, batch).sent == 3


@pytest.mark.parametrize("way", ["the whole sheet", "leaving it out"])
def test_a_void_label_is_settled_by(walk: Walk, way: str) -> None:
    batch, _ = three(walk)
    packed(walk, batch)
    labels(walk, batch)
    number(walk, batch, 3, SPARE)
    if way == "the whole sheet":
        labels(walk, batch)
    else:
        left_out(walk, batch, 3)
    state, printed = stood(walk, batch)
    assert state is BatchState.LABELLED
    assert all(printed)


def stood(walk: Walk, batch: Batch) -> tuple[BatchState, list[bool]]:
    """How the batch stands, and which of its envelopes bear the label of their own number."""
    now = walk.look(lambda uow: uow.batches.get(batch.id))
    return now.state, [one.labelled_at is not None for one in parcels(walk, batch)]


def test_a_batch_that_is_handed_in_is_on_its_way_whole(walk: Walk) -> None:
    batch, cases = three(walk)
    packed(walk, batch)
    labels(walk, batch)
    gone = handed_in(walk, batch)
    assert (gone.batch.state, gone.sent, gone.stuck) == (BatchState.HANDED_IN, 3, {})
    assert {one.state for one in parcels(walk, batch)} == {ShipmentState.DISPATCHED}
    assert {walk.case(case.id).state for case in cases} == {CaseState.IN_TRANSIT}
    assert {login for login, _, _ in walk.told("sent")} == set(PEOPLE)
    for act in (lambda: handed_in(walk, batch), lambda: scan(walk, batch, 1, "SN-02")):
        with pytest.raises(IllegalTransition):
            act()
    assert len(labels(walk, batch)[1]) == 3


def test_a_parcel_whose_case_ended_stays_and_can_be_left_out(walk: Walk) -> None:
    batch, cases = three(walk)
    packed(walk, batch)
    labels(walk, batch)
    ended = cases[0]  # its device is SN-04, in the last envelope
    walk.edit(lambda uow: uow.cases.save(replace(walk.case(ended.id), state=CaseState.CANCELLED, open_key=None)))
    gone = handed_in(walk, batch)
    assert (gone.sent, gone.stuck, gone.batch.state) == (2, {3: "nothing_to_send"}, BatchState.LABELLED)
    left_out(walk, batch, 3)
    assert handed_in(walk, batch).batch.state is BatchState.HANDED_IN


def test_a_batch_can_be_dissolved_and_its_parcels_go_into_another(walk: Walk) -> None:
    batch, cases = three(walk)
    scan(walk, batch, 1, "SN-02")
    dissolved = left_out(walk, batch)
    assert (dissolved.state, dissolved.parcels) == (BatchState.DISSOLVED, 0)
    again = gathered(walk, cases).batch
    assert again.parcels == 3
    assert all(one.packed_at is None for one in parcels(walk, again))
    assert walk.look(lambda uow: uow.shipments.count()) == 3


def test_what_is_in_a_batch_does_not_leave_alone(walk: Walk) -> None:
    batch, cases = three(walk)
    with pytest.raises(InABatch):
        walk.pack(cases[0])
    scan(walk, batch, 3, "SN-04")
    parcel = parcels(walk, batch)[2]
    with pytest.raises(InABatch):
        walk.dispatch(parcel, "SN-04")


def test_papers_are_written_down(walk: Walk) -> None:
    batch, _ = three(walk)
    for paper in ("letters", "list"):
        assert len(papers(walk, batch, paper)) == 3
    assert walk.events()[-2:] == ["batch:letters_printed=done", "batch:listed=done"]


class Counter:
    """A carrier that takes orders until it does not."""

    def __init__(self, *answers: str | Exception) -> None:
        self.answers, self.orders = list(answers), list[Order]()

    def take_order(self, order: Order) -> str:
        self.orders.append(order)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def test_the_carrier_gives_the_numbers_and_a_day_without_it_loses_nothing(walk: Walk) -> None:
    batch, _ = three(walk)
    walk.do(lambda desk: ask_numbers(AskNumbers(batch=batch.number, operator=walk.operator), desk=desk))
    down = Counter(NUMBERS[0], Unavailable("down"))
    with pytest.raises(Unavailable):
        order_numbers(walk.inside, batch.id, house=walk.house, carrier=down)
    assert [one.tracking_number for one in parcels(walk, batch)] == [NUMBERS[0], "", ""]
    back = Counter(NUMBERS[1], Invalid("no such address"))
    assert order_numbers(walk.inside, batch.id, house=walk.house, carrier=back) == 1
    rows = parcels(walk, batch)
    assert [one.tracking_number for one in rows] == [NUMBERS[0], NUMBERS[1], ""]
    assert rows[2].look_at is not None
    assert order_numbers(walk.inside, batch.id, house=walk.house, carrier=Counter()) == 0
    assert back.orders[0].address.reveal() == "서울 중구 세종대로 1"
    assert number(walk, batch, 3, NUMBERS[2]).look_at is None


def test_what_is_left_out_while_the_others_are_handed_in_stays_here(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    batch, _cases = three(walk)
    packed(walk, batch)
    labels(walk, batch)
    module = import_module("otpward.services.deliver.hand_in")
    looked_through = module._waiting

    def then_left_out(ask: HandIn, *, desk: Desk) -> Any:
        found = looked_through(ask, desk=desk)
        left_out(walk, batch, 2)
        return found

    monkeypatch.setattr(module, "_waiting", then_left_out)
    stays = parcels(walk, batch)[1]
    gone = handed_in(walk, batch)
    assert (gone.sent, gone.stuck) == (2, {2: "not_all_match"})
    assert walk.look(lambda uow: uow.shipments.get(stays.id)).state is ShipmentState.PACKED
