"""A proof made at the counter goes on in the member's own browser, by a code that is typed there."""

import re
from datetime import date
from typing import Any

import httpx
import pytest

from otpward.core.ids import ProofId
from otpward.core.model.proof import Act
from otpward.core.policy.papers import Seen
from otpward.services.prove_identity.give_branch_code import GiveBranchCode, give_branch_code, shown_code
from otpward.services.prove_identity.prove_in_person import ProveInPerson, prove_in_person
from tests.fakes.sample import Sample
from tests.fakes.surroundings import FixedClock

PATH = "/prove/branch"
REFUSED = "The code is not correct or has expired. Try again, or ask at the counter for a new one"


def given(sample: Sample, act: Act = Act.APPLY) -> str:
    """The code that the counter shows, once the papers were seen."""
    house, inside = sample.house, sample.institution.id
    ask = ProveInPerson(
        key=ProofId(house.desk(inside).new_id()),
        institution_id=inside,
        member_id=sample.member.id,
        operator=sample.operator,
        act=act,
        seen=Seen(paper="passport", day=date(2031, 5, 1), photo=True, name=True, birth_date=True),
    )
    proof = house.do(inside, lambda desk: prove_in_person(ask, desk=desk))
    give = GiveBranchCode(proof_id=proof.id, operator=sample.operator)
    proof = house.do(inside, lambda desk: give_branch_code(give, desk=desk))
    return shown_code(proof, now=house.clock.now(), vault=house.vault)


def enter(browser: Any, code: str, *, member: str = "m1001", purpose: str = "apply") -> httpx.Response:
    path = f"{PATH}?for={purpose}"
    page: httpx.Response = browser.send(browser.get(f"{path}&lang=en"), path, member=member, code=code)
    return page


@pytest.mark.parametrize(("act", "then"), [(Act.APPLY, "/apply"), (Act.UNLOCK, "/check/test"), (Act.FOLLOW, "/cases")], ids=str)
@pytest.mark.parametrize("purpose", ["apply", "follow", "nonsense"])
def test_what_it_was_made_for_decides_where_it_leads(browser: Any, sample: Sample, act: Act, then: str, purpose: str) -> None:
    code = given(sample, act)
    path = f"{PATH}?for={purpose}"
    form = re.search(r'action="(/prove/branch\?for=\w+)"', browser.get(path).text)
    assert form
    page = browser.send(browser.get(path), form.group(1), member="m1001", code=f"{code[:4]} {code[4:].lower()}")
    assert page.url.path == then


def test_it_names_what_to_bring_and_where(browser: Any, sample: Sample) -> None:
    page = browser.get(f"{PATH}?for=apply&lang=en").text
    for text in ("Resident registration card", "Passport", "Head Office", "09:00-16:00", "02-000-0001", "10 minutes"):
        assert text in page
    assert "신분증 하나를 가져와 주세요" in browser.get(f"{PATH}?for=apply&lang=ko").text


def test_strangers_and_members_without_a_code_are_told_the_same(browser: Any, sample: Sample) -> None:
    given(sample)

    def bare(page: httpx.Response) -> str:
        return re.sub(r'value="[^"]*"', "", page.text)

    known, unknown, idle = (enter(browser, "22222222", member=one) for one in ("m1001", "nobody", "m1002"))
    assert known.status_code == 422
    assert known.text.count(REFUSED) == 2
    assert bare(known) == bare(unknown) == bare(idle)


def test_what_cannot_be_a_code_costs_no_try(browser: Any, sample: Sample) -> None:
    given(sample)
    page = enter(browser, "1234567", member=" ")
    assert page.text.count("Enter your member number or ID") == 2
    assert page.text.count("Enter the 8 letters and digits that the branch shows you") == 2
    assert sample.house.look(sample.institution.id, lambda uow: uow.audit.find(event="proof:failed")) == []


def test_a_code_that_was_used_or_is_too_old_is_refused_in_the_same_words(
    browser: Any, sample: Sample, clock: FixedClock
) -> None:
    code = given(sample)
    assert enter(browser, code).url.path == "/apply"
    browser._client.cookies.clear()  # another browser
    assert REFUSED in enter(browser, code).text
    late = given(sample, Act.UNLOCK)
    clock.move(minutes=10)
    assert REFUSED in enter(browser, late).text


def test_after_many_guesses_from_one_address_nobody_there_guesses_on(browser: Any, sample: Sample) -> None:
    code = given(sample)
    for _ in range(30):
        enter(browser, "22222222", member="nobody")
    page = enter(browser, code)
    assert page.status_code == 429
    assert "Too many wrong tries" in page.text


def test_a_member_who_sits_here_types_the_code_alone(browser: Any, sample: Sample) -> None:
    enter(browser, given(sample, Act.FOLLOW), purpose="follow")
    page = browser.get(f"{PATH}?for=apply&lang=en")
    assert 'name="member"' not in page.text
    assert browser.send(page, f"{PATH}?for=apply", code=given(sample)).url.path == "/apply"
