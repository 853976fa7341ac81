"""Papers as staff see them, and the one that they want again."""

import re
from dataclasses import replace
from typing import Any

from otpward.core.lifecycle.case import CaseState
from otpward.core.model.case import Documents
from otpward.edges.http.uploads import Uploads
from otpward.services.apply.ask_for_more import ask_for_more
from otpward.services.apply.review import Decision
from otpward.services.apply.take_up import take_up
from tests.edges.http.console.staffed import sit
from tests.edges.http.portal.papers.sending import UPLOAD, kept, newest, read
from tests.edges.http.portal.seated import Story


def ask_again(story: Story) -> None:
    """Staff want the paper once more."""
    sample, inside = story.sample, story.member.institution_id
    decision = Decision(case_id=story.case.id, operator=sample.operator)
    sample.house.do(inside, lambda desk: take_up(decision, desk=desk))
    more = replace(decision, message="The photo is dark.", item="id_card")
    sample.house.do(inside, lambda desk: ask_for_more(more, desk=desk))


def test_a_paper_that_staff_want_again_is_sent_from_the_answer(browser: Any, story: Story, uploads: Uploads) -> None:
    story.prove()
    browser.send(browser.get("/apply/review"), "/apply/review")
    ask_again(story)
    here = f"/cases/{story.case.number}/answer"
    asked = browser.get(f"{here}?lang=en")
    assert "Send a picture: an ID card" in asked.text
    assert "Answer by" in asked.text
    assert browser.send(asked, here).status_code == 422
    shown = read(browser, story, uploads)
    back = browser.send(shown, f"{UPLOAD}/{newest(story).id}/keep")
    assert back.url.path == here
    assert "words are not needed" in back.text
    browser.send(back, here)
    assert story.case.state is CaseState.CHECKING
    assert story.case.documents is Documents.SENT


def test_staff_see_who_applies_and_how_each_paper_is_shown(browser: Any, story: Story, uploads: Uploads) -> None:
    kept(browser, story, uploads)
    story.prove()
    browser.send(browser.get("/apply/review"), "/apply/review")
    sit(browser, story.sample)
    case = browser.get(f"/console/cases/{story.case.number}?lang=en").text
    assert "An adult" in case
    assert "an ID card: A picture was sent" in case
    assert "an ID card (Passport)" in case


def test_staff_name_the_paper_that_they_want_again(browser: Any, story: Story) -> None:
    story.prove()
    browser.send(browser.get("/apply/review"), "/apply/review")
    sit(browser, story.sample)
    here = f"/console/cases/{story.case.number}"
    page = browser.get(f"{here}?lang=en")
    page = browser.post(here, {**hidden(page.text), "act": "take_up"})
    wrong = {**hidden(page.text), "act": "decide", "decision": "ask", "message": "Dark.", "item": "corporate_seal"}
    assert "Choose one of the papers" in browser.post(here, wrong).text
    browser.post(here, {**wrong, "item": "id_card"})
    assert (story.case.state, story.case.asked_item) == (CaseState.MORE_NEEDED, "id_card")


def hidden(text: str) -> dict[str, str]:
    """The fields that every form of a case's page carries."""
    return dict(re.findall(r'name="(csrf|seen|steps|shown)" value="([^"]*)"', text))
