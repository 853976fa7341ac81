"""A notice leaves the house."""

from collections.abc import Mapping
from uuid import UUID

from otpward.clerk.posting import begun, failed, file_notices, message_of, taken
from otpward.core.errors import Invalid, Unavailable
from otpward.core.ids import InstitutionId
from otpward.core.lifecycle.notice import NoticeState
from otpward.core.model.notice import Notice
from otpward.ports.desk import Desk, House
from otpward.ports.notifier import Channel, Notifier, Sent


def send_notice(
    institution_id: InstitutionId, notice_id: UUID, *, house: House, notifiers: Mapping[Channel, Notifier], last: bool = False
) -> bool:
    """Whether it went out. What has gone already is not sent again; what a gateway refuses for good is marked as failed.

    A warning goes out at least once: killed between the gateway's yes and our note of it, it goes again. What only reminds
    leaves by `send_batch`, at most once.

    Raises:
        Unavailable: the gateway did not answer; the caller tries again later. The `last` time it is marked as failed instead.
    """
    notice = house.look(institution_id, lambda uow: uow.notices.get(notice_id))
    if notice.state is not NoticeState.QUEUED:
        return notice.sent_at is not None
    notifier = notifiers.get(Channel(notice.channel))
    sent: Sent | None = None
    if notifier is not None:
        try:
            sent = notifier.send(message_of(notice))
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
        began = begun(notice, now=desk.now)
        file_notices([notice], [failed(began, now=desk.now) if sent is None else taken(began, sent, now=desk.now)], desk=desk)
        uow.commit()
