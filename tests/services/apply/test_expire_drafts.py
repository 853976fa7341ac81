"""A draft waits fourteen days."""

from otpward.core.lifecycle.case import CaseState
from otpward.core.lifecycle.token import Hold
from otpward.services.apply.expire_drafts import expire_drafts
from tests.services.walk import Walk


def test_a_draft_that_nobody_went_on_with_ends_and_the_lost_token_stays_stopped(walk: Walk) -> None:
    walk.report()
    draft = walk.start()
    walk.clock.move(days=14)
    assert walk.do(lambda desk: expire_drafts(desk=desk)) == []
    walk.clock.move(seconds=1)
    assert walk.do(lambda desk: expire_drafts(desk=desk)) == [draft.id]
    assert walk.case(draft.id).state is CaseState.EXPIRED
    assert walk.events()[-1] == "case:expired=expired"
    assert walk.token("SN-00").holds == {Hold.LOST}
    assert walk.start().id != draft.id


def test_what_was_sent_does_not_expire_as_a_draft(walk: Walk) -> None:
    walk.submitted()
    walk.clock.move(days=30)
    assert walk.do(lambda desk: expire_drafts(desk=desk)) == []
