"""One number is tried, as at any other door, and what it tells of the device is written down."""

from dataclasses import dataclass

from otpward.clerk.checks import Checking, note_code
from otpward.clerk.limits import count_wrong, refuse_too_many_wrong
from otpward.clerk.tokens import judge_code
from otpward.core.audit import Actor
from otpward.core.ids import TokenId
from otpward.core.model.device_check import DeviceCheck
from otpward.core.policy.verification import Examined, Verdict
from otpward.ports.desk import Desk


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckDevice:
    """The number that the device shows. Wrong ones are counted by `client`, too, where it is given."""

    token_id: TokenId
    code: str
    where: Checking
    by: Actor
    client: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """The verdict with the token as it is now, and the check."""

    examined: Examined
    check: DeviceCheck


def check_device(ask: CheckDevice, *, desk: Desk) -> Checked:
    """Judge the number, which is spent if it is right and counted if it is wrong, and note the finding.

    Raises:
        TooOften: too many wrong codes came from `client`; nothing was looked at.
    """
    with desk.uow as uow:
        refuse_too_many_wrong(ask.client, desk=desk)
        examined = judge_code(uow.tokens.get(ask.token_id), ask.code, desk=desk, by=ask.by)
        check = note_code(examined, ask.where, desk=desk, by=ask.by)
        if examined.verdict is not Verdict.ACCEPTED and examined.changed:
            count_wrong(ask.client, desk=desk)
        uow.commit()
    return Checked(examined=examined, check=check)
