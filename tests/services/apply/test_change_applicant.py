"""A draft becomes another kind of application: only a draft, only one's own, and only what was agreed to goes."""

from dataclasses import replace

import pytest

from otpward.clerk.changes import change_of_kind
from otpward.clerk.collecting import who_collects
from otpward.core.errors import Invalid, NotFound
from otpward.core.lifecycle.document import DocumentState
from otpward.core.model.case import Case, Delivery, Documents, Reason
from otpward.core.policy.applicants import Acting, Misfit, Relation, WrongKind
from otpward.core.policy.papers import Paper
from otpward.ports.documents import ReadPaper
from otpward.services.apply.change_applicant import ChangeApplicant, MoreGoes, change_applicant
from otpward.services.apply.save_application import NotWritable
from otpward.services.apply.take_reading import take_reading
from tests.fakes.reader import page
from tests.services.apply.test_applicants import ADULT, MINOR, born, give, give_all, save, send, start
from tests.services.walk import SOURCE, Walk


def change(walk: Walk, case: Case, kind: str, agreed: str = "") -> Case:
    ask = ChangeApplicant(case_id=case.id, member_id=walk.member.id, applicant=kind, agreed=agreed, source=SOURCE)
    return walk.do(lambda desk: change_applicant(ask, desk=desk))


def what_goes(walk: Walk, case: Case, kind: str) -> str:
    return walk.look(lambda uow: change_of_kind(case, kind, uow=uow, now=walk.now)).print


@pytest.fixture
def by_proxy(walk: Walk) -> Case:
    """A proxy's application, filled in, with every paper sent."""
    born(walk, ADULT)
    case = start(walk, "proxy")
    walk.agree()
    case = save(walk, case, reason=Reason.FAULTY, delivery=Delivery.POST, address="04524\n서울")
    case = save(walk, case, acting_name="김대리", acting_as=Relation.SPOUSE)
    return give_all(walk, case)


def test_only_what_was_agreed_to_goes(walk: Walk, by_proxy: Case) -> None:
    with pytest.raises(MoreGoes):
        change(walk, by_proxy, "individual")
    assert walk.case(by_proxy.id) == by_proxy
    changed = change(walk, by_proxy, "individual", what_goes(walk, by_proxy, "individual"))
    assert (changed.applicant, changed.acting_name.reveal(), changed.delivery) == ("individual", "", Delivery.POST)
    assert changed.documents is Documents.ON_DELIVERY
    assert changed.policy_id == by_proxy.policy_id
    states = [one.state for one in walk.look(lambda uow: uow.documents.find(case_id=changed.id))]
    assert states == [DocumentState.ERASED] * 3
    assert walk.events().count("document:erased=not_asked") == 3


def test_a_picture_that_is_being_read_for_the_old_kind_is_not_offered(walk: Walk, by_proxy: Case) -> None:
    reading = send(walk, by_proxy, "power_of_attorney")
    change(walk, by_proxy, "individual", what_goes(walk, by_proxy, "individual"))
    read = walk.do(lambda desk: take_reading(reading.id, ReadPaper(pages=[page()], sure=True), desk=desk))
    assert read.state is DocumentState.ERASED
    assert not [one for one in walk.look(lambda uow: uow.document_pages.find(document_id=reading.id)) if one.picture]


def test_the_same_kind_changes_nothing(walk: Walk, by_proxy: Case) -> None:
    assert change(walk, by_proxy, "proxy") == by_proxy


def test_what_does_not_fit_is_refused(walk: Walk, by_proxy: Case) -> None:
    with pytest.raises(Invalid):
        change(walk, by_proxy, "ghost")
    with pytest.raises(WrongKind) as refused:
        change(walk, by_proxy, "minor")
    assert refused.value.misfit is Misfit.OF_AGE


def test_a_minor_has_no_other_kind(walk: Walk) -> None:
    born(walk, MINOR)
    case = start(walk, "minor")
    with pytest.raises(WrongKind):
        change(walk, case, "individual")


def test_somebody_elses_draft_is_not_found(walk: Walk, by_proxy: Case) -> None:
    stranger = walk.sample.other.id
    ask = ChangeApplicant(case_id=by_proxy.id, member_id=stranger, applicant="individual", agreed="", source=SOURCE)
    with pytest.raises(NotFound):
        walk.do(lambda desk: change_applicant(ask, desk=desk))


def test_what_was_sent_is_not_rewritten(walk: Walk) -> None:
    case = walk.submitted(Delivery.APP)
    with pytest.raises(NotWritable):
        change(walk, case, "proxy")


def test_who_collects_follows_the_kind(walk: Walk, by_proxy: Case) -> None:
    case = replace(by_proxy, delivery=Delivery.BRANCH)
    comes = walk.look(lambda uow: who_collects(case, uow=uow, now=walk.now))
    assert (comes.acting, comes.name.reveal(), comes.id_sent, comes.bring) == (Acting.PROXY, "김대리", True, ())
    give(walk, by_proxy, "proxy_id", None, Paper.PASSPORT)
    alone = change(walk, by_proxy, "individual", what_goes(walk, by_proxy, "individual"))
    comes = walk.look(lambda uow: who_collects(alone, uow=uow, now=walk.now))
    assert (comes.acting, comes.name, comes.id_sent) == (None, walk.member.name, False)
