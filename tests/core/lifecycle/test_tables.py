"""Every state × event pair of every life: what the product's table says, against a copy of the design kept by hand."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

import pytest

from otpward.core.errors import Conflict
from otpward.core.lifecycle import case, contact_change, document, fee, others, policy, stock, token
from otpward.core.lifecycle.table import IllegalTransition

# Written out from the design, not made from the product's table: who edits one has to edit the other.
TOKEN = """
in_stock     reserve           reserved
in_stock     transfer          in_stock
in_stock     quarantine        quarantined
in_stock     write_off         retired
reserved     release           in_stock
reserved     dispatch          in_transit
reserved     hand_over         issued
reserved     write_off         retired
in_transit   deliver           issued
in_transit   return_to_sender  quarantined
in_transit   go_missing        retired
quarantined  restock           in_stock
quarantined  write_off         retired
issued       register          registered
issued       hand_back         quarantined
issued       retire            retired
registered   activate          active
registered   unregister        issued
registered   retire            retired
active       retire            retired
retired      destroy           destroyed
"""

# An app needs no journey, so its case is received from where it is prepared; a parcel that comes back wants another device.
CASE = """
reported           start         draft
reported           cancel        cancelled
reported           expire        expired
reported           lift          lifted
draft              submit        submitted
draft              cancel        cancelled
draft              expire        expired
submitted          take_up       checking
submitted          cancel        cancelled
submitted          expire        expired
checking           ask_for_more  more_needed
checking           propose       awaiting_approval
checking           refuse        refused
checking           cancel        cancelled
checking           expire        expired
more_needed        answer        checking
more_needed        cancel        cancelled
more_needed        expire        expired
awaiting_approval  approve       approved
awaiting_approval  send_back     checking
awaiting_approval  lapse         checking
awaiting_approval  refuse        refused
awaiting_approval  cancel        cancelled
awaiting_approval  expire        expired
approved           prepare       preparing
approved           cancel        cancelled
approved           expire        expired
preparing          send_out      in_transit
preparing          set_out       ready_to_collect
preparing          receive       received
preparing          cancel        cancelled
preparing          expire        expired
in_transit         receive       received
in_transit         come_back     approved
in_transit         cancel        cancelled
in_transit         expire        expired
ready_to_collect   receive       received
ready_to_collect   cancel        cancelled
ready_to_collect   expire        expired
received           register      registered
received           come_back     approved
received           exchange      received
received           cancel        cancelled
received           expire        expired
registered         finish        done
registered         exchange      received
registered         cancel        cancelled
registered         expire        expired
"""

# A passed proof that nobody uses in time expires, too.
PROOF = """
started  pass    passed
started  fail    failed
started  cancel  cancelled
started  expire  expired
passed   spend   spent
passed   expire  expired
"""
REGISTRATION = """
pending  confirm  live
pending  end      ended
live     end      ended
"""
SHIPMENT = """
planned     pack      packed
packed      dispatch  dispatched
dispatched  deliver   delivered
dispatched  return    returned
dispatched  lose      missing
"""
PICK_UP = """
reserved  set_out    ready
reserved  expire     expired
ready     hand_over  handed_over
ready     expire     expired
"""
POLICY = """
draft     propose    proposed
draft     withdraw   withdrawn
proposed  approve    approved
proposed  send_back  draft
proposed  withdraw   withdrawn
approved  supersede  superseded
approved  withdraw   withdrawn
"""

CONTACT_CHANGE = """
asked  show    changed
asked  fail    failed
asked  expire  expired
asked  cancel  cancelled
"""

DOCUMENT = """
reading  cover   read
reading  doubt   by_hand
reading  refuse  refused
reading  erase   erased
read     keep    kept
read     erase   erased
by_hand  keep    kept
by_hand  erase   erased
kept     erase   erased
"""

BOX = """
packing  send     sent
packing  drop     dropped
sent     receive  received
sent     close    closed
"""

COUNT = """
open      end     settling
settling  settle  done
"""

Life = tuple[type[StrEnum], type[StrEnum], Mapping[Any, Mapping[Any, Any]], Callable[[Any, Any], StrEnum], str, set[str]]

FEE = """
due       waive        waived
due       pay          paid
due       drop         dropped
paid      refund_part  paid
paid      refund       refunded
"""

LIVES: dict[str, Life] = {
    "token": (token.TokenState, token.TokenEvent, token.TRANSITIONS, token.advance, TOKEN, {"destroyed"}),
    "case": (
        case.CaseState,
        case.CaseEvent,
        case.TRANSITIONS,
        case.advance,
        CASE,
        {"done", "cancelled", "refused", "expired", "lifted"},
    ),
    "proof": (
        others.ProofState,
        others.ProofEvent,
        others.PROOF,
        others.advance_proof,
        PROOF,
        {"failed", "cancelled", "expired", "spent"},
    ),
    "registration": (
        others.RegistrationState,
        others.RegistrationEvent,
        others.REGISTRATION,
        others.advance_registration,
        REGISTRATION,
        {"ended"},
    ),
    "shipment": (
        others.ShipmentState,
        others.ShipmentEvent,
        others.SHIPMENT,
        others.advance_shipment,
        SHIPMENT,
        {"delivered", "returned", "missing"},
    ),
    "pick-up": (
        others.PickUpState,
        others.PickUpEvent,
        others.PICK_UP,
        others.advance_pick_up,
        PICK_UP,
        {"handed_over", "expired"},
    ),
    "contact change": (
        contact_change.ChangeState,
        contact_change.ChangeEvent,
        contact_change.CHANGE,
        contact_change.advance_change,
        CONTACT_CHANGE,
        {"changed", "failed", "expired", "cancelled"},
    ),
    "picture of a paper": (
        document.DocumentState,
        document.DocumentEvent,
        document.DOCUMENT,
        document.advance_document,
        DOCUMENT,
        {"refused", "erased"},
    ),
    "box between branches": (
        stock.TransferState,
        stock.TransferEvent,
        stock.TRANSFER,
        stock.advance_transfer,
        BOX,
        {"received", "closed", "dropped"},
    ),
    "count": (stock.CountState, stock.CountEvent, stock.COUNT, stock.advance_count, COUNT, {"done"}),
    "fee": (fee.FeeState, fee.FeeEvent, fee.FEE, fee.advance_fee, FEE, {"waived", "refunded", "dropped"}),
    "policy": (
        policy.PolicyState,
        policy.PolicyEvent,
        policy.POLICY,
        policy.advance_policy,
        POLICY,
        {"superseded", "withdrawn"},
    ),
}


def design(text: str) -> dict[tuple[str, str], str]:
    rows = [line.split() for line in text.strip().splitlines()]
    table = {(state, event): after for state, event, after in rows}
    assert len(table) == len(rows), "a pair is written twice"
    return table


PAIRS = [
    pytest.param(advance, state, event, design(text).get((state, event)), id=f"{name}-{state}-{event}")
    for name, (states, events, _, advance, text, _) in LIVES.items()
    for state in states
    for event in events
]


@pytest.mark.parametrize(("advance", "state", "event", "after"), PAIRS)
def test_a_pair_leads_where_the_design_says_or_is_refused(
    advance: Callable[[Any, Any], StrEnum], state: StrEnum, event: StrEnum, after: str | None
) -> None:
    if after is not None:
        assert advance(state, event) == after
        return
    with pytest.raises(IllegalTransition) as refused:
        advance(state, event)
    assert (refused.value.state, refused.value.event) == (state, event)
    assert isinstance(refused.value, Conflict)


@pytest.mark.parametrize("life", LIVES)
def test_the_table_has_the_rows_of_the_design_and_no_other(life: str) -> None:
    states, events, table, _, text, last = LIVES[life]
    written = {(str(state), str(event)): str(after) for state, row in table.items() for event, after in row.items()}
    assert written == design(text)
    assert set(table) == set(states)
    assert {str(event) for _, event in written} == {str(event) for event in events}, "an event that nothing follows"
    assert {str(state) for state, row in table.items() if not row} == last


@pytest.mark.parametrize("life", LIVES)
def test_every_state_can_be_reached_from_a_beginning(life: str) -> None:
    states, _, _, _, text, _ = LIVES[life]
    # A soft token is born issued, a case by report or by request.
    reached = {next(iter(states)).value} | ({"draft"} if life == "case" else set())
    for _ in states:
        reached |= {after for (state, _), after in design(text).items() if state in reached}
    assert reached == {state.value for state in states}


def test_a_case_is_open_until_it_ends() -> None:
    ended = {"done", "cancelled", "refused", "expired", "lifted"}
    assert {str(state) for state in case.OPEN} == {state.value for state in case.CaseState} - ended


def test_a_report_places_one_hold_of_three() -> None:
    assert {str(hold) for hold in token.LOSS_HOLDS} == {"lost", "stolen", "misused"}
    assert len(token.Hold) == 8
