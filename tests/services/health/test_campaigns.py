"""Whom a campaign asks, how often, and who may start it."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from otpward.core.errors import Denied, Invalid
from otpward.core.ids import BranchId
from otpward.core.lifecycle.campaign import CampaignState
from otpward.core.lifecycle.table import IllegalTransition
from otpward.core.model.campaign import Campaign, Chosen
from otpward.core.model.member import Role
from otpward.services.health.ask_members import ask_some, lapse_campaigns
from otpward.services.health.decide_campaign import (
    DecideCampaign,
    OwnCampaign,
    StaleCampaign,
    end_campaign,
    send_back_campaign,
    start_campaign,
)
from otpward.services.health.give_up_by_link import GiveUpByLink, give_up_by_link
from otpward.services.health.propose_campaign import Everybody, Nobody
from otpward.services.health.see_campaign import Progress, every_reminder, preview, see_progress
from tests.services.health.looking_after import ask_all, ends, newest_link, proposed, started, try_number, used
from tests.services.walk import Walk, shown


@pytest.fixture(autouse=True)
def in_the_quarter(walk: Walk) -> None:
    """The members' two devices end in the first quarter, and belong to the branch."""
    for serial, day in (("SN-00", date(2027, 2, 1)), ("SN-01", date(2027, 3, 31))):
        ends(walk, serial, day, branch_id=walk.sample.branch.id)
        used(walk, serial, walk.now - timedelta(days=40))


def progress(walk: Walk, campaign: Campaign) -> Progress:
    return walk.look(lambda uow: see_progress(campaign, uow=uow))


def now(walk: Walk, campaign: Campaign) -> Campaign:
    return walk.look(lambda uow: uow.campaigns.get(campaign.id))


def test_everybody_meant_is_asked_once(walk: Walk) -> None:
    campaign = started(walk)
    assert ask_all(walk) == 2
    assert ask_all(walk) == 0
    assert walk.told("campaign") == {("m1001", "reminder_campaign", "sms"), ("teller", "reminder_campaign", "sms")}
    assert now(walk, campaign).asked_all_at == walk.now


def test_what_came_of_it_is_counted(walk: Walk) -> None:
    campaign = started(walk)
    ask_all(walk)
    assert progress(walk, campaign) == Progress(asked=2, good=0, fixed=0, failed=0, silent=2, unreached=0)
    link = newest_link(walk)
    who = next(one for one in walk.look(lambda uow: list(every_reminder(campaign.id, uow=uow))))
    serial = walk.look(lambda uow: uow.tokens.get(who.token_id)).serial
    other = {"SN-00": "SN-01", "SN-01": "SN-00"}[serial]
    if try_number(walk, link, shown(serial, walk.now)).reminder.outcome is None:
        try_number(walk, link, shown(other, walk.now))
    assert progress(walk, campaign) == Progress(asked=2, good=1, fixed=0, failed=0, silent=1, unreached=0)


def test_a_dark_device_counts_as_failed(walk: Walk) -> None:
    campaign = started(walk)
    ask_all(walk)
    link = newest_link(walk)
    failed = walk.do(lambda desk: give_up_by_link(GiveUpByLink(link=link), desk=desk))
    assert failed.case_id is not None
    assert progress(walk, campaign).failed == 1


def test_nobody_is_asked_at_night(walk: Walk) -> None:
    started(walk)
    walk.clock.move(hours=10)
    assert ask_all(walk) == 0
    walk.clock.move(hours=10)
    assert ask_all(walk) == 2


def test_a_second_campaign_leaves_them_in_peace_for_its_days(walk: Walk) -> None:
    started(walk)
    ask_all(walk)
    walk.clock.move(days=10)
    second = started(walk, name="또 하나", rest_days=30)
    assert ask_all(walk) == 0
    assert progress(walk, second).asked == 0
    walk.clock.move(days=20)
    third = started(walk, name="셋째", rest_days=30, ends_on=date(2027, 2, 20))
    assert ask_all(walk) == 2
    assert progress(walk, third).asked == 2


def test_two_at_the_same_time_ask_each_member_once_between_them(walk: Walk) -> None:
    one, two = started(walk), started(walk, name="같은 때")
    assert ask_all(walk) == 2
    assert progress(walk, one).asked + progress(walk, two).asked == 2


def test_two_workers_ask_nobody_twice(walk: Walk) -> None:
    campaign = started(walk)
    walk.do(lambda desk: ask_some(campaign.id, desk=desk))
    again = now(walk, campaign)
    walk.edit(lambda uow: uow.campaigns.save(replace(again, asked_to=None)))  # as if the place had been lost
    assert walk.do(lambda desk: ask_some(campaign.id, desk=desk)) == 0
    assert len(walk.look(lambda uow: uow.notices.find(template="reminder_campaign"))) == 2


@pytest.mark.parametrize(
    ("changes", "error", "field"),
    [
        pytest.param({"name": "  "}, Invalid, "name", id="no-name"),
        pytest.param({"ends_on": date(2026, 11, 22)}, Invalid, "ends_on", id="end-in-the-past"),
        pytest.param({"ends_on": date(2026, 11, 23)}, Invalid, "ends_on", id="end-today"),
        pytest.param({"ends_on": date(2028, 1, 1)}, Invalid, "ends_on", id="end-far-off"),
        pytest.param({"rest_days": -1}, Invalid, "rest_days", id="negative-days"),
        pytest.param(
            {"chosen": Chosen(expires_from=date(2027, 2, 1), expires_until=date(2027, 1, 1))},
            Invalid,
            "expires_until",
            id="backwards",
        ),
        pytest.param({"chosen": Chosen()}, Everybody, "everybody", id="everybody"),
        pytest.param({"chosen": Chosen(model="없는 모델")}, Nobody, None, id="nobody"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    walk: Walk, changes: dict[str, Any], error: type[Exception], field: str | None
) -> None:
    with pytest.raises(error) as refused:
        proposed(walk, **changes)
    assert getattr(refused.value, "field", None) == field


def test_everybody_can_be_asked_by_who_means_it(walk: Walk) -> None:
    started(walk, chosen=Chosen(), everybody=True)
    assert ask_all(walk) == 2


@pytest.mark.parametrize(
    ("chosen", "count"),
    [
        pytest.param(Chosen(expires_until=date(2027, 2, 28)), 1, id="until"),
        pytest.param(Chosen(expires_from=date(2027, 2, 28)), 1, id="from"),
        pytest.param(Chosen(unused_since=date(2026, 11, 1)), 2, id="unused"),
        pytest.param(Chosen(unused_since=date(2026, 10, 1)), 0, id="used"),
        pytest.param(Chosen(fails_until=date(2030, 1, 1)), 0, id="no-forecast"),
    ],
)
def test_the_preview_counts_whom_it_would_ask(walk: Walk, chosen: Chosen, count: int) -> None:
    seen = walk.look(lambda uow: preview(chosen, uow=uow))
    assert (seen.count, len(seen.sample)) == (count, count)


def test_who_put_it_forward_does_not_start_it(walk: Walk) -> None:
    campaign = proposed(walk)
    with pytest.raises(OwnCampaign):
        walk.do(lambda desk: start_campaign(DecideCampaign(operator=walk.operator, number=campaign.number), desk=desk))
    assert ask_all(walk) == 0


@pytest.mark.parametrize("role", [Role.STOCK, Role.AUDITOR, Role.HELP_DESK])
def test_other_roles_do_neither(walk: Walk, role: Role) -> None:
    campaign = proposed(walk)
    for act in (start_campaign, send_back_campaign, end_campaign):
        with pytest.raises(Denied):
            walk.do(lambda desk, act=act: act(DecideCampaign(operator=walk.colleague(role), number=campaign.number), desk=desk))  # type: ignore[misc]
    with pytest.raises(Denied):
        proposed(walk, author=walk.colleague(role))


def test_a_branch_asks_its_own_members_only(walk: Walk) -> None:
    teller = walk.colleague(Role.BRANCH)
    with pytest.raises(Denied):
        proposed(walk, author=teller, chosen=Chosen(expires_until=date(2027, 3, 31)))
    assert proposed(walk, author=teller).state is CampaignState.PROPOSED


def test_it_ends_with_its_day_and_by_hand(walk: Walk) -> None:
    campaign, other = started(walk), started(walk, name="둘째")
    walk.do(lambda desk: end_campaign(DecideCampaign(operator=walk.operator, number=other.number), desk=desk))
    walk.clock.at = walk.now.replace(year=2027, month=2, day=1)
    ask_all(walk)
    assert {now(walk, campaign).state, now(walk, other).state} == {CampaignState.ENDED}
    with pytest.raises(IllegalTransition):
        walk.do(lambda desk: end_campaign(DecideCampaign(operator=walk.operator, number=other.number), desk=desk))


def test_what_nobody_decides_on_lapses(walk: Walk) -> None:
    campaign = proposed(walk)
    assert walk.do(lambda desk: lapse_campaigns(desk=desk)) == 0
    walk.clock.move(days=3)
    assert walk.do(lambda desk: lapse_campaigns(desk=desk)) == 1
    assert now(walk, campaign).state is CampaignState.WITHDRAWN


def test_a_stale_page_starts_nothing(walk: Walk) -> None:
    campaign = proposed(walk)
    ask = DecideCampaign(operator=walk.colleague(), number=campaign.number, seen_version=campaign.version + 1)
    with pytest.raises(StaleCampaign):
        walk.do(lambda desk: start_campaign(ask, desk=desk))


@pytest.mark.parametrize("act", [start_campaign, send_back_campaign, end_campaign])
@pytest.mark.parametrize("whose", ["everybody's", "another branch's"])
def test_who_sits_at_a_branch_decides_on_no_other_ones_campaign(walk: Walk, act: Any, whose: str) -> None:
    campaign = proposed(walk, chosen=Chosen(expires_until=date(2027, 3, 31)))
    if whose == "another branch's":
        walk.edit(lambda uow: uow.campaigns.save(replace(campaign, branch_id=BranchId(UUID(int=5)))))
    teller = replace(walk.operator, role=Role.BRANCH, branch_id=walk.sample.branch.id, member_id=walk.sample.other.id)
    with pytest.raises(Denied):
        walk.do(lambda desk: act(DecideCampaign(operator=teller, number=campaign.number), desk=desk))
    assert now(walk, campaign).state is CampaignState.PROPOSED


def test_who_sits_at_a_branch_starts_what_asks_that_branch(walk: Walk) -> None:
    campaign = proposed(walk)
    teller = replace(walk.operator, role=Role.BRANCH, branch_id=walk.sample.branch.id, member_id=walk.sample.other.id)
    begun = walk.do(lambda desk: start_campaign(DecideCampaign(operator=teller, number=campaign.number), desk=desk))
    assert begun.state is CampaignState.RUNNING
