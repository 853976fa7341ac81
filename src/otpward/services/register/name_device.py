"""The holder of a device calls it something."""

from dataclasses import dataclass, replace

from otpward.clerk.tokens import live_registrations
from otpward.core.audit import Actor, AuditEvent
from otpward.core.errors import Invalid, Moved, NotFound, Taken
from otpward.core.ids import MemberId, TokenId
from otpward.core.model.device_name import NAME_LETTERS, DeviceName
from otpward.core.secret import Personal
from otpward.ports.desk import Desk


@dataclass(frozen=True, slots=True, kw_only=True)
class NameDevice:
    """Which, and how it is called from now on; nothing: as its kind."""

    token_id: TokenId
    member_id: MemberId
    name: str
    by: Actor


def name_device(ask: NameDevice, *, desk: Desk) -> str:
    """The name as it is kept.

    Raises:
        NotFound: not a device of this member.
        Invalid: longer than thirty letters, or with signs that nobody sees (field `name`).
    """
    name = " ".join(ask.name.split())
    if len(name) > NAME_LETTERS or not name.isprintable():
        raise Invalid(f"a name has up to {NAME_LETTERS} letters", field="name")
    with desk.uow as uow:
        if all(one.token_id != ask.token_id for one in live_registrations(uow, ask.member_id)):
            raise NotFound("no such token of this member")
        kept = uow.device_names.first(member_id=ask.member_id, token_id=ask.token_id)
        if kept is not None:
            uow.device_names.save(replace(kept, name=Personal(name)))
        else:
            institution_id = uow.tokens.get(ask.token_id).institution_id
            fresh = DeviceName(
                id=desk.new_id(),
                institution_id=institution_id,
                member_id=ask.member_id,
                token_id=ask.token_id,
                name=Personal(name),
            )
            try:
                uow.device_names.add(fresh)
            except Taken:
                raise Moved("named at the same moment") from None
        token = uow.tokens.get(ask.token_id)
        uow.audit.append(AuditEvent.TOKEN_NAMED, token, by=ask.by, at=desk.now, institution_id=token.institution_id)
        uow.commit()
    return name
