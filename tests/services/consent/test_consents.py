"""Agreeing, and taking it back: which words, when, where, and what goes with it."""

from datetime import timedelta
from typing import Any

import pytest

from otpward.clerk.consents import ConsentNeeded, consent_to
from otpward.core.errors import Invalid
from otpward.core.lifecycle.document import DocumentState
from otpward.core.model.case import Case, Documents
from otpward.core.model.consent import Consent, Purpose
from otpward.core.model.document import Document
from otpward.core.policy.papers import Paper
from otpward.ports.documents import ReadPaper
from otpward.services.apply.keep_document import KeepDocument, keep_document
from otpward.services.apply.send_document import SendDocument, send_document
from otpward.services.apply.take_reading import take_reading
from otpward.services.consent.give_consent import OtherWords
from otpward.services.consent.withdraw_consent import WithdrawConsent, withdraw_consent
from tests.fakes.reader import page
from tests.services.oversee.policies.writing import desks
from tests.services.walk import SOURCE, Walk


def withdraw(walk: Walk, purpose: Purpose = Purpose.DOCUMENTS) -> Consent | None:
    ask = WithdrawConsent(member_id=walk.member.id, purpose=purpose, source=SOURCE)
    return walk.do(lambda desk: withdraw_consent(ask, desk=desk))


def held(walk: Walk, purpose: Purpose = Purpose.DOCUMENTS) -> Consent | None:
    return walk.look(lambda uow: consent_to(purpose, walk.member.id, uow=uow))


def every(walk: Walk) -> list[Consent]:
    return walk.look(lambda uow: uow.consents.find(member_id=walk.member.id, order="given_at"))


def send(walk: Walk, case: Case) -> Document:
    ask = SendDocument(case_id=case.id, member_id=walk.member.id, item="id_card", paper=Paper.PASSPORT, source=SOURCE)
    return walk.do(lambda desk: send_document(ask, desk=desk))


def test_a_consent_says_which_words_when_and_in_which_browser(walk: Walk) -> None:
    given = walk.agree()
    assert (given.words, given.kept, given.language) == (1, 30, "ko")
    assert (given.given_at, given.browser, given.withdrawn_at) == (walk.now, walk.browser, None)
    assert held(walk) == given
    [line] = walk.look(lambda uow: uow.audit.find(event="consent:given"))
    assert (line.result, line.detail, line.actor_id) == ("documents", {"words": 1}, walk.member.id)


@pytest.mark.parametrize("changes", [{"words": 2}, {"words": 0}, {"kept": 31}], ids=["newer", "none", "longer"])
def test_nobody_agrees_to_words_they_were_not_shown(walk: Walk, changes: dict[str, Any]) -> None:
    with pytest.raises(OtherWords):
        walk.agree(**changes)
    assert held(walk) is None


def test_how_long_is_what_the_policy_said_then(walk: Walk) -> None:
    first = walk.agree()
    desks(walk.sample).put_in_force("[retention]\ndocument_days = 45\n")
    walk.clock.at += timedelta(minutes=1)
    assert (first.kept, walk.agree().kept) == (30, 45)


@pytest.mark.parametrize("purpose", [Purpose.POST, Purpose.IDENTITY_SERVICE])
def test_what_needs_no_consent_takes_none(walk: Walk, purpose: Purpose) -> None:
    with pytest.raises(Invalid):
        walk.agree(purpose)


def test_two_presses_make_one_consent(walk: Walk) -> None:
    assert walk.agree() == walk.agree()
    assert len(every(walk)) == 1


def test_agreeing_again_later_takes_the_place_of_the_earlier_one_which_stays(walk: Walk) -> None:
    walk.agree()
    walk.clock.at += timedelta(days=1)
    later = walk.agree()
    assert [one.live_for is None for one in every(walk)] == [True, False]
    assert held(walk) == later


def test_no_picture_is_taken_in_before_the_member_agreed(walk: Walk) -> None:
    case = walk.start()
    with pytest.raises(ConsentNeeded):
        send(walk, case)
    walk.agree()
    assert send(walk, case).state is DocumentState.READING


def test_what_was_agreed_to_for_an_earlier_application_does_not_count_for_this_one(walk: Walk) -> None:
    walk.agree()
    walk.clock.at += timedelta(minutes=1)
    case = walk.start()
    with pytest.raises(ConsentNeeded):
        send(walk, case)


def test_withdrawn_it_is_over_and_what_it_was_stays_on_record(walk: Walk) -> None:
    given = walk.agree()
    walk.clock.at += timedelta(hours=1)
    gone = withdraw(walk)
    assert gone is not None
    assert (gone.id, gone.withdrawn_at, held(walk)) == (given.id, walk.now, None)
    assert "consent:withdrawn=documents" in walk.events()
    assert withdraw(walk) is None, "the second press finds nothing"
    with pytest.raises(ConsentNeeded):
        send(walk, walk.start())


def test_with_the_consent_its_pictures_go_at_once_and_a_draft_asks_anew(walk: Walk) -> None:
    walk.agree()
    case = walk.start()
    document = send(walk, case)
    document = walk.do(lambda desk: take_reading(document.id, ReadPaper(pages=[page()], sure=True), desk=desk))
    keep = KeepDocument(document_id=document.id, member_id=walk.member.id, seen=document.version, looked=False, source=SOURCE)
    walk.do(lambda desk: keep_document(keep, desk=desk))
    withdraw(walk)
    assert walk.look(lambda uow: uow.documents.get(document.id)).state is DocumentState.ERASED
    assert [one.picture.reveal() for one in walk.look(lambda uow: uow.document_pages.find(document_id=document.id))] == [b""]
    assert walk.case(case.id).documents is not Documents.SENT
    assert "document:erased=consent_withdrawn" in walk.events()


def test_a_voluntary_consent_is_given_and_taken_back_alone(walk: Walk) -> None:
    walk.agree()
    assert walk.agree(Purpose.RENEWAL).kept == 0
    withdraw(walk, Purpose.RENEWAL)
    assert held(walk, Purpose.RENEWAL) is None
    assert held(walk) is not None


def test_a_consent_is_the_members_own(walk: Walk) -> None:
    walk.agree()
    assert walk.look(lambda uow: consent_to(Purpose.DOCUMENTS, walk.sample.other.id, uow=uow)) is None
