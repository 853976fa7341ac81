"""A relying system gets its key."""

from datetime import datetime
from hashlib import sha256

from otpward.core.audit import Actor, ActorKind, AuditEvent
from otpward.core.errors import Invalid
from otpward.core.ids import InstitutionId
from otpward.core.model.institution import ApiKey
from otpward.core.policy.keys import SCOPES
from otpward.ports.desk import Desk

_OPERATOR = Actor(kind=ActorKind.OPERATOR, source="command line")


def create_api_key(
    institution_id: InstitutionId, scopes: frozenset[str], name: str, expires_at: datetime | None, *, desk: Desk
) -> str:
    """The whole key, `otpw_<handle>_<secret>`; it is shown this once, and only its digest is kept.

    Raises:
        Invalid: no scope, or an unknown one (field `scope`).
    """
    if not scopes or not scopes <= SCOPES:
        raise Invalid(f"scopes are {', '.join(sorted(SCOPES))}", field="scope")
    handle, secret = desk.letters(10).lower(), desk.entropy.octets(32).hex()
    with desk.uow as uow:
        key = ApiKey(
            id=desk.new_id(),
            institution_id=institution_id,
            handle=handle,
            digest=sha256(secret.encode()).digest(),
            scopes=scopes,
            name=name[:200],
            created_at=desk.now,
            expires_at=expires_at,
        )
        uow.api_keys.add(key)
        uow.audit.append(AuditEvent.API_KEY_CREATED, key, by=_OPERATOR, at=desk.now, institution_id=institution_id)
        uow.commit()
    return f"otpw_{handle}_{secret}"
