"""What the console calls things: one word or sentence for each value that a record can hold."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, Final

from otpward.core.audit import ActorKind
from otpward.core.lifecycle.others import PickUpState, RegistrationState, ShipmentState
from otpward.core.lifecycle.parcel import ParcelState
from otpward.core.lifecycle.token import Hold
from otpward.core.model.case import Delivery, Documents, Reason
from otpward.core.model.loss import LossKind
from otpward.core.model.member import Role
from otpward.core.model.proof import Act, Method
from otpward.core.model.shipping import Source
from otpward.core.model.token import Form
from otpward.core.oath.model import Shortfall
from otpward.edges.http.words import Words, later

REASONS: Final[Mapping[Reason, str]] = {
    Reason.LOST: later("Lost"),
    Reason.STOLEN: later("Stolen"),
    Reason.MISUSED: later("Misused"),
    Reason.FAULTY: later("Broken"),
    Reason.EXPIRING: later("Expires soon"),
    Reason.PHONE_CHANGED: later("Phone changed"),
    Reason.FIRST_ISSUE: later("First OTP"),
}
DELIVERIES: Final[Mapping[Delivery, str]] = {
    Delivery.BRANCH: later("Branch"),
    Delivery.POST: later("Post"),
    Delivery.APP: later("Phone app"),
}
DOCUMENTS: Final[Mapping[Documents, str]] = {
    Documents.AT_COUNTER: later("Shown at the counter"),
    Documents.ON_DELIVERY: later("Checked on delivery"),
    Documents.PROOF_ONLY: later("None; proof of identity only"),
    Documents.SENT: later("A picture was sent"),
}
METHODS: Final[Mapping[Method, str]] = {
    Method.PHONE_CODE: later("Phone code"),
    Method.CERTIFICATE: later("Certificate"),
    Method.AGENCY: later("Identity service"),
    Method.APP: later("Certificate in an app"),
    Method.SIGN_ON: later("Sign-on of the institution"),
    Method.PASSKEY: later("Passkey"),
    Method.RECOVERY_CODE: later("Recovery code"),
    Method.OTP: later("Another OTP"),
    Method.IN_PERSON: later("In person, with ID"),
}
ACTS: Final[Mapping[Act, str]] = {
    Act.APPLY: later("Apply for a new OTP"),
    Act.LIFT_LOSS: later("Lift stop"),
    Act.FOLLOW: later("Follow an application"),
    Act.UNLOCK: later("Unlock"),
    Act.CHANGE_CONTACT: later("Change contacts"),
    Act.TEMPORARY_PASS: later("Temporary pass"),
    Act.COLLECT: later("Collect an OTP"),
}
ROLES: Final[Mapping[Role, str]] = {
    Role.BRANCH: later("Branch desk"),
    Role.HELP_DESK: later("Help desk"),
    Role.STOCK: later("Stock and shipping"),
    Role.ADMINISTRATOR: later("Administrator"),
    Role.AUDITOR: later("Auditor"),
}
LOSS_KINDS: Final[Mapping[LossKind, str]] = {
    LossKind.LOST: later("Lost"),
    LossKind.STOLEN: later("Stolen"),
    LossKind.MISUSED: later("Misused"),
}
FORMS: Final[Mapping[Form, str]] = {
    Form.FOB: later("OTP device"),
    Form.CARD: later("OTP card"),
    Form.APP: later("OTP app"),
    Form.PASS: later("Temporary pass"),
}
REGISTRATIONS: Final[Mapping[RegistrationState, str]] = {
    RegistrationState.PENDING: later("Waiting for its test OTP"),
    RegistrationState.LIVE: later("In use"),
    RegistrationState.ENDED: later("Ended"),
}
SHIPMENTS: Final[Mapping[ShipmentState, str]] = {
    ShipmentState.PLANNED: later("Planned"),
    ShipmentState.PACKED: later("Packed"),
    ShipmentState.DISPATCHED: later("On its way"),
    ShipmentState.DELIVERED: later("Delivered"),
    ShipmentState.RETURNED: later("Returned"),
    ShipmentState.MISSING: later("Missing"),
}
PARCELS: Final[Mapping[ParcelState, str]] = {
    ParcelState.ACCEPTED: later("Taken by the carrier"),
    ParcelState.IN_TRANSIT: later("On its way"),
    ParcelState.DELIVERED: later("Delivered"),
    ParcelState.RETURNED: later("Returned"),
    ParcelState.MISSING: later("Missing"),
}
SOURCES: Final[Mapping[Source, str]] = {
    Source.ASKED: later("Carrier, asked"),
    Source.TOLD: later("Carrier, told us"),
    Source.STAFF: later("Staff"),
    Source.DEADLINE: later("No news for too long"),
}
PICK_UPS: Final[Mapping[PickUpState, str]] = {
    PickUpState.RESERVED: later("Reserved"),
    PickUpState.READY: later("Ready to collect"),
    PickUpState.HANDED_OVER: later("Handed over"),
    PickUpState.EXPIRED: later("Not collected in time"),
}
PAPERS: Final[Mapping[str, str]] = {
    "resident_card": later("Resident registration card"),
    "driver_license": later("Driver's licence"),
    "passport": later("Passport"),
    "alien_registration_card": later("Alien registration card"),
}
"""The papers that `hand_over` takes (Enforcement Decree of the Electronic Financial Transactions Act, Article 6(3))."""
ACTORS: Final[Mapping[ActorKind, str]] = {
    ActorKind.STRANGER: later("Not signed in"),
    ActorKind.MEMBER: later("Member"),
    ActorKind.STAFF: later("Staff"),
    ActorKind.API_KEY: later("API key"),
    ActorKind.OPERATOR: later("Command line"),
    ActorKind.SYSTEM: later("System"),
}
STEP_ROLES: Final[Mapping[str, str]] = {"member": later("Member"), "staff": later("Staff"), "system": later("System")}
HOLDS: Final[Mapping[Hold, str]] = {
    Hold.LOST: later("Reported lost"),
    Hold.STOLEN: later("Reported stolen"),
    Hold.MISUSED: later("Reported misused"),
    Hold.LOCKED: later("Locked after wrong numbers"),
    Hold.BLOCKED: later("Blocked: too many wrong numbers"),
    Hold.DRIFTED: later("Clock differs"),
    Hold.SUSPENDED: later("Stopped by staff"),
    Hold.DORMANT: later("Long unused"),
}
SHORTFALLS: Final[Mapping[Shortfall, str]] = {
    Shortfall.FEW_DIGITS: later("Not met: fewer than six digits"),
    Shortfall.LONG_PERIOD: later("Not met: its number stays for over two minutes"),
}


class Labels:
    """The labels in one language, for templates: `label(value)`; the value's class says which table."""

    def __init__(self, words: Words) -> None:
        self._words = words

    def __call__(self, value: StrEnum | str | None) -> str:
        """The word for this value; a value without one is shown as it is."""
        if value is None:
            return "–"
        table = _TABLES.get(type(value), _PLAIN)
        return self._words._(table[value]) if value in table else str(value)

    def shortfalls(self, values: Iterable[Shortfall]) -> str:
        """Why a token's codes are not what SP 800-63B-4 asks for."""
        return ", ".join(self(value) for value in values)


_TABLES: Final[Mapping[type, Mapping[Any, str]]] = {
    Reason: REASONS,
    Delivery: DELIVERIES,
    Documents: DOCUMENTS,
    Method: METHODS,
    Act: ACTS,
    Role: ROLES,
    LossKind: LOSS_KINDS,
    Form: FORMS,
    RegistrationState: REGISTRATIONS,
    ShipmentState: SHIPMENTS,
    ParcelState: PARCELS,
    Source: SOURCES,
    PickUpState: PICK_UPS,
    ActorKind: ACTORS,
    Hold: HOLDS,
    Shortfall: SHORTFALLS,
}
_PLAIN: Final[Mapping[str, str]] = {**PAPERS, **STEP_ROLES, "stranger": ACTORS[ActorKind.STRANGER]}
