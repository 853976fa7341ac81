"""Following parcels: at a pace, through days without an answer, through late and odd words, until one is missing."""

from datetime import timedelta

import pytest

from otpward.core.errors import Conflict, Denied, NotFound, Unavailable
from otpward.core.lifecycle.case import CaseState
from otpward.core.lifecycle.others import ShipmentState
from otpward.core.lifecycle.token import TokenState
from otpward.core.model.case import Delivery
from otpward.core.model.delivery import Shipment
from otpward.core.model.member import Role
from otpward.core.model.shipping import Source
from otpward.core.policy.tracking import PACE
from otpward.ports.carrier import Moment, ParcelState, Tracking
from otpward.services.deliver.choose_again import ChooseAgain, NothingCameBack, choose_again
from otpward.services.deliver.confirm_delivery import ConfirmDelivery, confirm_delivery
from otpward.services.deliver.follow_parcels import follow_parcels
from otpward.services.deliver.scan_in import WrongEnvelope
from otpward.services.deliver.settle import Settle, settle
from tests.services.deliver.test_post import Post
from tests.services.walk import CARRIER, TRACKING, Walk

DOWN = Post({TRACKING: Unavailable("down")})


def parcel(walk: Walk) -> Shipment:
    found = walk.look(lambda uow: uow.shipments.first(tracking_number=TRACKING))
    assert found is not None
    return found


def there(walk: Walk, state: ParcelState = ParcelState.IN_TRANSIT, *history: Moment) -> Post:
    return Post({TRACKING: Tracking(tracking_number=TRACKING, state=state, at=walk.now, place="동서울", history=history)})


def ask(walk: Walk, post: Post) -> int:
    return follow_parcels(walk.inside, house=walk.house, carrier=post)


def hear(walk: Walk, state: ParcelState, minutes: int = 0) -> Shipment:
    at = walk.now + timedelta(minutes=minutes)
    word = ConfirmDelivery(shipment_id=parcel(walk).id, state=state, at=at, place=f"{minutes}", by=CARRIER)
    return walk.do(lambda desk: confirm_delivery(word, desk=desk))


def words(walk: Walk) -> list[tuple[str, str]]:
    key = parcel(walk).id
    return [(one.state, one.did) for one in walk.look(lambda uow: uow.parcel_events.find(shipment_id=key, order="at"))]


def test_a_parcel_is_asked_about_at_its_pace_and_less_often_the_longer_it_is_silent(walk: Walk) -> None:
    walk.posted()
    post = there(walk)
    assert (ask(walk, post), ask(walk, post)) == (1, 0)
    assert parcel(walk).ask_at == walk.now + PACE
    walk.clock.at += timedelta(days=1)
    assert ask(walk, post) == 1
    assert parcel(walk).ask_at == walk.now + 3 * PACE
    walk.clock.at += timedelta(days=9)
    ask(walk, post)
    assert parcel(walk).ask_at == walk.now + 36 * PACE
    assert words(walk) == [("in_transit", "note")], "the same word twice is one"


def test_a_carrier_that_is_down_for_a_day_loses_nothing_shows_and_recovers(walk: Walk) -> None:
    walk.posted()
    begun = walk.now
    for _ in range(24 * 6):
        assert ask(walk, DOWN) == 0
        walk.clock.at += PACE
    silent = parcel(walk)
    assert (silent.state, silent.silent_since) == (ShipmentState.DISPATCHED, begun)
    assert len(DOWN.asked) < 15, "it is not asked in vain all day"
    assert silent.ask_at is not None
    assert silent.ask_at <= walk.now + 36 * PACE
    walk.clock.at = silent.ask_at
    assert ask(walk, there(walk, ParcelState.DELIVERED)) == 1
    assert (parcel(walk).state, parcel(walk).silent_since, parcel(walk).misses) == (ShipmentState.DELIVERED, None, 0)


def test_without_news_for_as_many_days_as_policy_says_it_is_missing(walk: Walk) -> None:
    sent = walk.posted()
    walk.clock.at += timedelta(days=31)
    ask(walk, DOWN)
    assert parcel(walk).state is ShipmentState.DISPATCHED, "a carrier that is down says nothing"
    walk.clock.at += timedelta(days=1)
    ask(walk, Post({TRACKING: NotFound("unknown")}))
    assert parcel(walk).state is ShipmentState.MISSING
    assert walk.token("SN-02").state is TokenState.RETIRED
    assert walk.case(sent.case_id).state is CaseState.APPROVED
    assert walk.told("missing") == {("m1001", "case_missing", "sms"), ("m1001", "case_missing", "mail")}
    assert [one.source for one in walk.look(lambda uow: uow.parcel_events.find())] == [Source.DEADLINE]


def test_a_whole_history_is_kept_in_order_and_once(walk: Walk) -> None:
    walk.posted()
    earlier = [
        Moment(state=ParcelState.IN_TRANSIT, at=walk.now - timedelta(hours=1), place="b"),
        Moment(state=ParcelState.ACCEPTED, at=walk.now - timedelta(hours=2), place="a"),
    ]
    ask(walk, there(walk, ParcelState.DELIVERED, *earlier))
    assert words(walk) == [("accepted", "note"), ("in_transit", "note"), ("delivered", "deliver")]
    assert parcel(walk).place == "동서울"


ORDERS: dict[str, tuple[list[tuple[ParcelState, int]], ShipmentState, bool]] = {
    "delivered twice": ([(ParcelState.DELIVERED, 0), (ParcelState.DELIVERED, 5)], ShipmentState.DELIVERED, False),
    "late": ([(ParcelState.DELIVERED, 0), (ParcelState.IN_TRANSIT, -30)], ShipmentState.DELIVERED, False),
    "returned after delivered": ([(ParcelState.DELIVERED, 0), (ParcelState.RETURNED, 5)], ShipmentState.DELIVERED, True),
    "delivered to its sender": ([(ParcelState.RETURNED, 0), (ParcelState.DELIVERED, 5)], ShipmentState.RETURNED, False),
    "found after all": ([(ParcelState.MISSING, 0), (ParcelState.DELIVERED, 5)], ShipmentState.MISSING, True),
}


@pytest.mark.parametrize("name", ORDERS)
def test_late_and_contradictory_words_are_decided_by_the_table(walk: Walk, name: str) -> None:
    said, state, looks = ORDERS[name]
    walk.posted()
    for word, minutes in said:
        hear(walk, word, minutes)
    assert (parcel(walk).state, parcel(walk).look_at is not None) == (state, looks)
    assert len(words(walk)) == len(said)
    place = parcel(walk).place
    assert place == str(max(minutes for _, minutes in said)), "an older word does not move it back"


def test_a_device_that_is_back_although_delivered_is_taken_back_by_whoever_holds_it(walk: Walk) -> None:
    sent = walk.posted()
    hear(walk, ParcelState.DELIVERED)
    hear(walk, ParcelState.RETURNED, 5)
    key = parcel(walk).id
    with pytest.raises(WrongEnvelope):
        walk.do(lambda desk: settle(Settle(shipment_id=key, operator=walk.operator, serial="SN-03"), desk=desk))
    clerk = walk.colleague(Role.HELP_DESK)
    with pytest.raises(Denied):
        walk.do(lambda desk: settle(Settle(shipment_id=key, operator=clerk), desk=desk))
    walk.do(lambda desk: settle(Settle(shipment_id=key, operator=walk.operator, serial="SN-02"), desk=desk))
    assert (walk.token("SN-02").state, parcel(walk).look_at) == (TokenState.QUARANTINED, None)
    case = walk.case(sent.case_id)
    assert (case.state, case.new_token_id) == (CaseState.APPROVED, None)
    assert walk.reserve(case, "SN-03").state is CaseState.PREPARING


def test_a_registered_device_is_not_taken_back_like_a_parcel(walk: Walk) -> None:
    sent = walk.posted()
    hear(walk, ParcelState.DELIVERED)
    walk.register(walk.case(sent.case_id), "SN-02")
    with pytest.raises(Conflict):
        walk.do(lambda desk: settle(Settle(shipment_id=sent.id, operator=walk.operator, serial="SN-02"), desk=desk))
    assert walk.token("SN-02").state is TokenState.REGISTERED


def test_what_came_back_is_told_and_travels_again_once(walk: Walk) -> None:
    sent = walk.posted()
    hear(walk, ParcelState.RETURNED)
    assert walk.told("returned") == {("m1001", "case_returned", "sms"), ("m1001", "case_returned", "mail")}
    choice = ChooseAgain(
        case_id=sent.case_id, by=CARRIER, delivery=Delivery.BRANCH, branch_id=walk.sample.branch.id, member_id=walk.member.id
    )
    assert walk.do(lambda desk: choose_again(choice, desk=desk)).delivery is Delivery.BRANCH
    with pytest.raises(NothingCameBack):
        walk.do(lambda desk: choose_again(choice, desk=desk))
    assert walk.set_out(walk.reserve(walk.case(sent.case_id), "SN-03")).branch_id == walk.sample.branch.id
