"""A notice leaves the house."""

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from otpward.core.audit import Actor, ActorKind, AuditEvent
from otpward.core.errors import Invalid, Unavailable
from otpward.core.ids import InstitutionId
from otpward.core.model.notice import Notice
from otpward.core.secret import NOTHING
from otpward.ports.desk import Desk, House
from otpward.ports.notifier import Channel, Message, Notifier, Sent

_BY = Actor(kind=ActorKind.SYSTEM, source="outbox")


def send_notice(
    institution_id: InstitutionId, notice_id: UUID, *, house: House, notifiers: Mapping[Channel, Notifier], last: bool = False
) -> bool:
    """Whether it went out. What has gone already is not sent again; what a gateway refuses for good is marked as failed.

    Raises:
        Unavailable: the gateway did not answer; the caller tries again later. The `last` time it is marked as failed instead.
    """
    notice = house.look(institution_id, lambda uow: uow.notices.get(notice_id))
    if notice.sent_at is not None or notice.failed_at is not None:
        return notice.sent_at is not None
    notifier = notifiers.get(Channel(notice.channel))
    sent: Sent | None = None
    if notifier is not None:
        try:
            sent = notifier.send(
                Message(
                    channel=Channel(notice.channel),
                    to=notice.recipient.reveal(),
                    text=notice.text.reveal(),
                    subject=notice.subject.reveal(),
                    carries_code=notice.carries_code,
                    reference=str(notice.id),
                )
            )
        except Invalid:
            sent = None
        except Unavailable:
            if not last:
                raise
    house.do(institution_id, lambda desk: _file(notice, sent, desk=desk))
    return sent is not None


def _file(notice: Notice, sent: Sent | None, *, desk: Desk) -> None:
    """Write down what became of it; a text that carried a code is erased."""
    with desk.uow as uow:
        done = replace(
            notice,
            sent_at=desk.now if sent is not None else None,
            failed_at=desk.now if sent is None else None,
            provider_reference="" if sent is None else sent.provider_reference[:200],
            text=NOTHING if notice.carries_code else notice.text,
        )
        uow.notices.save(done)
        event = AuditEvent.NOTICE_SENT if sent is not None else AuditEvent.NOTICE_FAILED
        uow.audit.append(
            event, done, by=_BY, at=desk.now, institution_id=notice.institution_id, result=f"{notice.channel}:{notice.template}"
        )
        uow.commit()
