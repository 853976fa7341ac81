"""What tests of this room do again and again."""

import re
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from otpward.core.model.campaign import Campaign, Chosen
from otpward.core.model.member import Role
from otpward.core.model.reminder import Occasion, Reminder
from otpward.services.health.ask_members import ask_members
from otpward.services.health.check_by_link import CheckByLink, LinkChecked, check_by_link
from otpward.services.health.decide_campaign import DecideCampaign, start_campaign
from otpward.services.health.propose_campaign import ProposeCampaign, propose_campaign
from otpward.services.health.remind_due import remind_due
from tests.services.walk import SOURCE, Walk

SITE = "http://127.0.0.1"


def ends(walk: Walk, serial: str, on: date | None, **more: Any) -> None:
    """The device is one that ends on this day."""
    token = walk.token(serial)

    def change(uow: Any) -> None:
        uow.devices.save(replace(uow.devices.get(token.id), expires_on=on, **more))

    walk.edit(change)


def used(walk: Walk, serial: str, at: datetime | None) -> None:
    """It was last used then, and has been in use for ever."""
    token = walk.token(serial)

    def change(uow: Any) -> None:
        uow.tokens.save(replace(token, used_at=at))
        live = uow.registrations.first(token_id=token.id)
        uow.registrations.save(replace(live, live_at=datetime(2020, 1, 1, tzinfo=walk.now.tzinfo)))

    walk.edit(change)


def round_of_the_day(walk: Walk) -> int:
    return remind_due(walk.inside, house=walk.house)


def letters(walk: Walk, occasion: Occasion) -> list[Reminder]:
    return walk.look(lambda uow: uow.reminders.find(occasion=occasion))


def newest_link(walk: Walk) -> str:
    """The link of the newest letter, read off it as off the phone."""
    texts = [one.text.reveal() for one in walk.look(lambda uow: uow.notices.find(order="-created_at"))]
    return next(str(found) for text in texts for found in re.findall(rf"{SITE}/r/(\w+)", text))


def try_number(walk: Walk, link: str, first: str, second: str = "") -> LinkChecked:
    ask = CheckByLink(link=link, first=first, second=second, source=SOURCE)
    return walk.do(lambda desk: check_by_link(ask, desk=desk))


def proposed(walk: Walk, **changes: Any) -> Campaign:
    ask = ProposeCampaign(
        institution_id=walk.inside,
        author=walk.operator,
        name="1분기 만료",
        chosen=Chosen(branch_id=walk.sample.branch.id, expires_from=date(2027, 1, 1), expires_until=date(2027, 3, 31)),
        ends_on=date(2027, 1, 31),
    )
    return walk.do(lambda desk: propose_campaign(replace(ask, **changes), desk=desk))


def started(walk: Walk, **changes: Any) -> Campaign:
    campaign = proposed(walk, **changes)
    ask = DecideCampaign(operator=walk.colleague(Role.ADMINISTRATOR), number=campaign.number, seen_version=campaign.version)
    return walk.do(lambda desk: start_campaign(ask, desk=desk))


def ask_all(walk: Walk) -> int:
    return ask_members(walk.inside, house=walk.house)
