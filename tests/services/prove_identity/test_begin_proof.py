"""A proof begins for whoever asks; what the asker sees tells nobody whether a member is behind it."""

from datetime import timedelta
from typing import Any

import pytest

from otpward.core.errors import Denied, Invalid, NotFound, TooOften
from otpward.core.ids import ReportId
from otpward.core.lifecycle.others import ProofState
from otpward.core.model.proof import Act
from otpward.services.prove_identity.begin_proof import PhoneProvesNothing
from tests.services.walk import ELSEWHERE, Walk


def test_a_proof_is_started_and_lasts_ten_minutes(walk: Walk) -> None:
    proof = walk.begin(Act.APPLY)
    assert (proof.state, proof.member_id, proof.expires_at - proof.started_at) == (
        ProofState.STARTED,
        walk.member.id,
        timedelta(minutes=10),
    )
    assert walk.events()[-1] == "proof:started=apply"
    assert not walk.told()


@pytest.mark.parametrize(
    "stranger",
    [{"login": "nobody"}, {"phone": "+821055501102"}, {"login": ""}],
    ids=["login", "phone", "empty"],
)
def test_a_strangers_proof_looks_the_same_and_belongs_to_nobody(walk: Walk, stranger: dict[str, Any]) -> None:
    mine, theirs = walk.begin(Act.APPLY), walk.begin(Act.APPLY, **stranger)
    assert theirs.member_id is None
    for name in ("act", "state", "expires_at", "tries", "sends", "method"):
        assert getattr(mine, name) == getattr(theirs, name)
    assert walk.events()[-2:] == ["proof:started=apply", "proof:started=apply"]


def test_a_report_begins_a_proof_in_its_own_browser_only(walk: Walk) -> None:
    report = walk.report()
    assert walk.begin(Act.LIFT_LOSS, report_id=report.id, login="", phone="").member_id == walk.member.id
    with pytest.raises(Denied):
        walk.begin(Act.LIFT_LOSS, report_id=report.id, browser=ELSEWHERE)


def test_a_strangers_report_begins_a_proof_just_the_same(walk: Walk) -> None:
    report = walk.report(login="nobody")
    assert walk.begin(Act.LIFT_LOSS, report_id=report.id).member_id is None


@pytest.mark.parametrize("login", ["m1001", "nobody"])
def test_a_lost_phone_is_turned_away_whoever_reported_it(walk: Walk, login: str) -> None:
    report = walk.report(phone_lost=True, login=login)
    with pytest.raises(PhoneProvesNothing):
        walk.begin(Act.APPLY, report_id=report.id)


def test_an_unknown_report_is_not_found(walk: Walk) -> None:
    with pytest.raises(NotFound):
        walk.begin(Act.APPLY, report_id=ReportId(walk.house.desk(None).new_id()))


def test_a_number_that_cannot_be_one_names_its_field(walk: Walk) -> None:
    with pytest.raises(Invalid) as refused:
        walk.begin(Act.APPLY, phone="12")
    assert refused.value.field == "phone"


@pytest.mark.parametrize("login", ["m1001", "nobody"])
def test_too_often_for_one_login_and_phone(walk: Walk, login: str) -> None:
    for n in range(10):
        walk.begin(Act.APPLY, login=login, source=f"10.0.0.{n}")
    with pytest.raises(TooOften):
        walk.begin(Act.APPLY, login=login)


def test_who_knows_the_login_alone_does_not_shut_the_member_out(walk: Walk) -> None:
    for n in range(11):
        try:
            walk.begin(Act.APPLY, phone="+821055509999", source=f"10.0.0.{n}")
        except TooOften:
            break
    assert walk.begin(Act.APPLY).member_id == walk.member.id


def test_too_often_from_one_source(walk: Walk) -> None:
    for n in range(60):
        walk.begin(Act.APPLY, login=f"guess-{n}")
    with pytest.raises(TooOften):
        walk.begin(Act.APPLY, login="guess-60")
