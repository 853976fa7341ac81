"""Staff cover more of a kept picture or erase it: who reviews may, with a reason, as they saw it, and never their own."""

from dataclasses import replace
from typing import Any

import pytest

from otpward.core.errors import Denied, Invalid, NotFound
from otpward.core.lifecycle.document import DocumentState
from otpward.core.model.case import Delivery, Documents
from otpward.core.model.document import Document
from otpward.core.model.member import Role
from otpward.core.policy.papers import Paper
from otpward.services.apply.mend_document import MendDocument, StaleDocument, mend_document
from otpward.services.apply.review import OwnRequest
from tests.fakes.reader import MORE, page
from tests.services.apply.test_applicants import give
from tests.services.walk import Walk


@pytest.fixture
def document(walk: Walk) -> Document:
    """An ID card, kept in an application that was sent."""
    case = walk.fill_in(walk.start(), Delivery.POST)
    walk.agree()
    made = give(walk, case, "id_card", None, Paper.PASSPORT)
    walk.prove()
    walk.submit(walk.case(case.id))
    return made


def mend(walk: Walk, document: Document, **changes: Any) -> Document:
    case = walk.case(document.case_id)
    ask = MendDocument(
        operator=walk.operator, case_number=case.number, document_id=document.id, seen=document.version, reason="check"
    )
    return walk.do(lambda desk: mend_document(replace(ask, **changes), desk=desk))


@pytest.mark.parametrize("role", Role)
def test_who_reviews_may(walk: Walk, document: Document, role: Role) -> None:
    operator = walk.colleague(role)
    if role in {Role.BRANCH, Role.HELP_DESK, Role.ADMINISTRATOR}:
        assert mend(walk, document, operator=operator).state is DocumentState.ERASED
        return
    with pytest.raises(Denied):
        mend(walk, document, operator=operator)


def test_what_is_painted_over_replaces_what_was_there(walk: Walk, document: Document) -> None:
    covered = mend(walk, document, pages=[page(MORE, 3)])
    assert (covered.state, covered.covers, covered.by_hand) == (DocumentState.KEPT, 5, False)
    [kept] = walk.look(lambda uow: uow.document_pages.find(document_id=document.id))
    assert kept.picture.reveal() == MORE


def test_what_is_erased_is_no_longer_counted_as_sent(walk: Walk, document: Document) -> None:
    assert walk.case(document.case_id).documents is Documents.SENT
    assert mend(walk, document).state is DocumentState.ERASED
    assert walk.case(document.case_id).documents is Documents.ON_DELIVERY


@pytest.mark.parametrize("reason", ["", " ", "x", "x" * 201], ids=["none", "blank", "a letter", "a story"])
def test_without_a_reason_nothing_is_done(walk: Walk, document: Document, reason: str) -> None:
    with pytest.raises(Invalid):
        mend(walk, document, reason=reason)
    assert walk.look(lambda uow: uow.documents.get(document.id)) == document


def test_what_changed_or_is_gone_is_told(walk: Walk, document: Document) -> None:
    mend(walk, document, pages=[page(MORE, 1)])
    with pytest.raises(StaleDocument):
        mend(walk, document)
    newest = walk.look(lambda uow: uow.documents.get(document.id))
    mend(walk, newest)
    with pytest.raises(StaleDocument):
        mend(walk, newest)


def test_nobody_mends_their_own(walk: Walk, document: Document) -> None:
    own = replace(walk.operator, member_id=walk.member.id)
    with pytest.raises(OwnRequest):
        mend(walk, document, operator=own)


def test_a_picture_of_another_application_is_not_found(walk: Walk, document: Document) -> None:
    with pytest.raises(NotFound):
        mend(walk, document, case_number="R-000000-AAAAAAA")
