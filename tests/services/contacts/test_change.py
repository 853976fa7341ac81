"""A contact changes only for who has proven enough for that, and only to one that has shown itself."""

from dataclasses import replace

import pytest

from otpward.core.errors import Invalid, NotFound, TooOften
from otpward.core.lifecycle.contact_change import ChangeState
from otpward.core.lifecycle.others import ProofState
from otpward.core.model.contact_change import Contact
from otpward.core.model.proof import Act, Assurance, Method
from otpward.core.policy.contacts import phone_is_young
from otpward.core.policy.proofs import ProofNeeded
from otpward.ports.vault import Print
from otpward.services.contacts.confirm_change import ChangeAnswer
from tests.fakes.sample import PHONE
from tests.services.contacts.changing import NEW, NEW_E164, NEW_MAIL, Changing
from tests.services.walk import ELSEWHERE, Walk, other_than

MAIL = "m1001@member.example"


@pytest.fixture
def changing(walk: Walk) -> Changing:
    return Changing(walk)


def test_a_new_phone_shows_itself_and_takes_the_place_of_the_old(changing: Changing) -> None:
    member = changing.change()
    walk = changing.walk
    assert member.phone.reveal() == NEW_E164
    assert member.phone_print == walk.house.vault.fingerprint(Print.PHONE, NEW_E164)
    assert member.phone_changed_at == walk.now
    assert changing.sent("contact_code") == {("sms", NEW_E164)}
    assert changing.sent("contact_phone") == {("sms", PHONE), ("sms", NEW_E164), ("mail", MAIL)}
    (change,) = walk.look(lambda uow: uow.contact_changes.find())
    assert (change.state, change.old.reveal(), change.code.reveal()) == (ChangeState.CHANGED, PHONE, "")
    assert [one for one in walk.events() if one.startswith(("contact", "proof"))] == [
        "proof:spent=done",
        "contact:asked=phone",
        "contact:changed=phone",
    ]


def test_a_new_mail_address_likewise(changing: Changing) -> None:
    member = changing.change(" hong@NEW.example", Contact.EMAIL)
    assert member.email.reveal() == NEW_MAIL
    assert member.email_changed_at == changing.walk.now
    assert member.phone_changed_at is None
    assert changing.sent("contact_code") == {("mail", NEW_MAIL)}
    assert changing.sent("contact_email") == {("sms", PHONE), ("mail", MAIL), ("mail", NEW_MAIL)}


def test_a_lost_phone_is_not_told_and_the_new_one_is_free_of_it(changing: Changing) -> None:
    changing.walk.report(phone_lost=True)
    member = changing.change()
    assert changing.sent("contact_phone") == {("sms", NEW_E164), ("mail", MAIL)}
    assert (member.phone_lost_at, member.phone_signal_at) == (None, None)
    assert phone_is_young(member, changing.walk.now)


def test_every_other_session_ends(changing: Changing) -> None:
    here, _there = changing.sit(), changing.sit()
    changing.prove()
    change = changing.begin()
    changing.confirm(change, changing.code(), session_id=here)
    assert changing.running() == [here]


# Attacks: each is refused, and the contact stays.


@pytest.mark.parametrize(
    ("method", "act", "level"),
    [
        pytest.param(
            Method.PHONE_CODE, Act.CHANGE_CONTACT, Assurance.LOW, id="the phone code alone, to change what it rests on"
        ),
        pytest.param(Method.SIGN_ON, Act.CHANGE_CONTACT, Assurance.LOW, id="a sign-on, which is a password"),
        pytest.param(Method.CERTIFICATE, Act.APPLY, Assurance.SUBSTANTIAL, id="a proof of another act"),
        pytest.param(Method.CERTIFICATE, Act.FOLLOW, Assurance.SUBSTANTIAL, id="a proof for looking"),
    ],
)
def test_not_enough_was_proven(changing: Changing, method: Method, act: Act, level: Assurance) -> None:
    changing.prove(method, act, level=level)
    with pytest.raises(ProofNeeded):
        changing.begin()
    assert changing.sent("contact_code") == set()


def test_who_reads_the_mail_alone_changes_nothing(changing: Changing) -> None:
    with pytest.raises(ProofNeeded):
        changing.begin(NEW_MAIL, Contact.EMAIL)
    with pytest.raises(ProofNeeded):
        changing.begin()


@pytest.mark.parametrize("browser", [ELSEWHERE, b""], ids=["another browser", "no browser"])
def test_the_proof_of_another_browser(changing: Changing, browser: bytes) -> None:
    changing.prove(browser=browser)
    with pytest.raises(ProofNeeded):
        changing.begin()


def test_the_proof_of_another_member(changing: Changing) -> None:
    changing.prove(member_id=changing.walk.sample.other.id)
    with pytest.raises(ProofNeeded):
        changing.begin()


def test_one_proof_changes_one_contact(changing: Changing) -> None:
    changing.change()
    with pytest.raises(ProofNeeded):
        changing.begin(NEW_MAIL, Contact.EMAIL)


def test_a_change_of_another_browser_or_member_takes_no_code(changing: Changing) -> None:
    changing.prove()
    change, code = changing.begin(), changing.code()
    with pytest.raises(NotFound):
        changing.confirm(change, code, browser=ELSEWHERE)
    with pytest.raises(NotFound):
        changing.confirm(change, code, member_id=changing.walk.sample.other.id)
    assert changing.member.phone.reveal() == PHONE


def test_a_code_that_was_sent_to_the_old_phone_is_worth_nothing_after_the_change(changing: Changing) -> None:
    walk = changing.walk
    proof = walk.begin(Act.APPLY)
    code = walk.send(proof)
    changing.change()
    assert walk.check(proof, code) != "passed"
    after = walk.look(lambda uow: uow.proofs.get(proof.id))
    assert after.state is ProofState.CANCELLED


def test_a_proof_that_the_old_phone_gave_is_void_after_the_change(changing: Changing) -> None:
    old = changing.prove(Method.AGENCY, Act.APPLY)
    kept = changing.prove(Method.CERTIFICATE, Act.APPLY)
    changing.change()
    assert [changing.state_of(old), changing.state_of(kept)] == [ProofState.EXPIRED, ProofState.PASSED]


def test_of_two_changes_at_once_the_second_to_begin_stands(changing: Changing) -> None:
    changing.prove()
    changing.prove(browser=ELSEWHERE)
    first = changing.begin("010-9999-0001")
    first_code = changing.code()
    second = changing.begin(browser=ELSEWHERE)
    second_code = changing.code()
    assert changing.confirm(first, first_code) is ChangeAnswer.OVER
    assert changing.confirm(second, second_code, browser=ELSEWHERE) is ChangeAnswer.CHANGED
    assert changing.member.phone.reveal() == NEW_E164


def test_the_number_of_another_member_is_taken_like_any_other_and_nobody_is_told(changing: Changing) -> None:
    changing.prove()
    changing.begin("010-5550-1102")
    assert changing.sent("contact_code") == {("sms", "+821055501102")}, "who has that phone has the code, and nobody else"


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param("02-123-4567", id="a landline"),
        pytest.param("070-1234-5678", id="a number of the internet"),
        pytest.param("0505-123-4567", id="a personal number"),
        pytest.param("1588-0000", id="a hotline"),
        pytest.param("060-600-1234", id="a number that costs"),
        pytest.param("010-2345-678", id="a digit missing"),
        pytest.param("1" * 10_240, id="10 kB"),
        pytest.param("", id="nothing"),
    ],
)
def test_no_text_reaches_this(changing: Changing, typed: str) -> None:
    changing.prove()
    with pytest.raises(Invalid) as refused:
        changing.begin(typed)
    assert refused.value.field == "phone"


@pytest.mark.parametrize("typed", ["+84 91 234 56 78", "+1 202-555-0123"])
def test_a_mobile_abroad_is_taken(changing: Changing, typed: str) -> None:
    changing.prove()
    changing.begin(typed)
    ((channel, to),) = changing.sent("contact_code")
    assert (channel, to[0]) == ("sms", "+")


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "hong",
        "hong@",
        "@new.example",
        "hong@localhost",
        "hong@new..example",
        "hong@-new.example",
        "a b@new.example",
        "hong@new.example\r\nBcc: all@new.example",
        "hong@new.example,other@new.example",
        '"hong"@new.example',
        "홍@new.example",
        "h" * 65 + "@new.example",
        "hong@" + "n" * 10_240 + ".example",
    ],
    ids=range(14),
)
def test_this_is_no_mail_address(changing: Changing, typed: str) -> None:
    changing.prove()
    with pytest.raises(Invalid) as refused:
        changing.begin(typed, Contact.EMAIL)
    assert refused.value.field == "email"


@pytest.mark.parametrize(("contact", "typed"), [(Contact.PHONE, "010-5550-1101"), (Contact.EMAIL, MAIL)])
def test_to_the_same_contact_nothing_changes_and_no_proof_is_spent(changing: Changing, contact: Contact, typed: str) -> None:
    proof = changing.prove()
    with pytest.raises(Invalid):
        changing.begin(typed, contact)
    assert changing.walk.look(lambda uow: uow.proofs.get(proof.id)).state is ProofState.PASSED


def test_five_wrong_codes_end_it(changing: Changing) -> None:
    changing.prove()
    change, code = changing.begin(), changing.code()
    answers = [changing.confirm(change, other_than(code)) for _ in range(5)]
    assert answers == [ChangeAnswer.WRONG] * 4 + [ChangeAnswer.OVER]
    assert changing.confirm(change, code) is ChangeAnswer.OVER
    assert changing.member.phone.reveal() == PHONE


def test_a_new_number_gives_no_new_tries(changing: Changing) -> None:
    changing.prove()
    change, code = changing.begin(), changing.code()
    for _ in range(4):
        changing.confirm(change, other_than(code))
    again = changing.begin("010-9999-0001")
    assert (again.id, again.tries) == (change.id, 4)
    assert changing.confirm(again, other_than(changing.code())) is ChangeAnswer.OVER


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "1" * 10_240, "éééééé"])
def test_what_is_no_code_is_a_wrong_one(changing: Changing, typed: str) -> None:
    changing.prove()
    assert changing.confirm(changing.begin(), typed) is ChangeAnswer.WRONG


def test_a_code_is_worth_nothing_after_ten_minutes(changing: Changing) -> None:
    changing.prove()
    change, code = changing.begin(), changing.code()
    changing.walk.clock.move(minutes=10)
    assert changing.confirm(change, code) is ChangeAnswer.OVER


def test_the_code_of_a_number_that_was_mistyped_does_not_fit_the_next(changing: Changing) -> None:
    changing.prove()
    changing.begin("010-9999-0001")
    first = changing.code()
    change = changing.begin()
    second = changing.code()
    assert first == second or changing.confirm(change, first) is ChangeAnswer.WRONG
    assert changing.confirm(change, second) is ChangeAnswer.CHANGED


def test_asking_again_sends_the_same_code_after_thirty_seconds_and_four_times_in_all(changing: Changing) -> None:
    changing.prove()
    change = changing.begin()
    code = changing.code()
    with pytest.raises(TooOften):
        changing.begin()
    for _ in range(3):
        changing.walk.clock.move(seconds=30)
        again = changing.begin()
        assert (again.id, again.expires_at, changing.code()) == (change.id, change.expires_at, code)
    changing.walk.clock.move(seconds=30)
    with pytest.raises(TooOften):
        changing.begin()
    assert changing.confirm(change, code) is ChangeAnswer.CHANGED


def test_a_stranger_s_phone_is_not_flooded(changing: Changing) -> None:
    for _ in range(2):
        changing.prove()
        for _ in range(4):
            changing.begin()
            changing.walk.clock.move(seconds=31)
        changing.walk.clock.move(minutes=10)
    changing.prove()
    with pytest.raises(TooOften):
        changing.begin()


@pytest.mark.parametrize("phone_lost", [True, False], ids=["phone lost too", "device lost"])
def test_a_loss_report_ends_a_change_that_runs(changing: Changing, phone_lost: bool) -> None:
    changing.prove()
    change, code = changing.begin(), changing.code()
    changing.walk.report(phone_lost=phone_lost)
    assert changing.confirm(change, code) is ChangeAnswer.OVER
    assert changing.member.phone.reveal() == PHONE


def test_the_new_phone_proves_nothing_for_a_day(changing: Changing) -> None:
    member, now = changing.change(), changing.walk.now
    assert phone_is_young(member, now)
    later = changing.walk.clock.move(hours=23, minutes=59)
    assert phone_is_young(member, later)
    assert not phone_is_young(member, changing.walk.clock.move(minutes=1))


def test_just_after_the_change_the_new_phone_gets_no_code(changing: Changing) -> None:
    changing.change()
    walk = changing.walk
    walk.member = changing.member
    walk.phone = NEW
    proof = walk.begin(Act.APPLY)
    assert walk.send(proof) == ""
    walk.clock.move(hours=24)
    assert walk.send(walk.begin(Act.APPLY)) != ""


def test_a_changed_row_in_between_is_seen(changing: Changing) -> None:
    """Saved by compare-and-set: the phone is reported lost between looking and writing, and the change is done again."""
    changing.prove()
    change, code = changing.begin(), changing.code()
    changing.walk.edit(lambda uow: uow.members.save(replace(uow.members.get(changing.walk.member.id), language="en")))
    assert changing.confirm(change, code) is ChangeAnswer.CHANGED
    assert changing.member.language == "en"
