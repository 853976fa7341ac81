"""Links as they stand in notices, still good: made beside the running demo, in its own database."""

from contextlib import closing
from pathlib import Path
from uuid import UUID

from otpward import wiring
from otpward.clerk.asking import Letter, remind
from otpward.clerk.recovery import keep_code
from otpward.clerk.stopping import stop_code
from otpward.clerk.tokens import live_registrations
from otpward.clerk.undo import make_undo
from otpward.core.audit import Actor, ActorKind
from otpward.core.model.backup import Passkey
from otpward.core.model.member import Member
from otpward.core.model.notice import UndoAct
from otpward.core.model.reminder import Occasion
from otpward.core.secret import Personal
from otpward.ports.desk import Desk
from otpward.settings import read_settings

_BY = Actor(kind=ActorKind.SYSTEM, source="test")


def live_links(folder: Path, login: str, turn: str) -> list[str]:
    """The addresses of what this member can undo, of the check that they are reminded of, and of no more reminders."""
    with closing(wiring.open_wiring(read_settings(folder, {}))) as opened:
        house, inside = opened.house, opened.institutions()[0].id

        def make(desk: Desk) -> list[str]:
            with desk.uow as uow:
                member = uow.members.first(login=login)
                assert member is not None
                bound = live_registrations(uow, member.id)[0].token_id
                links = [
                    make_undo(member, UndoAct.CONTACT_EMAIL, member.id, desk=desk, before=member.email, after=member.email),
                    make_undo(member, UndoAct.TOKEN_BOUND, bound, desk=desk),
                    make_undo(member, UndoAct.PASSKEY_ADDED, _passkey(member, desk), desk=desk),
                    make_undo(member, UndoAct.PASSKEY_REMOVED, _passkey(member, desk, removed=True), desk=desk),
                    make_undo(member, UndoAct.RECOVERY_CODE, keep_code(member, "$none$", desk=desk, by=_BY).id, desk=desk),
                ]
                letter = Letter(member=member, token_id=bound, occasion=Occasion.CHECK, turn=turn)
                assert remind(letter, desk=desk) is not None
                [told] = uow.notices.find(member_id=member.id, template="reminder_check", created_at=desk.now)
                links.append(next(word for word in told.text.reveal().split() if "/r/" in word))
                uow.commit()
            return [f"/{link.split('/', 3)[3]}" for link in links] + [f"/stop/{stop_code(member.id, house.vault)}", "/stopped"]

        return house.do(inside, make) + [f"/undone?act={act}" for act in ("contact_email", "token_bound", "passkey_removed")]


def _passkey(member: Member, desk: Desk, *, removed: bool = False) -> UUID:
    key = desk.new_id()
    desk.uow.passkeys.add(
        Passkey(
            id=key,
            institution_id=member.institution_id,
            member_id=member.id,
            credential_id=key.bytes,
            user_handle=member.id.bytes,
            public_key=b"",
            sign_count=0,
            aaguid=UUID(int=0),
            transports=frozenset({"internal"}),
            eligible=True,
            backed_up=True,
            name=Personal("내 휴대폰"),
            added_at=desk.now,
            removed_at=desk.now if removed else None,
        )
    )
    return key
