"""What one act has before it: a transaction, the time, chance and keys; and what a door is handed to make such desks."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol, TypeVar
from uuid import UUID

from otpward.core.errors import Moved
from otpward.core.ids import InstitutionId, make_id, public_number, spell
from otpward.ports.passwords import Passwords
from otpward.ports.surroundings import Clock, Entropy
from otpward.ports.unit_of_work import UnitOfWork
from otpward.ports.vault import Vault

T = TypeVar("T")

_TRIES: Final = 32
"""An act whose rows moved is done again from the start. However many codes come at once for one token, twenty saves lock it and
nothing moves any more, so every one of them gets its verdict; beyond that it is a fault worth seeing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One act: one transaction, one moment. `uow` is entered by the service, which also commits it."""

    uow: UnitOfWork
    now: datetime
    entropy: Entropy
    vault: Vault
    public_url: str = "http://127.0.0.1"
    """Where members find us: links in notices begin with it."""

    def new_id(self, bucket: int | None = None) -> UUID:
        """A new key; in this bucket, if one is given."""
        return make_id(self.now, self.entropy.octets(16), bucket)

    def number(self, prefix: str) -> str:
        """A new number for people."""
        return public_number(prefix, self.now, self.entropy.octets(7))

    def letters(self, count: int) -> str:
        """`count` random letters and digits that cannot be mistaken for one another."""
        return spell(self.entropy.octets(count), count)

    def digits(self, count: int) -> str:
        """`count` random digits, each equally likely (the bias of 2^64 is under one in 10^13)."""
        return f"{int.from_bytes(self.entropy.octets(8)) % 10**count:0{count}d}"


class OpenUnitOfWork(Protocol):
    """Makes transactions, inside one institution where one is given."""

    def __call__(self, institution_id: InstitutionId | None, *, writes: bool) -> UnitOfWork: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """Everything a door is handed."""

    open: OpenUnitOfWork
    clock: Clock
    entropy: Entropy
    vault: Vault
    passwords: Passwords
    public_url: str = "http://127.0.0.1"

    def desk(self, institution_id: InstitutionId | None, *, writes: bool = True) -> Desk:
        """A desk for one act, now."""
        uow = self.open(institution_id, writes=writes)
        return Desk(
            uow=uow, now=self.clock.now(), entropy=self.entropy, vault=self.vault, public_url=self.public_url.rstrip("/")
        )

    def do(self, institution_id: InstitutionId | None, act: Callable[[Desk], T]) -> T:
        """Do a whole act, again from the start if a row moved under it.

        Raises:
            Moved: it moved every time.
        """
        for _ in range(_TRIES - 1):
            try:
                return act(self.desk(institution_id))
            except Moved:
                continue
        return act(self.desk(institution_id))

    def look(self, institution_id: InstitutionId | None, view: Callable[[UnitOfWork], T]) -> T:
        """Look without changing anything."""
        with self.open(institution_id, writes=False) as uow:
            return view(uow)
