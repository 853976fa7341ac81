"""A passkey is called something else."""

from dataclasses import dataclass, replace
from uuid import UUID

from otpward.core.audit import AuditEvent
from otpward.core.errors import Invalid, NotFound
from otpward.core.model.backup import Passkey
from otpward.core.secret import Personal
from otpward.ports.desk import Desk
from otpward.services.backup.add_passkey import NAME_LONGEST
from otpward.services.backup.confirming import full_session, member_of


@dataclass(frozen=True, slots=True, kw_only=True)
class RenamePasskey:
    """Which one, and its new name."""

    session_id: UUID
    passkey_id: UUID
    name: str
    source: str


def rename_passkey(ask: RenamePasskey, *, desk: Desk) -> Passkey:
    """The passkey under its new name.

    Raises:
        Invalid: no name (field `name`).
        NotFound: no such passkey of this member.
    """
    name = ask.name.strip()[:NAME_LONGEST]
    if not name:
        raise Invalid("a passkey has a name", field="name")
    with desk.uow as uow:
        session = full_session(ask.session_id, desk=desk)
        passkey = uow.passkeys.first(id=ask.passkey_id, member_id=session.member_id, removed_at=None)
        if passkey is None:
            raise NotFound("no such passkey of this member")
        named = uow.passkeys.save(replace(passkey, name=Personal(name)))
        by = member_of(session, ask.source)
        uow.audit.append(AuditEvent.PASSKEY_RENAMED, named, by=by, at=desk.now, institution_id=named.institution_id)
        uow.commit()
    return named
