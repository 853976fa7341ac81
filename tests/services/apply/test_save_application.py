"""A draft is filled in, page by page, by its member alone."""

import pytest

from otpward.core.errors import Invalid, NotFound
from otpward.core.ids import BranchId
from otpward.core.model.case import Case, Delivery, Documents, Reason
from otpward.core.secret import NOTHING
from otpward.services.apply.save_application import NotWritable, SaveApplication, save_application
from tests.services.walk import SOURCE, Walk


def save(walk: Walk, case: Case, **parts: object) -> Case:
    ask = SaveApplication(case_id=case.id, member_id=walk.member.id, source=SOURCE, **parts)  # type: ignore[arg-type]
    return walk.do(lambda desk: save_application(ask, desk=desk))


def test_each_part_is_kept_and_leaves_the_others(walk: Walk) -> None:
    case = walk.start()
    save(walk, case, reason=Reason.EXPIRING, old_serial=" SN-00 ")
    kept = save(walk, case, delivery=Delivery.BRANCH, branch_id=walk.sample.branch.id)
    assert (kept.reason, kept.old_serial, kept.documents) == (Reason.EXPIRING, "SN-00", Documents.AT_COUNTER)
    assert (kept.delivery, kept.branch_id) == (Delivery.BRANCH, walk.sample.branch.id)
    assert walk.events()[-2:] == ["case:saved=done"] * 2


def test_what_belongs_to_the_other_way_is_forgotten(walk: Walk) -> None:
    case = save(walk, walk.start(), delivery=Delivery.POST, address=" 서울 ")
    assert case.address.reveal() == "서울"
    case = save(walk, case, delivery=Delivery.BRANCH, branch_id=walk.sample.branch.id)
    assert case.address == NOTHING
    assert save(walk, case, delivery=Delivery.APP).branch_id is None


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ({"delivery": Delivery.BRANCH}, "branch"),
        ({"delivery": Delivery.POST}, "address"),
        ({"delivery": Delivery.POST, "address": "  "}, "address"),
    ],
)
def test_a_missing_part_names_its_field(walk: Walk, parts: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        save(walk, walk.start(), **parts)
    assert refused.value.field == field


def test_a_branch_must_exist(walk: Walk) -> None:
    with pytest.raises(Invalid):
        save(walk, walk.start(), delivery=Delivery.BRANCH, branch_id=BranchId(walk.house.desk(None).new_id()))


def test_what_was_reported_lost_is_not_talked_down(walk: Walk) -> None:
    walk.report()
    case = walk.start()
    with pytest.raises(Invalid) as refused:
        save(walk, case, reason=Reason.FAULTY)
    assert refused.value.field == "reason"
    assert save(walk, case, reason=Reason.STOLEN).reason is Reason.STOLEN


def test_somebody_elses_draft_does_not_exist(walk: Walk) -> None:
    case = walk.start()
    walk.member = walk.sample.other
    with pytest.raises(NotFound):
        save(walk, case, reason=Reason.LOST)


def test_what_was_sent_is_not_rewritten(walk: Walk) -> None:
    case = walk.submitted()
    with pytest.raises(NotWritable):
        save(walk, case, delivery=Delivery.POST, address="어딘가 다른 곳")
