"""Personal fields on their way in and out: sealed under the key of the member they are about."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from otpward.core.secret import NO_OCTETS, Personal, PersonalOctets
from otpward.ports.vault import About, Vault
from otpward.store import tables


def personal_fields(kind: type[Any]) -> frozenset[str]:
    """The names of a record's fields that are `Personal` or `PersonalOctets`."""
    return frozenset(field.name for field in fields(kind) if field.type in {Personal, PersonalOctets})


def octet_fields(kind: type[Any]) -> frozenset[str]:
    """Those of them that are `PersonalOctets`."""
    return frozenset(field.name for field in fields(kind) if field.type is PersonalOctets)


_TOGETHER: Final = 1000
"""Values in one condition; databases take tens of thousands, and plan a thousand quicker."""


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

    def seal(self, value: Personal | PersonalOctets, about: About, member_id: UUID | None) -> bytes:
        """The sealed octets of `value`; what is empty stays empty, since there is nothing to hide."""
        if not value:
            return b""
        octets = value.reveal().encode() if isinstance(value, Personal) else value.reveal()
        return self._vault.seal(octets, about=about, under=self._key(about.institution_id, member_id))

    def open(self, sealed: bytes, about: About, member_id: UUID | None) -> Personal:
        """The text again; empty if the member's key was destroyed."""
        return Personal(self.open_octets(sealed, about, member_id).reveal().decode())

    def open_octets(self, sealed: bytes, about: About, member_id: UUID | None) -> PersonalOctets:
        """The octets again; none if the member's key was destroyed."""
        under = self._key(about.institution_id, member_id) if sealed else None
        if not sealed or (member_id is not None and under is None):
            return NO_OCTETS
        return PersonalOctets(self._vault.unseal(sealed, about=about, under=under).reveal())

    def know_keys(self, keys: Mapping[UUID, bytes | None]) -> None:
        """Remember wrapped keys that were read anyhow."""
        self._keys |= keys

    def fetch_keys(self, institution_id: UUID, member_ids: Sequence[UUID | None]) -> None:
        """Read the wrapped keys of many members of one institution at once."""
        wanted = list({key for key in member_ids if key is not None and key not in self._keys})
        people = tables.member_table
        for start in range(0, len(wanted), _TOGETHER):
            some = wanted[start : start + _TOGETHER]
            query = sa.select(people.c.id, people.c.data_key).where(
                people.c.institution_id == institution_id, people.c.id.in_(some)
            )
            self._keys |= {row.id: row.data_key for row in self._connection.execute(query)}

    def _key(self, institution_id: UUID, member_id: UUID | None) -> bytes | None:
        if member_id is None:
            return None
        if member_id not in self._keys:
            people = tables.member_table
            query = sa.select(people.c.data_key).where(people.c.institution_id == institution_id, people.c.id == member_id)
            self._keys[member_id] = self._connection.execute(query).scalar()
        return self._keys[member_id]
