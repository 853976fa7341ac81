"""Too often is too often, whoever asks."""

from datetime import datetime
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

from otpward.core.errors import TooOften
from otpward.core.oath.totp import EPOCH
from otpward.core.policy.rates import WRONG_CODES_PER_CLIENT, Rate
from otpward.ports.desk import Desk
from otpward.ports.vault import Print, Vault

_ONE_CUSTOMER: Final = 64


def count_try(what: str, who: str, rate: Rate, *, desk: Desk) -> None:
    """Count one more try; past the limit the count is committed and `TooOften` raised."""
    key = desk.vault.fingerprint(Print.SOURCE, what, _neighbourhood(who))
    if desk.uow.counts.hit(key, at=desk.now, window=rate.window) > rate.limit:
        desk.uow.commit()
        raise TooOften(desk.now + rate.window)


def is_full(what: str, who: str, rates: tuple[Rate, ...], *, desk: Desk) -> bool:
    """Whether one of these limits is reached. Nothing is counted by asking, and nobody is told: the caller acts as ever."""
    keyed = zip(_keys(what, who, rates, desk.vault), rates, strict=True)
    return any(desk.uow.counts.look(key, at=desk.now, window=rate.window) >= rate.limit for key, rate in keyed)


def count_one(what: str, who: str, rates: tuple[Rate, ...], *, desk: Desk) -> None:
    """One more in each of these windows."""
    for key, rate in zip(_keys(what, who, rates, desk.vault), rates, strict=True):
        desk.uow.counts.hit(key, at=desk.now, window=rate.window)


def client_keys(client: str, vault: Vault) -> tuple[bytes, ...]:
    """Under which keys the wrong codes from this address are counted, one for each of `WRONG_CODES_PER_CLIENT`; none without an
    address."""
    if not client:
        return ()
    return _keys("wrong_code", client, WRONG_CODES_PER_CLIENT, vault)


def refuse_too_many_wrong(client: str, *, desk: Desk) -> None:
    """Turn an address away that had too many wrong codes; raises `TooOften`. Nothing is counted by asking."""
    for key, rate in zip(client_keys(client, desk.vault), WRONG_CODES_PER_CLIENT, strict=False):
        if desk.uow.counts.look(key, at=desk.now, window=rate.window) >= rate.limit:
            raise TooOften(window_end(desk.now, rate))


def count_wrong(client: str, *, desk: Desk) -> None:
    """One more wrong code from this address."""
    for key, rate in zip(client_keys(client, desk.vault), WRONG_CODES_PER_CLIENT, strict=False):
        desk.uow.counts.hit(key, at=desk.now, window=rate.window)


def window_end(now: datetime, rate: Rate) -> datetime:
    """When the window that `now` falls into is over."""
    return now - (now - EPOCH) % rate.window + rate.window


def _keys(what: str, who: str, rates: tuple[Rate, ...], vault: Vault) -> tuple[bytes, ...]:
    """One key for each window."""
    near = _neighbourhood(who)
    return tuple(vault.fingerprint(Print.SOURCE, f"{what}.{rate.window.total_seconds():.0f}", near) for rate in rates)


def _neighbourhood(who: str) -> str:
    """Whom to count together: an IPv6 customer has a whole /64 of addresses, everybody else is counted as they are."""
    try:
        address = ip_address(who)
    except ValueError:
        return who
    return str(ip_network((address, _ONE_CUSTOMER), strict=False)) if isinstance(address, IPv6Address) else who
