"""The code that was sent to the new contact is typed: the contact changes, or a try is gone."""

from dataclasses import dataclass, replace
from enum import StrEnum
from hmac import compare_digest
from uuid import UUID

from otpward.clerk.contacts import of_member, put_contact
from otpward.core.audit import Actor, ActorKind, AuditEvent
from otpward.core.errors import NotFound
from otpward.core.ids import MemberId
from otpward.core.lifecycle.contact_change import ChangeEvent, ChangeState, advance_change
from otpward.core.model.contact_change import ContactChange
from otpward.core.oath.typed_code import normalise_code
from otpward.core.policy.rates import CODE_DIGITS, CODE_TRIES
from otpward.core.secret import NOTHING
from otpward.ports.desk import Desk


class ChangeAnswer(StrEnum):
    """What became of it. `WRONG` may be tried again; `OVER` needs a new proof."""

    CHANGED = "changed"
    WRONG = "wrong"
    OVER = "over"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmChange:
    """A typed code. `session_id` is the one that it is typed in, and that goes on."""

    change_id: UUID
    member_id: MemberId
    browser: bytes
    code: str
    session_id: UUID
    source: str


def confirm_change(ask: ConfirmChange, *, desk: Desk) -> ChangeAnswer:
    """Change the contact if the code is right. Five wrong ones end it.

    Raises:
        NotFound: no change of this member in this browser.
    """
    by = Actor(kind=ActorKind.MEMBER, id=ask.member_id, source=ask.source)
    with desk.uow as uow:
        change = uow.contact_changes.get(ask.change_id)
        if change.member_id != ask.member_id or change.browser != ask.browser:
            raise NotFound("no such change in this browser")
        if change.state is not ChangeState.ASKED:
            return ChangeAnswer.OVER
        answer, event = _judge(change, ask.code, desk=desk)
        if event is ChangeEvent.SHOW:
            _change(change, ask, desk=desk, by=by)
        else:
            tried = replace(change, tries=change.tries + 1)
            if event is not None:
                tried = replace(tried, state=advance_change(change.state, event), code=NOTHING)
            refused = uow.contact_changes.save(tried)
            uow.audit.append(
                AuditEvent.CONTACT_REFUSED, refused, by=by, at=desk.now, institution_id=refused.institution_id, result=answer
            )
        uow.commit()
    return answer


def _judge(change: ContactChange, typed: str, *, desk: Desk) -> tuple[ChangeAnswer, ChangeEvent | None]:
    if desk.now >= change.expires_at:
        return ChangeAnswer.OVER, ChangeEvent.EXPIRE
    code = normalise_code(typed, CODE_DIGITS) or ""
    if compare_digest(code.encode(), change.code.reveal().encode()):
        return ChangeAnswer.CHANGED, ChangeEvent.SHOW
    if change.tries + 1 >= CODE_TRIES:
        return ChangeAnswer.OVER, ChangeEvent.FAIL
    return ChangeAnswer.WRONG, None


def _change(change: ContactChange, ask: ConfirmChange, *, desk: Desk, by: Actor) -> None:
    uow, member = desk.uow, desk.uow.members.get(change.member_id)
    state = advance_change(change.state, ChangeEvent.SHOW)
    old = of_member(member, change.contact)
    uow.contact_changes.save(replace(change, state=state, old=old, code=NOTHING, changed_at=desk.now))
    put_contact(
        member, change.contact, change.address, desk=desk, by=by, result=change.contact.value, session_id=ask.session_id
    )
