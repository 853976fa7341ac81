"""At the counter contacts are changed for a member who is there with papers, and never one's own."""

from dataclasses import replace

import pytest

from otpward.clerk.in_person import OwnPerson
from otpward.core.errors import Denied, Invalid
from otpward.core.lifecycle.others import ProofState
from otpward.core.model.member import Member, Role
from otpward.core.policy.contacts import phone_is_young
from otpward.core.policy.proofs import ProofNeeded
from otpward.services.contacts.change_in_person import ChangeInPerson, change_in_person
from otpward.services.contacts.set_language import set_language
from tests.fakes.sample import BY, PHONE
from tests.services.contacts.changing import NEW, NEW_E164, NEW_MAIL, Changing
from tests.services.walk import Walk

MAIL = "m1001@member.example"


@pytest.fixture
def changing(walk: Walk) -> Changing:
    return Changing(walk)


@pytest.fixture
def ask(walk: Walk) -> ChangeInPerson:
    return ChangeInPerson(member_id=walk.member.id, operator=replace(walk.operator, role=Role.BRANCH), phone=NEW)


def take(walk: Walk, ask: ChangeInPerson) -> Member:
    return walk.do(lambda desk: change_in_person(ask, desk=desk))


def test_both_change_and_all_four_are_told(changing: Changing, ask: ChangeInPerson) -> None:
    walk = changing.walk
    changing.seen_at_counter(ask.operator)
    member = take(walk, replace(ask, email=NEW_MAIL))
    assert (member.phone.reveal(), member.email.reveal()) == (NEW_E164, NEW_MAIL)
    assert changing.sent("contact_phone") == {("sms", PHONE), ("sms", NEW_E164), ("mail", MAIL)}
    assert changing.sent("contact_email") == {("sms", NEW_E164), ("mail", MAIL), ("mail", NEW_MAIL)}
    assert walk.events()[-2:] == ["contact:changed=in_person"] * 2
    assert phone_is_young(member, walk.now), "whoever changed it: a day to be told"


def test_sessions_end(changing: Changing, ask: ChangeInPerson) -> None:
    changing.sit()
    changing.seen_at_counter(ask.operator)
    take(changing.walk, ask)
    assert changing.running() == []


@pytest.mark.parametrize("role", [Role.HELP_DESK, Role.STOCK, Role.AUDITOR])
def test_only_a_branch_may(changing: Changing, ask: ChangeInPerson, role: Role) -> None:
    operator = replace(ask.operator, role=role)
    changing.seen_at_counter(operator)
    with pytest.raises(Denied):
        take(changing.walk, replace(ask, operator=operator))


def test_nobody_changes_their_own(changing: Changing, ask: ChangeInPerson) -> None:
    changing.seen_at_counter(ask.operator, ask.operator.member_id)
    with pytest.raises(OwnPerson):
        take(changing.walk, replace(ask, member_id=ask.operator.member_id))


def test_without_papers_nothing_changes_nor_with_those_that_a_colleague_saw(changing: Changing, ask: ChangeInPerson) -> None:
    with pytest.raises(ProofNeeded):
        take(changing.walk, ask)
    changing.seen_at_counter(replace(ask.operator, member_id=changing.walk.sample.other.id))
    with pytest.raises(ProofNeeded):
        take(changing.walk, ask)


def test_papers_seen_once_are_good_for_one_change(changing: Changing, ask: ChangeInPerson) -> None:
    changing.seen_at_counter(ask.operator)
    take(changing.walk, ask)
    with pytest.raises(ProofNeeded):
        take(changing.walk, replace(ask, phone="", email=NEW_MAIL))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        pytest.param({"phone": ""}, "phone", id="nothing to change"),
        pytest.param({"phone": "02-123-4567"}, "phone", id="a landline"),
        pytest.param({"phone": PHONE}, "phone", id="the same number"),
        pytest.param({"email": "hong@"}, "email", id="no mail address"),
        pytest.param({"phone": "1" * 10_240}, "phone", id="10 kB"),
    ],
)
def test_what_cannot_be_is_named_and_the_proof_kept(
    changing: Changing, ask: ChangeInPerson, changes: dict[str, str], field: str
) -> None:
    proof = changing.seen_at_counter(ask.operator)
    with pytest.raises(Invalid) as refused:
        take(changing.walk, replace(ask, **changes))  # type: ignore[arg-type]
    assert refused.value.field == field
    assert changing.member.phone.reveal() == PHONE
    assert changing.walk.look(lambda uow: uow.proofs.get(proof.id)).state is ProofState.PASSED


def test_the_language_is_set_and_no_other_than_ours(walk: Walk) -> None:
    assert walk.do(lambda desk: set_language(walk.member.id, "en", desk=desk, by=BY)).language == "en"
    assert walk.events()[-1] == "language:changed=en"
    with pytest.raises(Invalid):
        walk.do(lambda desk: set_language(walk.member.id, "xx", desk=desk, by=BY))
