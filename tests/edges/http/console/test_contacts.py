"""Contacts changed at the counter, after the papers; what staff see of a SIM change."""

import re
from typing import Any

from otpward.clerk.in_person import held_by
from otpward.clerk.phones import note_signal
from otpward.core.audit import Actor, ActorKind
from otpward.core.ids import ProofId
from otpward.core.lifecycle.others import ProofState
from otpward.core.model.contact_change import SignalKind
from otpward.core.model.member import Member, Role
from otpward.core.model.proof import Act, Assurance, Method, Proof
from otpward.core.secret import Personal
from tests.edges.http.console.staffed import appoint, sit
from tests.fakes.sample import Sample


def page_of(sample: Sample) -> str:
    return f"/console/members/{sample.member.id}"


def member(sample: Sample) -> Member:
    return sample.house.look(sample.institution.id, lambda uow: uow.members.get(sample.member.id))


def see_papers(sample: Sample) -> None:
    """The sample's administrator has compared the papers, for changing contacts."""
    house, now = sample.house, sample.house.clock.now()
    proof = Proof(
        id=ProofId(house.desk(sample.institution.id).new_id()),
        institution_id=sample.institution.id,
        act=Act.CHANGE_CONTACT,
        method=Method.IN_PERSON,
        level=Assurance.HIGH,
        state=ProofState.PASSED,
        browser=held_by(sample.operator),
        phone_tail=Personal(""),
        member_id=sample.member.id,
        started_at=now,
        passed_at=now,
        expires_at=now.replace(year=2027),
    )
    with house.desk(sample.institution.id).uow as uow:
        uow.proofs.add(proof)
        uow.commit()


def signal(sample: Sample) -> None:
    def act(desk: Any) -> None:
        with desk.uow as uow:
            one, by = uow.members.get(sample.member.id), Actor(kind=ActorKind.SYSTEM)
            note_signal(one, SignalKind.SIM_CHANGED, desk.now, told_by="test", desk=desk, by=by)
            uow.commit()

    sample.house.do(sample.institution.id, act)


def test_without_papers_the_way_leads_to_them(browser: Any, sample: Sample) -> None:
    sit(browser, sample)
    assert browser.get(f"{page_of(sample)}/contacts").url.raw_path.decode() == f"{page_of(sample)}/prove?act=change_contact"


def test_with_papers_seen_both_contacts_change(browser: Any, sample: Sample) -> None:
    sit(browser, sample)
    assert f'href="{page_of(sample)}/contacts"' in browser.get(page_of(sample)).text
    see_papers(sample)
    path = f"{page_of(sample)}/contacts"
    page = browser.get(path)
    assert "55501101" not in page.text
    empty = browser.send(page, path, phone=" ", email="")
    assert "Enter a new number or a new address" in empty.text
    wrong = browser.send(empty, path, phone="02-123-4567", email="hong@new.example")
    assert wrong.text.count("Check the mobile number. Text messages must reach it") == 2
    assert "hong@new.example" in wrong.text
    same = browser.send(wrong, path, phone="010-5550-1101", email="")
    assert same.text.count("This is the number on file. Enter the new one") == 2
    done = browser.send(same, path, phone="010-2345-6789", email="hong@new.example")
    assert "The contacts were changed" in done.text
    assert "It proves nothing until" in done.text
    assert (member(sample).phone.reveal(), member(sample).email.reveal()) == ("+821023456789", "hong@new.example")
    assert browser.get(path).url.path == f"{page_of(sample)}/prove", "papers seen once are good for one change"


def test_only_a_branch_may_and_nobody_their_own(browser: Any, sample: Sample) -> None:
    own = f"/console/members/{sample.operator.member_id}"
    sit(browser, sample)
    assert browser.get(f"{own}/contacts").status_code == 403
    csrf = re.search(r'name="csrf" value="([^"]+)"', browser.get(page_of(sample)).text)
    assert csrf
    assert browser.post(f"{own}/contacts", {"csrf": csrf[1], "phone": "010-2345-6789"}).status_code == 403
    sit(browser, sample, appoint(sample, Role.HELP_DESK))
    assert browser.get(f"{page_of(sample)}/contacts").status_code == 403
    assert "Change contacts" not in browser.get(page_of(sample)).text


def test_staff_see_a_sim_change_and_clear_it_with_papers(browser: Any, sample: Sample) -> None:
    signal(sample)
    sit(browser, sample)
    page = browser.get(page_of(sample))
    assert "A SIM change of this phone was told of at" in page.text
    assert "Trust the phone again" in page.text
    see_papers(sample)
    form = browser.get(f"{page_of(sample)}/phone")
    assert "A SIM change was told of at" in form.text
    done = browser.send(form, f"{page_of(sample)}/phone")
    assert "A SIM change of this phone" not in done.text
    assert member(sample).phone_signal_at is None
