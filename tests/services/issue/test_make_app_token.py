"""An app's seed is made here, and sealed before it is stored."""

import pytest

from otpward.core.errors import Denied, Invalid
from otpward.core.lifecycle.case import CaseState
from otpward.core.lifecycle.table import IllegalTransition
from otpward.core.lifecycle.token import TokenState
from otpward.core.model.case import Delivery
from otpward.core.model.member import Role
from otpward.core.model.token import Form
from otpward.core.oath.base32 import decode_base32
from otpward.services.issue.make_app_token import MakeAppToken, make_app_token
from tests.services.walk import Walk


def test_a_token_is_born_issued_and_dead(walk: Walk) -> None:
    case = walk.make_app(walk.approved(Delivery.APP))
    assert case.state is CaseState.RECEIVED
    token = walk.look(lambda uow: uow.tokens.get(case.new_token_id))  # type: ignore[arg-type]
    assert (token.state, token.digits, token.period_s) == (TokenState.ISSUED, 6, 30)
    device = walk.look(lambda uow: uow.devices.get(token.id))
    assert (device.form, device.case_id) == (Form.APP, case.id)
    assert walk.look(lambda uow: uow.registrations.count(token_id=token.id)) == 0
    assert walk.events()[-3:] == ["token:made=done", "case:prepared=preparing", "case:received=received"]


def test_the_seed_is_long_new_and_sealed(walk: Walk) -> None:
    case = walk.make_app(walk.approved(Delivery.APP))
    token = walk.look(lambda uow: uow.tokens.get(case.new_token_id))  # type: ignore[arg-type]
    seed = decode_base32(walk.key(case).grouped.reveal().decode()).reveal()
    assert len(seed) == 20
    assert seed not in token.seed
    assert seed.hex().encode() not in token.seed


def test_once_is_enough(walk: Walk) -> None:
    case = walk.make_app(walk.approved(Delivery.APP))
    with pytest.raises(IllegalTransition):
        walk.make_app(case)
    assert walk.look(lambda uow: uow.devices.count(form=Form.APP)) == 1


def test_who_wants_a_device_gets_no_app(walk: Walk) -> None:
    case = walk.approved(Delivery.POST)
    with pytest.raises(Invalid):
        walk.make_app(case)


def test_before_the_approval_nothing_is_made(walk: Walk) -> None:
    case = walk.checking(Delivery.APP)
    with pytest.raises(IllegalTransition):
        walk.make_app(case)
    assert walk.look(lambda uow: uow.devices.count(form=Form.APP)) == 0


@pytest.mark.parametrize("role", [Role.HELP_DESK, Role.AUDITOR])
def test_only_some_roles_issue(walk: Walk, role: Role) -> None:
    case = walk.approved(Delivery.APP)
    with pytest.raises(Denied):
        walk.do(lambda desk: make_app_token(MakeAppToken(case_id=case.id, operator=walk.colleague(role)), desk=desk))
