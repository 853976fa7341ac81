"""All that belongs to one device: its state in one sentence, whose it is, what holds it, what happened to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from otpward.clerk.checks import checks_of
from otpward.core.errors import NotFound
from otpward.core.lifecycle.others import RegistrationState
from otpward.core.lifecycle.token import Hold, TokenState
from otpward.core.model.case import Case
from otpward.core.model.device_check import DeviceCheck
from otpward.core.model.institution import Branch
from otpward.core.model.member import Member
from otpward.core.model.reminder import Reminder
from otpward.core.model.token import Device, Registration, Token, TokenHold
from otpward.core.policy.forecast import Forecast, forecast
from otpward.core.policy.versions import day_of
from otpward.edges.http.console.history import Entry, entries
from otpward.edges.http.words import Words
from otpward.ports.unit_of_work import UnitOfWork

_HISTORY: Final = 50
_STOPPING: Final = frozenset({Hold.LOST, Hold.STOLEN, Hold.MISUSED, Hold.SUSPENDED, Hold.BLOCKED, Hold.DORMANT})


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenView:
    """A device and what it names."""

    token: Token
    device: Device
    branch: Branch | None
    case: Case | None
    registration: Registration | None
    member: Member | None
    holds: Sequence[TokenHold]
    history: Sequence[Entry]
    checks: Sequence[DeviceCheck]
    forecast: Forecast
    reminded: Reminder | None

    @property
    def drift_s(self) -> int:
        """How far the device's clock is ahead of ours, as far as we know."""
        return self.token.drift_steps * self.token.period_s


def read_token(serial: str, *, uow: UnitOfWork) -> TokenView:
    """The device of this serial.

    Raises:
        NotFound: there is none.
    """
    token = uow.tokens.first(serial=serial.strip()[:128])
    if token is None:
        raise NotFound("no such device")
    device = uow.devices.get(token.id)
    registration = uow.registrations.first(token_id=token.id, state=RegistrationState.LIVE) or uow.registrations.first(
        token_id=token.id, order="-begun_at"
    )
    return TokenView(
        token=token,
        device=device,
        branch=uow.branches.first(id=device.branch_id) if device.branch_id else None,
        case=uow.cases.first(id=device.case_id) if device.case_id else None,
        registration=registration,
        member=uow.members.first(id=registration.member_id) if registration else None,
        holds=uow.holds.find(token_id=token.id, order="-placed_at", limit=_HISTORY),
        history=entries(uow.story.about({token.id: None}, limit=_HISTORY), uow),
        checks=checks_of(token.id, uow=uow),
        forecast=_forecast(token, device, uow=uow),
        reminded=uow.reminders.first(token_id=token.id, order="-made_at"),
    )


def _forecast(token: Token, device: Device, *, uow: UnitOfWork) -> Forecast:
    """What ends it, as far as it is in use: what is over foretells nothing."""
    if token.state is not TokenState.ACTIVE:
        return Forecast()
    health = uow.health.first(id=token.id)
    return forecast(
        expires_on=day_of(token.valid_until) if token.valid_until is not None else device.expires_on,
        battery=device.battery_until,
        drift_on=None if health is None else health.drift_on,
    )


def sentence(view: TokenView, words: Words) -> str:
    """Its state, in one sentence."""
    _ = words._
    token = view.token
    branch = view.branch.name(words.lang) if view.branch else "–"
    match token.state:
        case TokenState.IN_STOCK:
            return _("It lies on the shelf at {branch} and can be given out.", branch=branch)
        case TokenState.RESERVED:
            return _("It is set aside for one application and waits to be handed over or sent.")
        case TokenState.IN_TRANSIT:
            return _("It is in the post. No OTP number of it is accepted.")
        case TokenState.QUARANTINED:
            return _("It is set aside and must not be given out before somebody has looked at it.")
        case TokenState.ISSUED:
            return _("The member has it and has not registered it yet. No OTP number of it is accepted.")
        case TokenState.REGISTERED:
            return _("It is registered. After one test OTP number it works.")
        case TokenState.ACTIVE:
            return _active(token.holds, words)
        case TokenState.RETIRED | TokenState.DESTROYED:
            return _("Its life is over. No OTP number of it is ever accepted again.")


def _active(holds: frozenset[Hold], words: Words) -> str:
    if holds & _STOPPING:
        return words._("It is stopped. Every OTP number of it is refused, a right one too.")
    if Hold.LOCKED in holds:
        return words._("It is locked for a while after wrong numbers, and opens again by itself.")
    if Hold.DRIFTED in holds:
        return words._("Its clock differs from ours. Two numbers in a row adjust it.")
    return words._("It works.")
