"""A picture of a paper: covered and looked at before it is kept, opened with a reason, erased in time."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from otpward.core.errors import Conflict, Denied, Invalid, NotFound, TooOften
from otpward.core.lifecycle.document import DocumentState
from otpward.core.model.case import Case, Delivery, Documents
from otpward.core.model.document import LOOK_FOR, Document, Flaw
from otpward.core.model.member import Role
from otpward.core.policy.asked_papers import KEEP_AT_MOST
from otpward.core.policy.papers import Paper
from otpward.core.policy.rates import UPLOADS_PER_MEMBER
from otpward.ports.documents import ReadPaper
from otpward.services.apply.cancel_application import CancelApplication, cancel_application
from otpward.services.apply.cover_more import CoverMore, NotOffered, cover_more
from otpward.services.apply.drop_document import drop_document
from otpward.services.apply.erase_documents import erase_documents
from otpward.services.apply.keep_document import KeepDocument, keep_document
from otpward.services.apply.save_application import NotWritable
from otpward.services.apply.see_document import SeeDocument, see_document
from otpward.services.apply.send_document import SendDocument, send_document
from otpward.services.apply.take_reading import take_reading
from tests.fakes.reader import MORE, PICTURE, page
from tests.services.walk import SOURCE, Walk

READ = ReadPaper(pages=[page()], sure=True)
DOUBTFUL = ReadPaper(pages=[page()], sure=False)


def send(walk: Walk, case: Case, **changes: Any) -> Document:
    walk.agree()
    ask = SendDocument(case_id=case.id, member_id=walk.member.id, item="id_card", paper=Paper.PASSPORT, source=SOURCE)
    return walk.do(lambda desk: send_document(replace(ask, **changes), desk=desk))


def read(walk: Walk, document: Document, reading: ReadPaper | Flaw = READ) -> Document:
    return walk.do(lambda desk: take_reading(document.id, reading, desk=desk))


def keep(walk: Walk, document: Document, **changes: Any) -> Document:
    ask = KeepDocument(document_id=document.id, member_id=walk.member.id, seen=document.version, looked=False, source=SOURCE)
    return walk.do(lambda desk: keep_document(replace(ask, **changes), desk=desk))


def kept(walk: Walk, case: Case) -> Document:
    return keep(walk, read(walk, send(walk, case)))


def pictures(walk: Walk, document: Document) -> list[bytes]:
    return [one.picture.reveal() for one in walk.look(lambda uow: uow.document_pages.find(document_id=document.id))]


def now_of(walk: Walk, document: Document) -> Document:
    return walk.look(lambda uow: uow.documents.get(document.id))


def test_nothing_is_stored_before_it_was_covered(walk: Walk) -> None:
    document = send(walk, walk.start())
    assert document.state is DocumentState.READING
    assert pictures(walk, document) == []


def test_a_picture_is_kept_when_the_member_says_so_and_the_papers_are_sent(walk: Walk) -> None:
    case = walk.fill_in(walk.start(), Delivery.POST)
    document = kept(walk, case)
    assert (document.state, document.covers, document.by_hand) == (DocumentState.KEPT, 2, False)
    assert pictures(walk, document) == [PICTURE]
    assert walk.case(case.id).documents is Documents.SENT
    assert walk.events()[-3:] == ["document:sent=id_card", "document:read=read", "document:kept=read"]


def test_where_the_reader_was_not_sure_the_member_says_that_they_looked(walk: Walk) -> None:
    document = read(walk, send(walk, walk.start()), DOUBTFUL)
    assert document.state is DocumentState.BY_HAND
    with pytest.raises(Invalid) as refused:
        keep(walk, document)
    assert refused.value.field == "looked"
    assert keep(walk, document, looked=True).by_hand


def test_what_the_member_covers_takes_the_place_of_what_was(walk: Walk) -> None:
    document = read(walk, send(walk, walk.start()))
    ask = CoverMore(
        document_id=document.id, member_id=walk.member.id, seen=document.version, pages=[page(MORE, 3)], source=SOURCE
    )
    covered = walk.do(lambda desk: cover_more(ask, desk=desk))
    assert pictures(walk, document) == [MORE]
    assert (covered.covers, covered.by_hand) == (5, True)
    with pytest.raises(NotOffered):
        walk.do(lambda desk: cover_more(ask, desk=desk))
    with pytest.raises(NotOffered):
        keep(walk, document)
    assert keep(walk, covered).by_hand


def test_a_file_that_is_not_taken_leaves_only_its_reason(walk: Walk) -> None:
    document = read(walk, send(walk, walk.start()), Flaw.PASSWORD)
    assert (document.state, document.flaw) == (DocumentState.REFUSED, Flaw.PASSWORD)
    assert pictures(walk, document) == []
    with pytest.raises(NotOffered):
        keep(walk, document)


def test_a_second_answer_of_the_reader_changes_nothing(walk: Walk) -> None:
    document = read(walk, send(walk, walk.start()))
    assert read(walk, document, Flaw.BLURRED) == document


def test_a_newer_picture_of_the_same_paper_erases_the_older(walk: Walk) -> None:
    case = walk.start()
    first, second = read(walk, send(walk, case)), read(walk, send(walk, case))
    assert now_of(walk, first).state is DocumentState.ERASED
    keep(walk, second)
    third = kept(walk, case)
    assert now_of(walk, second).state is DocumentState.ERASED
    assert pictures(walk, second) == [b""]
    assert pictures(walk, third) == [PICTURE]


def test_what_nobody_keeps_is_erased_after_half_an_hour(walk: Walk) -> None:
    document = read(walk, send(walk, walk.start()))
    walk.clock.at += LOOK_FOR
    with pytest.raises(NotOffered):
        keep(walk, document)
    walk.clock.at += timedelta(seconds=1)
    assert walk.do(lambda desk: erase_documents(desk=desk)) == 1
    assert now_of(walk, document).state is DocumentState.ERASED
    assert pictures(walk, document) == [b""]
    assert walk.events()[-1] == "document:erased=not_kept"


def test_a_kept_picture_outlives_the_application_by_its_class_and_no_longer(walk: Walk) -> None:
    case = walk.start()
    document = kept(walk, case)
    assert document.erase_at == walk.now + KEEP_AT_MOST
    ask = CancelApplication(case_id=case.id, member_id=walk.member.id, source=SOURCE)
    walk.do(lambda desk: cancel_application(ask, desk=desk))
    walk.clock.at += timedelta(days=30)
    assert walk.do(lambda desk: erase_documents(desk=desk)) == 0
    walk.clock.at += timedelta(seconds=1)
    assert walk.do(lambda desk: erase_documents(desk=desk)) == 1
    assert pictures(walk, document) == [b""]
    assert walk.events()[-1] == "document:erased=kept_long_enough"


def test_a_picture_can_be_taken_back_until_the_application_is_sent(walk: Walk) -> None:
    case = walk.start()
    first = kept(walk, case)
    assert walk.do(lambda desk: drop_document(first.id, walk.member.id, SOURCE, desk=desk)).state is DocumentState.ERASED
    second = kept(walk, case)
    walk.prove()
    walk.submit(walk.fill_in(case))
    with pytest.raises(NotWritable):
        walk.do(lambda desk: drop_document(second.id, walk.member.id, SOURCE, desk=desk))
    with pytest.raises(NotWritable):
        send(walk, case)


def test_somebody_elses_picture_is_no_picture(walk: Walk) -> None:
    case = walk.start()
    document = read(walk, send(walk, case))
    stranger = walk.sample.other.id
    with pytest.raises(NotFound):
        send(walk, case, member_id=stranger)
    with pytest.raises(NotFound):
        keep(walk, document, member_id=stranger)
    with pytest.raises(NotFound):
        walk.do(lambda desk: drop_document(document.id, stranger, SOURCE, desk=desk))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        pytest.param({"item": "diary"}, "item", id="a paper nobody asked for"),
        pytest.param({"paper": None}, "paper", id="of no kind"),
    ],
)
def test_only_what_was_asked_for_is_taken(walk: Walk, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        send(walk, walk.start(), **changes)
    assert refused.value.field == field


def test_so_many_in_an_hour_and_no_more(walk: Walk) -> None:
    case = walk.start()
    for _ in range(UPLOADS_PER_MEMBER.limit):
        send(walk, case)
    with pytest.raises(TooOften):
        send(walk, case)


def test_staff_open_it_with_a_reason_that_is_written_down(walk: Walk) -> None:
    case = walk.start()
    document = kept(walk, case)
    ask = SeeDocument(operator=walk.operator, case_number=case.number, document_id=document.id, reason="check")
    seen = walk.do(lambda desk: see_document(ask, desk=desk))
    assert [one.picture.reveal() for one in seen.pages] == [PICTURE]
    line = walk.look(lambda uow: uow.audit.find(limit=1))[0]
    assert (line.event, line.subject_id, line.actor_id) == ("document:seen", document.id, walk.operator.member_id)
    assert line.detail == {"reason": "check"}


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        pytest.param({"reason": " "}, Invalid, id="without a reason"),
        pytest.param({"reason": "x" * 201}, Invalid, id="with a story"),
        pytest.param({"case_number": "R-261123-AAAAAAA"}, NotFound, id="in another case"),
        pytest.param({"document_id": UUID(int=7)}, NotFound, id="one that is not there"),
    ],
)
def test_staff_do_not_open_it(walk: Walk, changes: dict[str, Any], refusal: type[Exception]) -> None:
    case = walk.start()
    ask = SeeDocument(operator=walk.operator, case_number=case.number, document_id=kept(walk, case).id, reason="check")
    with pytest.raises(refusal):
        walk.do(lambda desk: see_document(replace(ask, **changes), desk=desk))
    assert not [line for line in walk.events() if line.startswith("document:seen")]


@pytest.mark.parametrize("role", [Role.STOCK, Role.AUDITOR])
def test_who_does_not_review_does_not_open_it(walk: Walk, role: Role) -> None:
    case = walk.start()
    document = kept(walk, case)
    ask = SeeDocument(operator=walk.colleague(role), case_number=case.number, document_id=document.id, reason="check")
    with pytest.raises(Denied):
        walk.do(lambda desk: see_document(ask, desk=desk))


def test_a_picture_that_is_only_offered_is_not_there_for_staff(walk: Walk) -> None:
    case = walk.start()
    document = read(walk, send(walk, case))
    ask = SeeDocument(operator=walk.operator, case_number=case.number, document_id=document.id, reason="check")
    with pytest.raises(NotFound):
        walk.do(lambda desk: see_document(ask, desk=desk))


def test_a_second_keeping_is_refused(walk: Walk) -> None:
    document = read(walk, send(walk, walk.start()))
    keep(walk, document)
    with pytest.raises(Conflict):
        keep(walk, document)
