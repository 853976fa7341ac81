"""An app's key is shown to its member until it has been tested, and never after."""

import pytest

from otpward.core.errors import Conflict, NotFound
from otpward.core.lifecycle.case import CaseState
from otpward.core.model.case import Case, Delivery
from otpward.core.oath.base32 import decode_base32
from otpward.core.policy.verification import Verdict
from otpward.services.register.show_key import ShownKey
from tests.fakes.sample import oath_code
from tests.services.walk import Walk


def app(walk: Walk) -> Case:
    return walk.make_app(walk.approved(Delivery.APP))


def code_of(walk: Walk, key: ShownKey) -> str:
    return oath_code(decode_base32(key.grouped.reveal().decode()).reveal(), walk.now, period_s=30)


def test_the_key_registers_and_shows_in_an_authenticator(walk: Walk) -> None:
    case = app(walk)
    key = walk.key(case)
    assert walk.case(case.id).state is CaseState.REGISTERED
    assert key.uri.reveal().startswith(b"otpauth://totp/")
    assert decode_base32(key.grouped.reveal().decode()).reveal()
    assert walk.events()[-3:] == ["token:registered=done", "case:registered=registered", "token:key_shown=done"]
    assert walk.activate(walk.case(case.id), code_of(walk, key)).verdict is Verdict.ACCEPTED


def test_until_then_it_is_the_same_key_and_each_showing_is_written_down(walk: Walk) -> None:
    case = app(walk)
    first, second = walk.key(case), walk.key(case)
    assert first.grouped == second.grouped
    assert walk.events().count("token:key_shown=done") == 2
    assert walk.look(lambda uow: uow.registrations.count(member_id=walk.member.id)) == 2
    assert len(walk.told("token_registered")) == 2


def test_after_the_first_right_code_it_is_never_shown_again(walk: Walk) -> None:
    case = app(walk)
    key = walk.key(case)
    walk.activate(walk.case(case.id), code_of(walk, key))
    before = walk.events()
    with pytest.raises(Conflict):
        walk.key(case)
    assert walk.events() == before


def test_it_prints_as_dots_and_is_in_no_record(walk: Walk) -> None:
    key = walk.key(app(walk))
    shown = key.grouped.reveal().decode().replace(" ", "")
    assert shown not in repr(key).replace(" ", "")
    kept = walk.look(
        lambda uow: repr(
            (uow.audit.find(limit=1000), uow.notices.find(), uow.tokens.find(), uow.devices.find(), uow.steps.find())
        )
    )
    assert shown not in kept
    assert decode_base32(shown).reveal().hex() not in kept


def test_somebody_else_does_not_see_it(walk: Walk) -> None:
    case = app(walk)
    with pytest.raises(NotFound):
        walk.key(case, walk.sample.other.id)
    assert walk.case(case.id).state is CaseState.RECEIVED


@pytest.mark.parametrize("delivery", [Delivery.BRANCH, Delivery.APP])
def test_before_there_is_an_app_token_there_is_no_key(walk: Walk, delivery: Delivery) -> None:
    case = walk.approved(delivery)
    with pytest.raises(Conflict):
        walk.key(case)


def test_a_device_has_no_key_to_show(walk: Walk) -> None:
    case = walk.registered()
    with pytest.raises(Conflict):
        walk.key(case)
