"""People are told: to every address on file, except a phone that was reported lost."""

from collections.abc import Sequence

from otpward.clerk.policy import as_published
from otpward.core.model.institution import Institution
from otpward.core.model.member import Member
from otpward.core.model.notice import Notice
from otpward.core.policy.notices import CODES, NoticeKind, compose, compose_sms, short_time
from otpward.core.secret import NOTHING, Personal
from otpward.ports.desk import Desk
from otpward.ports.notifier import Channel

Address = tuple[Channel, Personal]


def tell(
    member: Member,
    kind: NoticeKind,
    *,
    desk: Desk,
    phone_lost: bool = False,
    only: Channel | None = None,
    also: Sequence[Address] = (),
    **values: str,
) -> None:
    """Write the notices and put them into the outbox of this transaction (SP 800-63B §4.6: all addresses on file).

    `phone_lost`: this very report says so. While an earlier one says it, nothing goes to that phone either. `also`: addresses
    that are on file no longer.
    """
    phone_lost = phone_lost or member.phone_lost_at is not None
    phone = NOTHING if phone_lost else member.phone
    on_file = [(Channel.SMS, phone), (Channel.MAIL, member.email)]
    write_to([*(one for one in on_file if only in {None, one[0]}), *also], member, kind, desk=desk, **values)


def write_to(addresses: Sequence[Address], member: Member, kind: NoticeKind, *, desk: Desk, **values: str) -> None:
    """The same to exactly these addresses; to each once."""
    own: Institution = desk.uow.institutions.get(member.institution_id)
    institution = as_published(own, uow=desk.uow, now=desk.now)
    words = {
        "name": institution.name(member.language),
        "phone": institution.phone,
        "time": short_time(desk.now, member.language),
        **values,
    }
    texts = {
        Channel.SMS: Personal(compose_sms(kind, member.language, words)),
        Channel.MAIL: Personal(compose(kind, member.language, words)),
    }
    for channel, address in dict.fromkeys(addresses):
        if not address:
            continue
        notice = Notice(
            id=desk.new_id(),
            institution_id=member.institution_id,
            member_id=member.id,
            channel=channel,
            recipient=address,
            subject=Personal(institution.name(member.language)),
            text=texts[channel],
            carries_code=kind in CODES,
            template=kind,
            created_at=desk.now,
        )
        desk.uow.notices.add(notice)
        desk.uow.outbox.send_notice(notice.id)
