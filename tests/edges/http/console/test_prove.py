"""Papers are compared on one page: the member is scanned, each thing is looked at, and the next page says what for."""

import re
from typing import Any

import pytest

from otpward.core.lifecycle.others import ProofState
from otpward.core.lifecycle.token import Hold
from otpward.core.model.loss import LossKind
from otpward.core.model.member import Role
from otpward.core.model.proof import FROM_AFAR, Act, Method, Proof
from otpward.services.report_loss.report_loss import ReportLoss, report_loss
from tests.edges.http.console.staffed import appoint, sit, story
from tests.fakes.sample import PHONE, Sample
from tests.fakes.surroundings import FixedClock

FIND = "/console/counter/prove"
SEEN = {"paper": "passport", "day": "2031-05-01", "photo": "yes", "name": "yes", "birth_date": "yes"}
TICKS = {
    "photo": "Compare the photo with the person before you, and tick the box",
    "name": "Compare the name, and tick the box",
    "birth_date": "Compare the birth date, and tick the box",
}


def page_of(sample: Sample) -> str:
    return f"/console/members/{sample.member.id}/prove"


def record(browser: Any, sample: Sample, act: str = "apply", **changes: str) -> Any:
    page = browser.get(page_of(sample))
    return browser.send(page, page_of(sample), **{"act": act, **SEEN, **changes})


def proofs(sample: Sample) -> list[Proof]:
    return sample.house.look(sample.institution.id, lambda uow: uow.proofs.find(method=Method.IN_PERSON))


def code_on(page: Any) -> str:
    found = re.search(r'data-copy-text="([A-Z0-9]{8})"', page.text)
    assert found
    return found.group(1)


@pytest.mark.parametrize("typed", ["m1001", " M1001 "])
def test_a_scanned_member_number_leads_to_the_papers(browser: Any, sample: Sample, typed: str) -> None:
    sit(browser, sample)
    assert 'name="q"' in browser.get(FIND).text
    page = browser.get(FIND, params={"q": typed, "act": "unlock"})
    assert page.url.path == page_of(sample)
    assert 'value="unlock" checked' in page.text
    assert "The name on it is 홍길동" in page.text, "it is shown whole: it is compared with the paper"


def test_a_scanned_pass_leads_to_whose_it_is(browser: Any, sample: Sample) -> None:
    case = story(sample).ready_to_collect("SN-02")
    pick_up = sample.house.look(sample.institution.id, lambda uow: uow.pick_ups.first(case_id=case.id))
    assert pick_up is not None
    sit(browser, sample)
    assert browser.get(FIND, params={"q": pick_up.code.reveal().lower()}).url.path == page_of(sample)


def test_what_finds_nobody_says_so_and_the_field_waits_for_the_next(browser: Any, sample: Sample) -> None:
    sit(browser, sample)
    page = browser.get(FIND, params={"q": "<b>nobody"})
    assert "&lt;b&gt;nobody: no member has this number, and nothing waits here under this code" in page.text
    assert re.search(r'name="q"[^>]* value=""[^>]* autofocus', page.text)


def test_each_thing_that_was_not_looked_at_is_said_at_its_own_field(browser: Any, sample: Sample) -> None:
    sit(browser, sample)
    page = browser.send(browser.get(page_of(sample)), page_of(sample))
    assert page.status_code == 422
    for sentence in ("Choose what it is for", "Choose the paper you have seen", *TICKS.values()):
        assert page.text.count(sentence) == 2, sentence
    again = record(browser, sample, photo="")
    assert again.text.count(TICKS["photo"]) == 2
    assert TICKS["name"] not in again.text
    assert 'value="2031-05-01"' in again.text, "what was typed stays"
    assert proofs(sample) == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"day": ""}, "Enter the day on the paper in 8 digits"),
        ({"day": "20261301"}, "Enter the day on the paper in 8 digits"),
        ({"day": "20261122"}, "This paper has expired. Ask for another one"),
        ({"day": "20401231"}, "No such paper is good for more than 10 years"),
        ({"paper": "resident_card"}, "This day is still to come. Look at the day of issue again"),
        ({"note": "no. M12345678"}, "Leave numbers of papers and people out of the note"),
        ({"note": "n" * 201}, "Write 200 letters at most"),
    ],
)
def test_a_paper_that_is_not_good_is_refused_in_its_own_words(
    browser: Any, sample: Sample, changes: dict[str, str], sentence: str
) -> None:
    sit(browser, sample)
    page = record(browser, sample, **changes)
    assert page.status_code == 422
    assert page.text.count(sentence) == 2
    assert proofs(sample) == []


def test_the_next_page_says_what_for_and_leads_on(browser: Any, sample: Sample) -> None:
    sit(browser, sample)
    done = record(browser, sample, note="came with her son")
    for text in ("Identity proven", "Apply for a new OTP", "Passport", "came with her son", "Take the application"):
        assert text in done.text
    assert "2031" not in done.text, "the day is not kept"
    taken = browser.get(f"/console/members/{sample.member.id}/apply")
    assert "You have seen the papers." in taken.text


def test_for_a_stop_it_leads_to_the_device_and_gives_no_code(browser: Any, sample: Sample) -> None:
    ask = ReportLoss(
        institution_id=sample.institution.id,
        login="m1001",
        phone=PHONE,
        kind=LossKind.LOST,
        phone_lost=False,
        browser=b"b" * 32,
        once="once",
        source="127.0.0.9",
    )
    sample.house.do(sample.institution.id, lambda desk: report_loss(ask, desk=desk))
    sit(browser, sample)
    done = record(browser, sample, act="lift_loss")
    assert "/console/tokens/SN-00" in done.text
    assert "Show a code" not in done.text
    lift = browser.get("/console/tokens/SN-00")
    assert "You have seen the papers." in lift.text
    assert "The stop is lifted." in browser.send(lift, "/console/tokens/SN-00", act="lift", hold="lost").text
    token = sample.house.look(sample.institution.id, lambda uow: uow.tokens.first(serial="SN-00"))
    assert token is not None
    assert Hold.LOST not in token.holds
    assert [one.state for one in proofs(sample)] == [ProofState.SPENT]


def test_a_double_press_records_once(browser: Any, sample: Sample) -> None:
    sit(browser, sample)
    page = browser.get(page_of(sample))
    first = browser.send(page, page_of(sample), act="apply", **SEEN)
    second = browser.send(page, page_of(sample), act="apply", **SEEN)
    assert first.url == second.url
    assert len(proofs(sample)) == 1
    forged = browser.send(page, page_of(sample), act="unlock", **SEEN)
    assert forged.status_code == 409


def test_the_code_is_shown_again_to_who_gave_it_and_to_nobody_else(browser: Any, sample: Sample, clock: FixedClock) -> None:
    sit(browser, sample)
    done = record(browser, sample)
    shown = browser.send(done, done.url.path)
    code = code_on(shown)
    assert "/prove/branch" in shown.text
    assert code_on(browser.get(done.url.path)) == code
    sit(browser, sample, appoint(sample, Role.BRANCH, sample.branch.id))
    assert browser.get(done.url.path).status_code == 404
    sit(browser, sample)
    clock.move(minutes=10)
    assert "This proof is too old" in browser.get(done.url.path).text


@pytest.mark.parametrize("role", [Role.HELP_DESK, Role.STOCK, Role.AUDITOR])
def test_other_roles_see_none_of_it(browser: Any, sample: Sample, role: Role) -> None:
    sit(browser, sample, appoint(sample, role))
    for path in (FIND, page_of(sample), f"{FIND}/{sample.member.id}"):
        assert browser.get(path).status_code == 403


def test_ones_own_person_and_a_member_who_is_none_are_refused(browser: Any, sample: Sample) -> None:
    sit(browser, sample)
    assert browser.get(f"/console/members/{sample.operator.member_id}/prove").status_code == 403
    assert browser.get(f"/console/members/{sample.institution.id}/prove").status_code == 404
    assert browser.get(f"{FIND}/{sample.institution.id}").status_code == 404


def test_enter_in_a_field_presses_nothing(browser: Any, sample: Sample) -> None:
    sit(browser, sample)
    form = browser.get(page_of(sample)).text.partition(f'action="{page_of(sample)}"')[2].partition("</form>")[0]
    assert '<button type="submit" disabled hidden></button>' in form.partition('type="radio"')[0]


@pytest.mark.parametrize("act", FROM_AFAR)
def test_every_act_has_its_page_in_both_languages(browser: Any, sample: Sample, act: Act) -> None:
    sit(browser, sample)
    done = record(browser, sample, act=act.value)
    assert "Identity proven" in done.text
    assert "본인임을 확인했습니다" in browser.get(done.url.path, params={"lang": "ko"}).text
