"""People are told: to every address on file, except a phone that was reported lost."""

from otpward.core.model.institution import Institution
from otpward.core.model.member import Member
from otpward.core.model.notice import Notice
from otpward.core.policy.notices import NoticeKind, compose, compose_sms, short_time
from otpward.core.secret import Personal
from otpward.ports.desk import Desk
from otpward.ports.notifier import Channel


def tell(
    member: Member, kind: NoticeKind, *, desk: Desk, phone_lost: bool = False, only: Channel | None = None, **values: str
) -> None:
    """Write the notices and put them into the outbox of this transaction (SP 800-63B §4.6: all addresses on file).

    `phone_lost`: this very report says so. While an earlier one says it, nothing goes to that phone either.
    """
    phone_lost = phone_lost or member.phone_lost_at is not None
    institution: Institution = desk.uow.institutions.get(member.institution_id)
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
    addresses = {Channel.SMS: Personal("") if phone_lost else member.phone, Channel.MAIL: member.email}
    for channel, address in addresses.items():
        if not address or only not in {None, channel}:
            continue
        notice = Notice(
            id=desk.new_id(),
            institution_id=member.institution_id,
            member_id=member.id,
            channel=channel,
            recipient=address,
            subject=Personal(institution.name(member.language)),
            text=texts[channel],
            carries_code=kind is NoticeKind.PHONE_CODE,
            template=kind,
            created_at=desk.now,
        )
        desk.uow.notices.add(notice)
        desk.uow.outbox.send_notice(notice.id)
