"""An app moves to another phone: one number of the old one, and it works until the new one does."""

import base64
from dataclasses import replace

import pytest

from otpward.core.lifecycle.case import CaseState
from otpward.core.lifecycle.policy import PolicyState
from otpward.core.lifecycle.token import TokenState
from otpward.core.model.case import Case, Delivery, Reason
from otpward.core.model.policy_version import PolicyVersion
from otpward.core.oath.totp import totp
from otpward.core.policy.verification import Examined, Verdict
from otpward.core.secret import Secret
from otpward.services.apply.move_app import MoveApp, MoveNotOffered, move_app
from tests.services.walk import SOURCE, Walk, other_than


def policy(walk: Walk, text: str = "[phone_app]\nmove = true\n") -> None:
    version = PolicyVersion(
        id=walk.house.desk(walk.inside).new_id(),
        institution_id=walk.inside,
        number=1,
        state=PolicyState.APPROVED,
        text=text,
        written_by=frozenset(),
        made_at=walk.now,
        effective_at=walk.now,
    )
    walk.edit(lambda uow: uow.policies.add(version))


class Phone:
    """An authenticator app with one key."""

    def __init__(self, walk: Walk, case: Case) -> None:
        key = walk.key(case).grouped.reveal().decode().replace(" ", "")
        self._walk, self._seed = walk, Secret(base64.b32decode(key + "=" * (-len(key) % 8)))
        token_id = walk.case(case.id).new_token_id
        assert token_id is not None
        self.serial = walk.look(lambda uow: uow.tokens.get(token_id)).serial

    def number(self) -> str:
        return totp(self._seed, self._walk.now)


def in_use(walk: Walk) -> Phone:
    """The member's app, which is what they have."""
    case = walk.make_app(walk.approved(Delivery.APP))
    phone = Phone(walk, case)
    assert walk.activate(case, phone.number()).verdict is Verdict.ACCEPTED
    walk.clock.move(seconds=30)
    return phone


def move(walk: Walk, phone: Phone, code: str = "") -> tuple[Examined, Case | None]:
    token_id = walk.token(phone.serial).id
    ask = MoveApp(token_id=token_id, member_id=walk.member.id, code=code or phone.number(), source=SOURCE)
    return walk.do(lambda desk: move_app(ask, desk=desk))


def test_the_old_one_works_until_the_new_one_does_and_no_longer(walk: Walk) -> None:
    old = in_use(walk)
    policy(walk)
    examined, case = move(walk, old)
    assert examined.verdict is Verdict.ACCEPTED
    assert case is not None
    assert (case.state, case.reason, case.old_serial) == (CaseState.RECEIVED, Reason.PHONE_CHANGED, old.serial)
    new = Phone(walk, case)
    walk.clock.move(seconds=30)
    assert walk.verify(old.number(), serial=old.serial) is Verdict.ACCEPTED
    assert walk.verify(new.number(), serial=new.serial) is not Verdict.ACCEPTED
    walk.clock.move(seconds=30)
    assert walk.activate(walk.case(case.id), new.number()).verdict is Verdict.ACCEPTED
    assert walk.token(old.serial).state is TokenState.RETIRED
    walk.clock.move(seconds=30)
    assert walk.verify(old.number(), serial=old.serial) is not Verdict.ACCEPTED
    assert walk.verify(new.number()) is Verdict.ACCEPTED
    assert walk.case(case.id).state is CaseState.DONE


def test_a_wrong_number_counts_and_moves_nothing(walk: Walk) -> None:
    old = in_use(walk)
    policy(walk)
    examined, case = move(walk, old, other_than(old.number()))
    assert (examined.verdict, examined.tries_left, case) == (Verdict.WRONG_CODE, 9, None)
    number = old.number()
    assert walk.verify(number) is Verdict.ACCEPTED
    examined, case = move(walk, old, number)
    assert (examined.verdict, case) == (Verdict.REPLAYED, None)


def test_it_is_written_down_who_approved_it(walk: Walk) -> None:
    old = in_use(walk)
    policy(walk)
    _examined, case = move(walk, old)
    assert case is not None
    (line,) = walk.look(lambda uow: uow.audit.find(event="case:approved", case_id=case.id))
    assert (line.actor_kind, line.source) == ("system", "policy")
    assert ("m1001", "app_ready", "sms") in walk.told("app_ready")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[phone_app]\nmove = true\n[rules.more]\ntwo_people = true\n",
        "[phone_app]\nmove = true\n[rules.more]\nfee_won = 5000\n",
        '[phone_app]\nmove = true\n[rules.more]\ndocuments = ["id_card"]\n',
        '[phone_app]\nmove = true\n[rules.more]\noffered = false\nreasons = ["phone_changed"]\n',
    ],
    ids=["says nothing", "two people", "a fee", "a paper", "not offered"],
)
def test_where_the_policy_asks_for_more_an_application_is_needed(walk: Walk, text: str) -> None:
    old = in_use(walk)
    policy(walk, text)
    with pytest.raises(MoveNotOffered):
        move(walk, old)
    assert walk.verify(old.number()) is Verdict.ACCEPTED  # nothing was judged, so nothing is spent


def test_a_device_does_not_move_and_nobody_moves_the_app_of_another(walk: Walk) -> None:
    policy(walk)
    ask = MoveApp(token_id=walk.token("SN-00").id, member_id=walk.member.id, code="000000", source=SOURCE)
    for bad in (ask, replace(ask, member_id=walk.sample.other.id)):
        with pytest.raises(MoveNotOffered):
            walk.do(lambda desk, bad=bad: move_app(bad, desk=desk))  # type: ignore[misc]


def test_one_move_at_a_time(walk: Walk) -> None:
    old = in_use(walk)
    policy(walk)
    move(walk, old)
    walk.clock.move(seconds=30)
    with pytest.raises(MoveNotOffered):
        move(walk, old)
