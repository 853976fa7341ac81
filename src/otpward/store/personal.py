"""Personal fields on their way in and out: sealed under the key of the member they are about."""

from dataclasses import fields
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from otpward.core.secret import Personal
from otpward.ports.vault import About, Vault
from otpward.store import tables


def personal_fields(kind: type[Any]) -> frozenset[str]:
    """The names of a record's fields that are `Personal`."""
    return frozenset(field.name for field in fields(kind) if field.type is Personal)


class Sealer:
    """Seals and opens within one transaction; remembers the members' wrapped keys while it lasts."""

    def __init__(self, connection: sa.Connection, vault: Vault) -> None:
        self._connection = connection
        self._vault = vault
        self._keys: dict[UUID, bytes | None] = {}

    def make_key(self, institution_id: UUID, member_id: UUID) -> bytes:
        """A new key for a new member."""
        key = self._vault.new_key(about=About(institution_id, member_id, "member.data_key"))
        self._keys[member_id] = key
        return key

    def seal(self, text: Personal, about: About, member_id: UUID | None) -> bytes:
        """The sealed octets of `text`; empty text stays empty, since there is nothing to hide."""
        if not text:
            return b""
        return self._vault.seal(text.reveal().encode(), about=about, under=self._key(about.institution_id, member_id))

    def open(self, sealed: bytes, about: About, member_id: UUID | None) -> Personal:
        """The text again; empty if the member's key was destroyed."""
        if not sealed:
            return Personal("")
        under = self._key(about.institution_id, member_id)
        if member_id is not None and under is None:
            return Personal("")
        return Personal(self._vault.unseal(sealed, about=about, under=under).reveal().decode())

    def _key(self, institution_id: UUID, member_id: UUID | None) -> bytes | None:
        if member_id is None:
            return None
        if member_id not in self._keys:
            people = tables.member_table
            query = sa.select(people.c.data_key).where(people.c.institution_id == institution_id, people.c.id == member_id)
            self._keys[member_id] = self._connection.execute(query).scalar()
        return self._keys[member_id]
