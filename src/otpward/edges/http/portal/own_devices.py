"""A member's own devices, as their pages show them: kind in words, last four of the serial, states."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from otpward.clerk.tokens import live_registrations
from otpward.core.ids import MemberId
from otpward.core.lifecycle.token import LOSS_HOLDS, Hold
from otpward.core.model.token import Device, Form, Registration, Token
from otpward.core.policy.verification import Verdict, standing
from otpward.edges.http.front import Visit
from otpward.edges.http.words import Words, later
from otpward.ports.unit_of_work import UnitOfWork

EXPIRY_NOTICE: Final = timedelta(days=60)
"""The first of the reminders before a device ends."""

KINDS: Final[Mapping[Form, tuple[str, str]]] = {
    Form.FOB: (later("OTP device"), "device"),
    Form.CARD: (later("OTP card"), "card"),
    Form.APP: (later("OTP app"), "phone-device"),
    Form.PASS: (later("Temporary pass"), "print"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnDevice:
    """One device of a member, with the words and drawing of its kind."""

    token: Token
    device: Device
    registration: Registration
    kind: str
    name: str
    """What its holder calls it, else its kind."""
    icon: str
    standing: Verdict | None
    ends_on: date | None
    expires_soon: bool

    @property
    def serial(self) -> str:
        """Its serial number; pages show the last four of it."""
        return self.token.serial

    @property
    def works(self) -> bool:
        """Whether it takes numbers now."""
        return self.standing is None

    @property
    def stopped(self) -> bool:
        """Whether a loss report stopped it."""
        return bool(self.token.holds & LOSS_HOLDS)

    @property
    def rests(self) -> bool:
        """Whether it rests for want of use and nothing else stops it, so that its holder can wake it."""
        resting = {Hold.DORMANT} <= self.token.holds <= {Hold.DORMANT, Hold.LOCKED}
        return self.standing is Verdict.ON_HOLD and resting

    @property
    def locked(self) -> bool:
        """Whether wrong numbers have locked it and nothing graver stops it, so that its holder can unlock it."""
        return self.standing is Verdict.LOCKED and self.token.holds <= {Hold.LOCKED, Hold.DRIFTED}

    @property
    def drifted(self) -> bool:
        """Whether its clock must be set right before it works again."""
        return self.standing is Verdict.RESYNC_NEEDED


def own_devices(visit: Visit, member_id: MemberId) -> list[OwnDevice]:
    """The devices whose registration is live, newest first."""
    now = visit.front.house.clock.now()

    def view(uow: UnitOfWork) -> list[OwnDevice]:
        return [_own(uow, one, visit.words, now) for one in live_registrations(uow, member_id)]

    return visit.look(view)


def _own(uow: UnitOfWork, registration: Registration, words: Words, now: datetime) -> OwnDevice:
    token, device = uow.tokens.get(registration.token_id), uow.devices.get(registration.token_id)
    kind, icon = KINDS[device.form]
    named = uow.device_names.first(member_id=registration.member_id, token_id=token.id)
    ends_on = token.valid_until.date() if token.valid_until is not None else device.expires_on
    return OwnDevice(
        token=token,
        device=device,
        registration=registration,
        kind=words._(kind),
        name=(named.name.reveal() if named is not None else "") or words._(kind),
        icon=icon,
        standing=standing(token, now=now),
        ends_on=ends_on,
        expires_soon=ends_on is not None and ends_on <= (now + EXPIRY_NOTICE).date(),
    )
