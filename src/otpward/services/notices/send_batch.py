"""Many reminders leave the house together, each at most once, wherever we are killed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

from otpward.clerk.posting import after_answer, begun, failed, file_notices, lost, message_of, question_of, taken, waiting
from otpward.clerk.stopping import stop_code
from otpward.core.errors import Invalid, Unavailable, Unsure
from otpward.core.ids import InstitutionId
from otpward.core.lifecycle.notice import NoticeState
from otpward.core.model.notice import Notice
from otpward.ports.desk import Desk, House
from otpward.ports.notifier import BulkNotifier, Channel, Message, Notifier, Refused, Report, Reporter, Sent
from otpward.ports.unit_of_work import Among

_Answer = Sent | Refused | Unavailable
SETTLED: Final = timedelta(seconds=15)
"""What was being handed over when we were killed may still be on the line; no exchange takes longer."""
_OPEN: Final = Among(frozenset({NoticeState.QUEUED, NoticeState.HANDING}))


def send_batch(
    institution_id: InstitutionId,
    batch_id: UUID,
    *,
    house: House,
    notifiers: Mapping[Channel, Notifier],
    last: bool = False,
) -> timedelta | None:
    """When to come back for the rest of this batch; None: nothing is left of it.

    That a notice is being handed over is committed before the provider is called. So after a kill we know of which ones nobody
    knows: the provider is asked after them by our own reference. What it has, counts as handed over; what it does not have,
    goes again; where it cannot be asked, a reminder counts as lost, and is not sent twice.

    Raises:
        Unavailable: no provider took anything; the caller tries again later. The `last` time what is left fails instead.
    """
    found = house.look(institution_id, lambda uow: uow.notices.find(batch_id=batch_id, state=_OPEN))
    caught = [one for one in found if one.state is NoticeState.HANDING]
    if caught:
        newest = max(one.handing_at or one.created_at for one in caught)
        if house.clock.now() < newest + SETTLED:
            return newest + SETTLED - house.clock.now()
        _settle(institution_id, caught, house=house, notifiers=notifiers)
        found = house.look(institution_id, lambda uow: uow.notices.find(batch_id=batch_id, state=_OPEN))
    doubtful = False
    for channel in sorted({one.channel for one in found}):
        mine = [one for one in found if one.channel == channel]
        notifier = notifiers.get(Channel(channel))
        many: object = notifier
        for part in _parts(mine, many.most if isinstance(many, BulkNotifier) else 1):
            doubtful |= not _send(institution_id, part, notifier, house=house, last=last)
    return SETTLED if doubtful else None


def _send(
    institution_id: InstitutionId, notices: Sequence[Notice], notifier: Notifier | None, *, house: House, last: bool
) -> bool:
    """Whether we know what became of them."""
    began = house.clock.now()
    if notifier is None:
        _file(institution_id, notices, lambda one: failed(one, now=began), house=house)
        return True
    handing = _file(institution_id, notices, lambda one: begun(one, now=began), house=house)
    answers = _hand_over(notifier, handing, house=house)
    now = house.clock.now()
    said = {notice.id: answer for notice, answer in zip(handing, answers, strict=True)}
    _file(institution_id, handing, lambda one: _after(one, said[one.id], now=now, last=last), house=house)
    for answer in answers:
        if isinstance(answer, Unavailable) and not isinstance(answer, Unsure) and not last:
            raise answer
    return not any(isinstance(answer, Unsure) for answer in answers)


def _after(notice: Notice, answer: _Answer, *, now: datetime, last: bool) -> Notice:
    match answer:
        case Unsure():
            return notice  # it is asked after when that has settled
        case Unavailable():
            return failed(waiting(notice), now=now) if last else waiting(notice)
        case _:
            return after_answer(notice, answer, now=now)


def _hand_over(notifier: Notifier, notices: Sequence[Notice], *, house: House) -> list[_Answer]:
    messages = [message_of(one, stop=stop_address(one, house=house)) for one in notices]
    many: object = notifier
    if isinstance(many, BulkNotifier):
        try:
            return list(many.send_many(messages))
        except Unavailable as error:
            return [error] * len(messages)
        except Invalid:
            pass  # one of them, and each is asked for by itself
    return [_one(notifier, message) for message in messages]


def _one(notifier: Notifier, message: Message) -> _Answer:
    try:
        return notifier.send(message)
    except Invalid as error:
        return Refused(reason=str(error))
    except Unavailable as error:
        return error


def stop_address(notice: Notice, *, house: House) -> str:
    """Where one click ends this member's reminders; only mail has a place for it."""
    if notice.channel != Channel.MAIL:
        return ""
    return f"{house.public_url.rstrip('/')}/stop/{stop_code(notice.member_id, house.vault)}"


def _settle(
    institution_id: InstitutionId, caught: Sequence[Notice], *, house: House, notifiers: Mapping[Channel, Notifier]
) -> None:
    """What became of those that were being handed over when we were killed, or when the line broke."""
    for channel in sorted({one.channel for one in caught}):
        mine = [one for one in caught if one.channel == channel]
        asked: object = notifiers.get(Channel(channel))
        known = None
        if isinstance(asked, Reporter) and asked.knows_ours:
            known = asked.ask_after([question_of(one) for one in mine])
        _file(institution_id, mine, partial(_settled, known=known, now=house.clock.now()), house=house)


def _settled(notice: Notice, *, known: Mapping[str, Report] | None, now: datetime) -> Notice:
    if known is None:
        return lost(notice)
    report = known.get(str(notice.id))
    if report is None:
        return waiting(notice)
    return taken(notice, Sent(provider_reference=report.provider_reference, provider=report.provider), now=now)


def _file(
    institution_id: InstitutionId, notices: Sequence[Notice], change: Callable[[Notice], Notice], *, house: House
) -> list[Notice]:
    """The notices after the change, written down; as they are in the store after it."""
    after = [change(one) for one in notices]
    house.do(institution_id, lambda desk: _write(notices, after, desk=desk))
    return [replace(new, version=old.version + 1) for old, new in zip(notices, after, strict=True)]


def _write(before: Sequence[Notice], after: Sequence[Notice], *, desk: Desk) -> None:
    with desk.uow as uow:
        file_notices(before, after, desk=desk)
        uow.commit()


def _parts(notices: Sequence[Notice], most: int) -> Iterator[Sequence[Notice]]:
    for start in range(0, len(notices), most):
        yield notices[start : start + most]
