"""By post: packed, sent under its number, followed, delivered; or back again."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from otpward.core.errors import Conflict, Denied, Invalid, NotFound, Unavailable
from otpward.core.lifecycle.case import CaseState
from otpward.core.lifecycle.others import ShipmentState
from otpward.core.lifecycle.table import IllegalTransition
from otpward.core.lifecycle.token import TokenState
from otpward.core.model.case import Delivery
from otpward.core.model.member import Role
from otpward.core.policy.verification import Verdict
from otpward.ports.carrier import ParcelState, Tracking
from otpward.services.deliver.follow_parcels import follow_parcels
from otpward.services.deliver.plan_shipment import PlanShipment, plan_shipment
from otpward.services.deliver.scan_in import WrongEnvelope
from tests.services.walk import TRACKING, Walk, shown


class Post:
    """A carrier that says what it is told to say."""

    def __init__(self, says: Mapping[str, Tracking | Exception]) -> None:
        self.says, self.asked = says, list[str]()

    def track(self, tracking_number: str) -> Tracking:
        self.asked.append(tracking_number)
        said = self.says.get(tracking_number, NotFound("not yet"))
        if isinstance(said, Exception):
            raise said
        return said


def test_the_device_is_packed_once(walk: Walk) -> None:
    case = walk.reserve(walk.approved(Delivery.POST), "SN-02")
    parcel = walk.pack(case)
    assert (parcel.state, parcel.token_id) == (ShipmentState.PACKED, walk.token("SN-02").id)
    assert walk.events()[-1] == "shipment:planned=done"
    assert walk.pack(case) == parcel
    assert walk.look(lambda uow: uow.shipments.count()) == 1


def test_only_what_is_to_be_posted_is_packed(walk: Walk) -> None:
    case = walk.reserve(walk.approved(), "SN-02")
    with pytest.raises(Conflict):
        walk.pack(case)
    walk.member, walk.phone = walk.sample.other, "+821055501102"
    early = walk.approved(Delivery.POST)
    with pytest.raises(Conflict):
        walk.pack(early)


@pytest.mark.parametrize("role", [Role.BRANCH, Role.HELP_DESK, Role.AUDITOR])
def test_only_shipping_packs_and_sends(walk: Walk, role: Role) -> None:
    case = walk.reserve(walk.approved(Delivery.POST), "SN-02")
    with pytest.raises(Denied):
        walk.do(lambda desk: plan_shipment(PlanShipment(case_id=case.id, operator=walk.colleague(role)), desk=desk))
    parcel = walk.pack(case)
    with pytest.raises(Denied):
        walk.dispatch(parcel, "SN-02", operator=walk.colleague(role))


def test_it_goes_out_under_its_number_and_the_member_is_told(walk: Walk) -> None:
    parcel = walk.posted()
    assert (parcel.state, parcel.tracking_number) == (ShipmentState.DISPATCHED, TRACKING)
    assert walk.token("SN-02").state is TokenState.IN_TRANSIT
    assert walk.case(parcel.case_id).state is CaseState.IN_TRANSIT
    assert walk.events()[-2:] == ["token:dispatched=done", "shipment:dispatched=in_transit"]
    assert walk.told("sent") == {("m1001", "case_sent", "sms"), ("m1001", "case_sent", "mail")}


def test_the_wrong_device_does_not_go_into_the_envelope(walk: Walk) -> None:
    parcel = walk.pack(walk.reserve(walk.approved(Delivery.POST), "SN-02"))
    with pytest.raises(WrongEnvelope) as refused:
        walk.dispatch(parcel, "SN-03")
    assert refused.value.field == "serial"


def test_a_number_must_be_one_and_is_used_once(walk: Walk) -> None:
    walk.posted("SN-02")
    walk.member, walk.phone = walk.sample.other, "+821055501102"
    parcel = walk.pack(walk.reserve(walk.approved(Delivery.POST), "SN-03"))
    with pytest.raises(Invalid) as malformed:
        walk.dispatch(parcel, "SN-03", tracking_number="12")
    assert malformed.value.field == "tracking_number"
    with pytest.raises(Conflict) as taken:
        walk.dispatch(parcel, "SN-03", tracking_number=f" {TRACKING[:4]}-{TRACKING[4:]}")
    assert taken.value.field == "tracking_number"
    with pytest.raises(IllegalTransition):
        walk.dispatch(walk.dispatch(parcel, "SN-03", tracking_number="6012345678902"), "SN-03", tracking_number="6012345678903")


def test_what_arrived_is_issued_and_still_dead(walk: Walk) -> None:
    parcel = walk.arrive(walk.posted(), ParcelState.DELIVERED)
    assert (parcel.state, parcel.ended_at, parcel.place) == (ShipmentState.DELIVERED, walk.now, "서울중앙")
    assert walk.token("SN-02").state is TokenState.ISSUED
    assert walk.case(parcel.case_id).state is CaseState.RECEIVED
    assert walk.events()[-2:] == ["token:delivered=done", "case:received=received"]
    assert walk.told("delivered") == {("m1001", "case_delivered", "sms"), ("m1001", "case_delivered", "mail")}
    assert walk.verify(shown("SN-02", walk.now), serial="SN-02") is Verdict.NOT_REGISTERED


def test_what_came_back_is_quarantined_and_the_case_gets_another(walk: Walk) -> None:
    parcel = walk.arrive(walk.posted(), ParcelState.RETURNED)
    assert parcel.state is ShipmentState.RETURNED
    assert walk.token("SN-02").state is TokenState.QUARANTINED
    assert walk.look(lambda uow: uow.devices.get(walk.token("SN-02").id)).case_id is None
    case = walk.case(parcel.case_id)
    assert case.new_token_id is None
    again = walk.reserve(case, "SN-03")
    assert walk.dispatch(walk.pack(again), "SN-03", tracking_number="6012345678902").token_id == walk.token("SN-03").id


def test_a_returned_device_is_not_given_out_again(walk: Walk) -> None:
    parcel = walk.arrive(walk.posted(), ParcelState.RETURNED)
    with pytest.raises(Conflict):
        walk.reserve(walk.case(parcel.case_id), "SN-02")


@pytest.mark.parametrize("state", [ParcelState.ACCEPTED, ParcelState.IN_TRANSIT])
def test_on_its_way_only_the_place_is_noted(walk: Walk, state: ParcelState) -> None:
    parcel = walk.arrive(walk.posted(), state)
    assert (parcel.state, parcel.place, parcel.checked_at) == (ShipmentState.DISPATCHED, "서울중앙", walk.now)


@pytest.mark.parametrize("later", list(ParcelState))
def test_a_way_that_is_over_stays_over(walk: Walk, later: ParcelState) -> None:
    parcel = walk.arrive(walk.posted(), ParcelState.DELIVERED)
    case, token = walk.case(parcel.case_id), walk.token("SN-02")
    after = walk.arrive(parcel, later)
    assert (after.state, after.ended_at) == (parcel.state, parcel.ended_at)
    assert (walk.case(parcel.case_id), walk.token("SN-02")) == (case, token)
    contradicts = later in {ParcelState.RETURNED, ParcelState.MISSING}
    assert (after.look_at is not None) is contradicts
    assert walk.events()[-1].startswith("shipment:contradicted") is contradicts


def test_a_parcel_of_a_case_that_ended_meanwhile_still_arrives(walk: Walk) -> None:
    parcel = walk.posted()
    case = walk.case(parcel.case_id)
    walk.edit(lambda uow: uow.cases.save(replace(case, state=CaseState.EXPIRED, open_key=None)))
    assert walk.arrive(parcel, ParcelState.DELIVERED).state is ShipmentState.DELIVERED
    assert not walk.told("delivered")
    with pytest.raises(IllegalTransition):
        walk.register(walk.case(case.id), "SN-02")


def test_parcels_are_followed_and_a_silent_carrier_ends_the_round(walk: Walk) -> None:
    parcel = walk.posted()
    for answer in (NotFound("not yet"), Unavailable("down")):
        walk.clock.at += timedelta(hours=1)
        assert follow_parcels(walk.inside, house=walk.house, carrier=Post({TRACKING: answer})) == 0
        assert walk.look(lambda uow: uow.shipments.get(parcel.id)).state is ShipmentState.DISPATCHED
    there = Tracking(tracking_number=TRACKING, state=ParcelState.DELIVERED, at=walk.now, place="문 앞")
    walk.clock.at += timedelta(hours=1)
    post = Post({TRACKING: there})
    assert follow_parcels(walk.inside, house=walk.house, carrier=post) == 1
    assert follow_parcels(walk.inside, house=walk.house, carrier=post) == 0
    assert post.asked == [TRACKING]
    assert walk.case(parcel.case_id).state is CaseState.RECEIVED


def test_a_missing_parcel_gives_up_its_device_and_the_case_waits_for_another(walk: Walk) -> None:
    shipment = walk.posted("SN-02")
    walk.arrive(shipment, ParcelState.MISSING)
    assert walk.token("SN-02").state is TokenState.RETIRED
    case = walk.case(shipment.case_id)
    assert (case.state, case.new_token_id) == (CaseState.APPROVED, None)
    assert walk.reserve(case, "SN-03").state is CaseState.PREPARING
