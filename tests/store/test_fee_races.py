"""Real threads on both databases: a fee is paid once, money given back once, a consent holds once, whoever presses twice."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from otpward.clerk.fees import StaleFee
from otpward.core.lifecycle.fee import FeeState
from otpward.core.model.consent import Consent
from otpward.core.model.fee import Fee, Means
from otpward.ports.desk import House
from otpward.services.apply.fees.pay_fee import PayFee, pay_fee
from otpward.services.apply.fees.refund_fee import RefundFee, refund_fee
from otpward.store.engine import open_engine
from tests.fakes.house import sql_house, sqlite_engine
from tests.fakes.sample import make_sample
from tests.services.oversee.policies.writing import desks
from tests.services.walk import Walk
from tests.store.test_races import at_once


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    engine = sqlite_engine(tmp_path) if request.param == "sqlite" else open_engine(request.getfixturevalue("postgres_url"))
    yield sql_house(engine)
    engine.dispose()


@pytest.fixture
def walk(house: House) -> Walk:
    made = Walk(make_sample(house))
    desks(made.sample).put_in_force("[rules.all]\nfee_won = 5000\n[waivers.faulty]\nused = false\n")
    return made


def due(walk: Walk) -> Fee:
    [fee] = walk.look(lambda uow: uow.fees.find())
    return fee


def test_a_payment_pressed_six_times_at_once_is_recorded_once_and_given_back_once(walk: Walk) -> None:
    case = walk.submitted()
    pay = PayFee(case_id=case.id, operator=walk.operator, means=Means.CASH, reference="", seen_version=due(walk).version)
    answers = at_once(*[lambda: walk.do(lambda desk: pay_fee(pay, desk=desk))] * 6)
    assert [type(one) for one in answers].count(StaleFee) == 5, answers
    assert due(walk).state is FeeState.PAID
    assert len(walk.look(lambda uow: uow.audit.find(event="fee:paid"))) == 1
    back = RefundFee(case_id=case.id, operator=walk.operator, amount_won=1000, why="중복", seen_version=due(walk).version)
    answers = at_once(*[lambda: walk.do(lambda desk: refund_fee(back, desk=desk))] * 6)
    assert [type(one) for one in answers].count(StaleFee) == 5, answers
    assert due(walk).refunded_won == 1000
    assert (due(walk).why.reveal(), due(walk).means) == ("중복", Means.CASH)


def test_a_consent_given_six_times_at_once_holds_once(walk: Walk) -> None:
    answers = at_once(*[walk.agree] * 6)
    assert all(isinstance(one, Consent) for one in answers), answers
    live = [one for one in walk.look(lambda uow: uow.consents.find()) if one.live_for is not None]
    assert [one.browser for one in live] == [walk.browser]
