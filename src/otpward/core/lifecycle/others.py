"""The shorter lives: a proof, a registration, a shipment, a pick-up, a notice."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from otpward.core.lifecycle.table import follow


class ProofState(StrEnum):
    """One showing of who somebody is; spent at most once."""

    STARTED = "started"
    PASSED = "passed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    SPENT = "spent"


class ProofEvent(StrEnum):
    """What can happen to a proof."""

    PASS = "pass"
    FAIL = "fail"
    CANCEL = "cancel"
    EXPIRE = "expire"
    SPEND = "spend"


PROOF: Final[Mapping[ProofState, Mapping[ProofEvent, ProofState]]] = {
    ProofState.STARTED: {
        ProofEvent.PASS: ProofState.PASSED,
        ProofEvent.FAIL: ProofState.FAILED,
        ProofEvent.CANCEL: ProofState.CANCELLED,
        ProofEvent.EXPIRE: ProofState.EXPIRED,
    },
    ProofState.PASSED: {ProofEvent.SPEND: ProofState.SPENT, ProofEvent.EXPIRE: ProofState.EXPIRED},
    ProofState.FAILED: {},
    ProofState.CANCELLED: {},
    ProofState.EXPIRED: {},
    ProofState.SPENT: {},
}


class RegistrationState(StrEnum):
    """The binding of a token to a member at one institution."""

    PENDING = "pending"
    LIVE = "live"
    ENDED = "ended"


class RegistrationEvent(StrEnum):
    """What can happen to a registration."""

    CONFIRM = "confirm"
    END = "end"


REGISTRATION: Final[Mapping[RegistrationState, Mapping[RegistrationEvent, RegistrationState]]] = {
    RegistrationState.PENDING: {
        RegistrationEvent.CONFIRM: RegistrationState.LIVE,
        RegistrationEvent.END: RegistrationState.ENDED,
    },
    RegistrationState.LIVE: {RegistrationEvent.END: RegistrationState.ENDED},
    RegistrationState.ENDED: {},
}


class ShipmentState(StrEnum):
    """One parcel with one device."""

    PLANNED = "planned"
    PACKED = "packed"
    DISPATCHED = "dispatched"
    DELIVERED = "delivered"
    RETURNED = "returned"
    MISSING = "missing"


class ShipmentEvent(StrEnum):
    """What can happen to a shipment."""

    PACK = "pack"
    DISPATCH = "dispatch"
    DELIVER = "deliver"
    RETURN = "return"
    LOSE = "lose"


SHIPMENT: Final[Mapping[ShipmentState, Mapping[ShipmentEvent, ShipmentState]]] = {
    ShipmentState.PLANNED: {ShipmentEvent.PACK: ShipmentState.PACKED},
    ShipmentState.PACKED: {ShipmentEvent.DISPATCH: ShipmentState.DISPATCHED},
    ShipmentState.DISPATCHED: {
        ShipmentEvent.DELIVER: ShipmentState.DELIVERED,
        ShipmentEvent.RETURN: ShipmentState.RETURNED,
        ShipmentEvent.LOSE: ShipmentState.MISSING,
    },
    ShipmentState.DELIVERED: {},
    ShipmentState.RETURNED: {},
    ShipmentState.MISSING: {},
}


class PickUpState(StrEnum):
    """One device waiting at a counter."""

    RESERVED = "reserved"
    READY = "ready"
    HANDED_OVER = "handed_over"
    EXPIRED = "expired"


class PickUpEvent(StrEnum):
    """What can happen to a pick-up."""

    SET_OUT = "set_out"
    HAND_OVER = "hand_over"
    EXPIRE = "expire"


PICK_UP: Final[Mapping[PickUpState, Mapping[PickUpEvent, PickUpState]]] = {
    PickUpState.RESERVED: {PickUpEvent.SET_OUT: PickUpState.READY, PickUpEvent.EXPIRE: PickUpState.EXPIRED},
    PickUpState.READY: {PickUpEvent.HAND_OVER: PickUpState.HANDED_OVER, PickUpEvent.EXPIRE: PickUpState.EXPIRED},
    PickUpState.HANDED_OVER: {},
    PickUpState.EXPIRED: {},
}


def advance_proof(state: ProofState, event: ProofEvent) -> ProofState:
    """The state after `event`; raises `IllegalTransition`."""
    return follow(PROOF, state, event)


def advance_registration(state: RegistrationState, event: RegistrationEvent) -> RegistrationState:
    """The state after `event`; raises `IllegalTransition`."""
    return follow(REGISTRATION, state, event)


def advance_shipment(state: ShipmentState, event: ShipmentEvent) -> ShipmentState:
    """The state after `event`; raises `IllegalTransition`."""
    return follow(SHIPMENT, state, event)


def advance_pick_up(state: PickUpState, event: PickUpEvent) -> PickUpState:
    """The state after `event`; raises `IllegalTransition`."""
    return follow(PICK_UP, state, event)
