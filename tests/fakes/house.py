"""Houses for tests: the real services over the in-memory store, SQLite or PostgreSQL."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa

from otpward.adapters.vault.files import FileVault, wrap_new_key
from otpward.core.ids import InstitutionId, make_id
from otpward.core.secret import Secret
from otpward.ports.desk import House
from otpward.ports.surroundings import Entropy
from otpward.ports.unit_of_work import Outbox, UnitOfWork
from otpward.ports.vault import Vault, WrappedKey
from otpward.store.engine import open_engine, sqlite_url
from otpward.store.tables import metadata
from otpward.store.unit_of_work import SqlUnitOfWork
from tests.fakes.memory import MemoryStore, MemoryUnitOfWork
from tests.fakes.surroundings import FixedClock, PlainPasswords, RealEntropy

ENTROPY = RealEntropy()


@dataclass
class Sent:
    """What was put into the outbox by transactions that were asked to; a rolled-back one shows here too."""

    ids: list[UUID] = field(default_factory=list)
    batches: list[UUID] = field(default_factory=list)

    def send_notice(self, notice_id: UUID) -> None:
        self.ids.append(notice_id)

    def order_numbers(self, batch_id: UUID, round_no: int) -> None:
        self.batches.append(batch_id)

    def send_batch(self, batch_id: UUID, *, not_before: datetime | None = None) -> None:
        self.batches.append(batch_id)


def test_vault() -> FileVault:
    """A vault with keys of its own."""
    master = Secret(ENTROPY.octets(32))
    keys: list[WrappedKey] = [wrap_new_key(master, 1, "seal", ENTROPY), wrap_new_key(master, 2, "print", ENTROPY)]
    return FileVault(master, keys, ENTROPY)


def memory_house(clock: FixedClock | None = None, entropy: Entropy = ENTROPY) -> House:
    """A house over memory."""
    store, at = MemoryStore(), clock or FixedClock()

    def open_uow(institution_id: InstitutionId | None, *, writes: bool) -> UnitOfWork:
        uow: UnitOfWork = MemoryUnitOfWork(  # type: ignore[assignment]
            store, institution_id, lambda: make_id(at.now(), entropy.octets(16))
        )
        return uow

    return House(open=open_uow, clock=at, entropy=entropy, vault=test_vault(), passwords=PlainPasswords())


def sql_house(
    engine: sa.Engine, clock: FixedClock | None = None, outbox: Outbox | None = None, vault: Vault | None = None
) -> House:
    """A house over a database whose schema is made here."""
    metadata.create_all(engine)
    vault, sent = vault or test_vault(), outbox or Sent()

    def open_uow(institution_id: InstitutionId | None, *, writes: bool) -> UnitOfWork:
        return SqlUnitOfWork(
            engine,
            vault=vault,
            entropy=ENTROPY,
            outbox=lambda _connection, _scope: sent,
            institution_id=institution_id,
            writes=writes,
        )

    return House(open=open_uow, clock=clock or FixedClock(), entropy=ENTROPY, vault=vault, passwords=PlainPasswords())


def sqlite_engine(folder: Path) -> sa.Engine:
    """A new SQLite file, opened as the product opens it."""
    return open_engine(sqlite_url(folder / "test.db"))
