"""Passkeys: bound with another factor, good in one browser once, refused when anything about them is wrong."""

from dataclasses import replace
from uuid import UUID

import pytest

from otpward.core.errors import Invalid, NotFound
from otpward.core.lifecycle.token import Hold
from otpward.core.model.member import Area, Level
from otpward.core.model.proof import Act, Assurance, Method
from otpward.core.policy.backup import PASSKEYS_MOST, ConfirmFirst, LastMethod
from otpward.core.policy.verification import Verdict
from otpward.services.backup.add_passkey import AddAnswer, asked_to_add
from otpward.services.backup.confirm_by_code import ConfirmByCode, confirm_by_code
from otpward.services.backup.confirm_by_passkey import ConfirmByPasskey, asked_to_confirm, confirm_by_passkey
from otpward.services.backup.remove_passkey import RemovePasskey, remove_passkey
from otpward.services.backup.rename_passkey import RenamePasskey, rename_passkey
from otpward.services.sign_in.enter_by_passkey import asked_to_enter
from otpward.services.sign_in.enter_code import NotHalfWay
from tests.fakes.authenticator import Authenticator
from tests.services.backup.falling_back import ELSEWHERE, HANDLE, SITE, Person, person
from tests.services.sign_in.sitting import level, password, session
from tests.services.walk import SOURCE, Walk, shown


@pytest.fixture
def me(walk: Walk) -> Person:
    return person(walk)


def remove(me: Person, key: UUID) -> None:
    ask = RemovePasskey(session_id=me.session_id, passkey_id=key, source=SOURCE)
    me.walk.do(lambda desk: remove_passkey(ask, desk=desk))


def test_a_passkey_is_added_tried_and_used(walk: Walk, me: Person) -> None:
    key = Authenticator(eligible=True, backed_up=True, transports=("internal", "hybrid", "carrier-pigeon"))
    answer, passkey = me.add(key)
    assert passkey is not None
    assert (answer, passkey.name.reveal(), passkey.used_at) == (AddAnswer.ADDED, "내 휴대폰", None)
    assert (passkey.eligible, passkey.backed_up, passkey.transports) == (True, True, frozenset({"internal", "hybrid"}))
    assert walk.told("passkey") == {("m1001", "passkey_added", "sms"), ("m1001", "passkey_added", "mail")}
    assert me.tries(key, passkey)
    secret, _ = me.enter(key)
    assert level(walk, secret) is Level.FULL
    assert session(walk, secret).confirmed_by == passkey.id
    assert walk.events()[-2:] == ["passkey:used=accepted".replace("accepted", "done"), "sign_in:passed=passkey"]


def test_adding_needs_a_factor_shown_just_now(walk: Walk, me: Person) -> None:
    walk.clock.move(minutes=5)
    with pytest.raises(ConfirmFirst):
        me.add(Authenticator())
    code = ConfirmByCode(session_id=me.session_id, code=shown("SN-00", walk.now), source=SOURCE)
    assert walk.do(lambda desk: confirm_by_code(code, desk=desk)) is Verdict.ACCEPTED
    assert me.session.confirmed_by == walk.token("SN-00").id
    assert me.add(Authenticator())[0] is AddAnswer.ADDED
    assert walk.do(lambda desk: confirm_by_code(code, desk=desk)) is Verdict.REPLAYED, "the number is spent"


def test_a_passkey_confirms_too(walk: Walk, me: Person) -> None:
    key = Authenticator()
    passkey = me.added(key)
    walk.clock.move(minutes=20)
    asked = asked_to_confirm(me.session_id, walk.browser)
    for answer, good in ((Authenticator().use(me.challenge(asked)), False), (key.use(me.challenge(asked)), True)):
        ask = ConfirmByPasskey(session_id=me.session_id, answer=answer, browser=walk.browser, source=SOURCE)
        assert walk.do(lambda desk, ask=ask: confirm_by_passkey(ask, site=SITE, desk=desk)) is good  # type: ignore[misc]
    assert (me.session.confirmed_at, me.session.confirmed_by) == (walk.now, passkey.id)


def test_a_session_of_less_than_full_changes_nothing(walk: Walk) -> None:
    me = person(walk, Level.PROVEN)
    with pytest.raises(ConfirmFirst):
        me.add(Authenticator())
    code = ConfirmByCode(session_id=me.session_id, code=shown("SN-00", walk.now), source=SOURCE)
    with pytest.raises(ConfirmFirst):
        walk.do(lambda desk: confirm_by_code(code, desk=desk))


BENT = [
    pytest.param({"origin": "https://evil.example"}, "other_origin", id="of a page of another site"),
    pytest.param({"site_id": "evil.example"}, "other_site", id="of another site"),
    pytest.param({"verified": False}, "not_verified", id="without finger or PIN"),
    pytest.param({"cross_origin": True}, "framed", id="in a foreign frame"),
    pytest.param({"eligible": True}, "changed", id="that may be copied all of a sudden"),
    pytest.param({"user_handle": b"somebody else"}, "other_member", id="under another user handle"),
]


@pytest.mark.parametrize(("bend", "why"), BENT)
def test_no_entry_for_a_passkey(me: Person, bend: dict[str, object], why: str) -> None:
    key = Authenticator()
    passkey = me.added(key)
    for name, value in bend.items():
        setattr(key, name, value)
    assert me.enter(key) == ("", why)
    assert me.walk.events()[-1] == f"passkey:refused={why}"
    after = me.walk.look(lambda uow: uow.passkeys.get(passkey.id))
    assert (after.sign_count, after.used_at) == (passkey.sign_count, passkey.used_at)


def test_a_bent_registration_adds_nothing(me: Person) -> None:
    for key in (Authenticator(verified=False), Authenticator(origin="https://evil.example")):
        assert me.add(key) == (AddAnswer.REFUSED, None)
    assert me.add(Authenticator(), answer="{}") == (AddAnswer.REFUSED, None)
    assert me.walk.look(lambda uow: uow.passkeys.count()) == 0


def test_an_answer_is_taken_once(me: Person) -> None:
    key = Authenticator(counts=False)
    me.added(key)
    answer = key.use(me.challenge(asked_to_enter(Area.PORTAL, me.walk.browser)))
    assert me.enter(key, answer=answer)[1] == "accepted"
    assert me.enter(key, answer=answer) == ("", "stale")


def test_an_answer_is_good_for_five_minutes(me: Person) -> None:
    key = Authenticator()
    me.added(key)
    answers = [key.use(me.challenge(asked_to_enter(Area.PORTAL, me.walk.browser))) for _ in range(2)]
    me.walk.clock.move(seconds=299)
    assert me.enter(key, answer=answers[0])[1] == "accepted"
    me.walk.clock.move(seconds=1)
    assert me.enter(key, answer=answers[1]) == ("", "stale")


def test_an_answer_is_good_in_its_own_browser_and_for_its_own_purpose(me: Person) -> None:
    key = Authenticator()
    passkey = me.added(key)
    answer = key.use(me.challenge(asked_to_enter(Area.PORTAL, me.walk.browser)))
    assert me.enter(key, answer=answer, browser=ELSEWHERE) == ("", "stale")
    assert me.enter(key, answer=key.use(me.challenge(asked_to_confirm(me.session_id, me.walk.browser)))) == ("", "stale")
    assert me.enter(key, answer=key.use(me.challenge(asked_to_enter(Area.CONSOLE, me.walk.browser)))) == ("", "stale")
    assert me.enter(key, answer=key.use(bytes(56))) == ("", "stale")
    another = person(me.walk)
    stolen = key.use(me.challenge(asked_to_confirm(another.session_id, me.walk.browser)))
    ask = ConfirmByPasskey(session_id=me.session_id, answer=stolen, browser=me.walk.browser, source=SOURCE)
    assert not me.walk.do(lambda desk: confirm_by_passkey(ask, site=SITE, desk=desk))
    assert me.tries(key, passkey)


def test_a_registration_is_of_its_own_session_and_user(me: Person) -> None:
    key, another = Authenticator(), person(me.walk)
    made = key.make(me.challenge(asked_to_add(another.session_id, HANDLE, me.walk.browser)))
    assert me.add(key, answer=made) == (AddAnswer.STALE, None)
    made = key.make(me.challenge(asked_to_add(me.session_id, b"another handle", me.walk.browser)))
    assert me.add(key, answer=made) == (AddAnswer.STALE, None)


def test_the_same_passkey_is_added_once(me: Person) -> None:
    key = Authenticator()
    me.added(key)
    assert me.add(key) == (AddAnswer.KNOWN, None)


def test_there_is_a_limit_to_how_many(me: Person) -> None:
    for _ in range(PASSKEYS_MOST):
        assert me.add(Authenticator())[0] is AddAnswer.ADDED
    assert me.add(Authenticator()) == (AddAnswer.TOO_MANY, None)


def test_a_copy_is_refused_and_so_is_the_original(walk: Walk, me: Person) -> None:
    key = Authenticator()
    passkey = me.added(key)
    key.sign_count = 1
    assert me.enter(key) == ("", "copied")
    assert ("m1001", "passkey_copied", "sms") in walk.told("passkey")
    assert "passkey:refused=copied" in walk.events()
    key.sign_count = 99
    assert me.enter(key) == ("", "copied"), "nobody can tell which is which"
    assert walk.look(lambda uow: uow.passkeys.get(passkey.id)).cloned_at == walk.now


def test_a_counter_that_stays_at_zero_says_nothing(me: Person) -> None:
    key = Authenticator(counts=False)
    me.added(key)
    assert [me.enter(key)[1] for _ in range(3)] == ["accepted"] * 3


def test_a_removed_passkey_opens_nothing(walk: Walk, me: Person) -> None:
    key = Authenticator()
    passkey = me.added(key)
    remove(me, passkey.id)
    assert me.enter(key) == ("", "removed")
    assert me.prove(key) is None
    assert not me.tries(key, passkey)
    assert ("m1001", "passkey_removed", "mail") in walk.told("passkey")
    assert walk.look(lambda uow: uow.passkeys.get(passkey.id)).removed_at == walk.now, "the record stays"
    with pytest.raises(NotFound):
        remove(me, passkey.id)


def test_the_factor_before_a_removal_is_another_one(me: Person) -> None:
    passkey = me.added(Authenticator())
    me.confirm_again(passkey.id)
    with pytest.raises(ConfirmFirst):
        remove(me, passkey.id)
    me.walk.clock.move(minutes=6)
    me.confirm_again()
    remove(me, passkey.id)


def test_the_last_way_in_is_not_removed(walk: Walk, me: Person) -> None:
    first, second = me.added(Authenticator()), me.added(Authenticator())
    untried = me.add(Authenticator())[1]
    assert untried is not None
    token = walk.token("SN-00")
    walk.edit(lambda uow: uow.tokens.save(replace(token, holds=frozenset({Hold.LOST}))))
    me.make_code()
    remove(me, first.id)
    with pytest.raises(LastMethod):
        remove(me, second.id)
    remove(me, untried.id)
    assert walk.look(lambda uow: uow.passkeys.get(second.id)).removed_at is None


def test_somebody_elses_passkey_is_none_of_mine(walk: Walk, me: Person) -> None:
    passkey = me.added(Authenticator())
    walk.member = walk.sample.other
    other = person(walk)
    other.confirm_again()
    with pytest.raises(NotFound):
        remove(other, passkey.id)
    rename = RenamePasskey(session_id=other.session_id, passkey_id=passkey.id, name="mine", source=SOURCE)
    with pytest.raises(NotFound):
        walk.do(lambda desk: rename_passkey(rename, desk=desk))


def test_a_passkey_has_a_name(walk: Walk, me: Person) -> None:
    passkey = me.added(Authenticator())
    ask = RenamePasskey(session_id=me.session_id, passkey_id=passkey.id, name=" " + "열쇠" * 50, source=SOURCE)
    assert walk.do(lambda desk: rename_passkey(ask, desk=desk)).name.reveal() == "열쇠" * 30
    with pytest.raises(Invalid):
        walk.do(lambda desk: rename_passkey(replace(ask, name="  "), desk=desk))


def test_staff_show_a_passkey_after_the_password(walk: Walk, me: Person) -> None:
    key = Authenticator()
    me.added(key)
    with pytest.raises(NotHalfWay):
        me.enter(key, area=Area.CONSOLE)
    _, mine = password(walk)
    with pytest.raises(NotHalfWay):
        me.enter(key, area=Area.CONSOLE, secret=mine)


def test_a_passkey_proves_without_a_name_being_typed(walk: Walk, me: Person) -> None:
    key = Authenticator()
    me.added(key)
    proof = me.prove(key)
    assert proof is not None
    assert (proof.method, proof.level, proof.member_id) == (Method.PASSKEY, Assurance.SUBSTANTIAL, walk.member.id)
    assert me.prove(Authenticator()) is None
    assert me.prove(key, member_id=walk.sample.other.id) is None
    assert walk.events()[-1] == "proof:failed=passkey"
    report = walk.report()
    lifting = me.prove(key, Act.LIFT_LOSS, report_id=report.id)
    assert lifting is not None
    assert lifting.report_id == report.id


def test_for_the_report_of_a_stranger_no_passkey_speaks(walk: Walk, me: Person) -> None:
    key = Authenticator()
    me.added(key)
    report = walk.report(login="nobody")
    assert report.member_id is None
    assert me.prove(key, Act.LIFT_LOSS, report_id=report.id) is None


def test_while_the_phone_is_lost_what_may_lie_in_it_says_nothing(walk: Walk, me: Person) -> None:
    phone, fob = Authenticator(transports=("internal", "hybrid")), Authenticator(transports=("usb",))
    me.added(phone), me.added(fob)
    walk.report(phone_lost=True)
    assert me.prove(phone) is None
    assert me.enter(phone) == ("", "phone_lost")
    assert me.prove(fob) is not None
    assert me.enter(fob)[1] == "accepted"
