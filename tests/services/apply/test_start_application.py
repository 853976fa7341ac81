"""An application begins, or the one that is open goes on."""

from datetime import timedelta

from otpward.core.lifecycle.case import CaseState
from otpward.core.model.case import Reason
from otpward.core.model.loss import LossKind
from tests.services.walk import Walk


def test_a_report_becomes_a_draft(walk: Walk) -> None:
    report = walk.report(LossKind.STOLEN)
    case = walk.start()
    assert (case.id, case.state, case.reason) == (report.case_id, CaseState.DRAFT, Reason.STOLEN)
    assert case.deadline_at == walk.now + timedelta(days=14)
    assert walk.events()[-1] == "case:opened=draft"


def test_a_member_with_a_token_may_ask_for_another(walk: Walk) -> None:
    case = walk.start()
    assert (case.state, case.reason, case.old_token_id) == (CaseState.DRAFT, Reason.FAULTY, walk.token("SN-00").id)
    assert walk.events()[-1] == "case:opened=done"


def test_a_member_without_one_asks_for_the_first(walk: Walk) -> None:
    walk.member = walk.sample.other
    case = walk.start()
    assert (case.reason, case.old_token_id) == (Reason.FIRST_ISSUE, None)


def test_there_is_one_open_application(walk: Walk) -> None:
    first = walk.start()
    assert walk.start() == first
    walk.fill_in(first)
    assert walk.start().id == first.id
    assert walk.look(lambda uow: uow.cases.count()) == 1


def test_after_the_end_there_may_be_another(walk: Walk) -> None:
    first = walk.done()
    second = walk.start()
    assert second.id != first.id
    assert second.old_token_id == walk.token("SN-02").id
