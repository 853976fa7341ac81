"""An operator sends themselves a notice, as members would get it."""

from dataclasses import dataclass

from otpward.clerk.limits import count_try
from otpward.clerk.notices import write_to
from otpward.core.errors import Invalid
from otpward.core.model.member import Operator
from otpward.core.policy.notice_words import SAMPLE
from otpward.core.policy.notices import NoticeKind
from otpward.core.policy.rates import TEST_NOTICES
from otpward.core.policy.roles import Permission, require
from otpward.ports.desk import Desk
from otpward.ports.notifier import Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class SendTest:
    """Which notice, and by which channel, to the operator's own contact and no other."""

    operator: Operator
    kind: NoticeKind
    channel: Channel


def send_test(ask: SendTest, *, desk: Desk) -> None:
    """The notice, in use as it is, with the words of an example in it, on its way to the operator.

    Raises:
        Denied: not this role.
        Invalid: the operator has no such contact (field `channel`).
        TooOften: too many tests in an hour.
    """
    require(ask.operator.role, Permission.SET_POLICY)
    with desk.uow as uow:
        member = uow.members.get(ask.operator.member_id)
        address = member.phone if ask.channel is Channel.SMS else member.email
        if not address:
            raise Invalid("no such contact on file", field="channel")
        count_try("notice.test", str(member.id), TEST_NOTICES, desk=desk)
        values = {name: said for name, said in SAMPLE[member.language].items() if name not in {"name", "phone", "undo"}}
        write_to([(ask.channel, address)], member, ask.kind, desk=desk, undo="", undo_not_to=(), case_id=None, **values)
        uow.commit()
