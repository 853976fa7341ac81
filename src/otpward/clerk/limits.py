"""Too often is too often, whoever asks."""

from datetime import datetime
from ipaddress import IPv6Address, ip_address, ip_network
from typing import ClassVar, Final

from otpward.core.errors import Denied
from otpward.core.policy.rates import Rate
from otpward.ports.desk import Desk
from otpward.ports.vault import Print

_ONE_CUSTOMER: Final = 64


class TooOften(Denied):
    """The limit of a window was passed; `until` is when to try again."""

    code: ClassVar[str] = "too_often"

    def __init__(self, until: datetime) -> None:
        super().__init__("too often in this window of time")
        self.until = until


def count_try(what: str, who: str, rate: Rate, *, desk: Desk) -> None:
    """Count one more try; past the limit the count is committed and `TooOften` raised."""
    key = desk.vault.fingerprint(Print.SOURCE, what, _neighbourhood(who))
    if desk.uow.counts.hit(key, at=desk.now, window=rate.window) > rate.limit:
        desk.uow.commit()
        raise TooOften(desk.now + rate.window)


def _neighbourhood(who: str) -> str:
    """Whom to count together: an IPv6 customer has a whole /64 of addresses, everybody else is counted as they are."""
    try:
        address = ip_address(who)
    except ValueError:
        return who
    return str(ip_network((address, _ONE_CUSTOMER), strict=False)) if isinstance(address, IPv6Address) else who
