"""Lines of SP 800-63B-4 (STANDARDS.md §1) that no other test names: docs/explanation/nist-800-63b.md lists them all."""

from dataclasses import replace
from datetime import timedelta

import pytest

from otpward.adapters.system import SystemEntropy
from otpward.core.lifecycle.case import CaseState
from otpward.core.lifecycle.others import RegistrationState
from otpward.core.lifecycle.token import LOSS_HOLDS, TokenState
from otpward.core.model.backup import Passkey
from otpward.core.model.case import Delivery
from otpward.core.model.loss import LossKind
from otpward.core.policy.notices import CODES, TEXTS, NoticeKind
from otpward.core.policy.rates import BRANCH_CODE_LETTERS, BRANCH_CODE_LIFE, CODE_DIGITS, CODE_LIFE, SESSION_IDLE, SESSION_LIFE
from otpward.core.policy.verification import LIMITS, Verdict
from tests.fakes.authenticator import Authenticator
from tests.services.backup.falling_back import person
from tests.services.walk import Walk, other_than, shown

BINDING = {
    NoticeKind.TOKEN_REGISTERED,
    NoticeKind.TOKEN_ACTIVATED,
    NoticeKind.PASSKEY_ADDED,
    NoticeKind.PASSKEY_REMOVED,
    NoticeKind.RECOVERY_CODE_MADE,
    NoticeKind.RECOVERY_CODE_USED,
    NoticeKind.CONTACT_PHONE,
    NoticeKind.CONTACT_EMAIL,
    NoticeKind.LOSS_STOPPED,
    NoticeKind.LOSS_LIFTED,
}


def test_n_01_the_hundredth_failure_in_a_row_ends_in_a_block_that_only_a_new_binding_helps(walk: Walk) -> None:
    assert LIMITS.in_total == 100
    token = walk.token("SN-00")
    walk.edit(lambda uow: uow.tokens.save(replace(token, failures_total=99, failures=0)))
    assert walk.verify(other_than(shown("SN-00", walk.now))) is Verdict.WRONG_CODE
    walk.clock.move(days=400)
    assert walk.verify(shown("SN-00", walk.now)) is Verdict.BLOCKED


def test_n_13_chance_comes_from_the_system_and_never_twice_the_same() -> None:
    entropy = SystemEntropy()
    assert len({entropy.octets(16) for _ in range(1000)}) == 1000


def test_n_23_codes_that_are_sent_last_ten_minutes_and_have_six_digits_or_more() -> None:
    assert CODE_DIGITS >= 6
    assert max(CODE_LIFE, BRANCH_CODE_LIFE) <= timedelta(minutes=10)
    assert BRANCH_CODE_LETTERS >= 8


def test_n_40_what_was_bound_is_never_forgotten(walk: Walk) -> None:
    key = Authenticator()
    me = person(walk)
    passkey = me.added(key)
    walk.done()
    walk.clock.move(minutes=1)
    gone = replace(passkey, removed_at=walk.now)
    walk.edit(lambda uow: uow.passkeys.save(replace(gone, version=uow.passkeys.get(passkey.id).version)))
    kept: Passkey = walk.look(lambda uow: uow.passkeys.get(passkey.id))
    assert (kept.added_at, kept.eligible, kept.removed_at) == (passkey.added_at, passkey.eligible, walk.now)
    old = walk.token("SN-00")
    assert old.state is TokenState.RETIRED
    (ended,) = walk.look(lambda uow: uow.registrations.find(token_id=old.id))
    assert ended.state is RegistrationState.ENDED
    assert walk.look(lambda uow: uow.devices.get(old.id)).form == "fob"


def test_n_41_the_time_and_the_source_of_each_binding_are_on_record(walk: Walk) -> None:
    case = walk.done()
    new = walk.token("SN-02")
    (bound,) = walk.look(lambda uow: uow.registrations.find(token_id=new.id))
    assert None not in {bound.begun_at, bound.live_at}
    (line,) = walk.look(lambda uow: uow.audit.find(event="token:activated", subject_id=new.id))
    assert (line.case_id, line.actor_kind, line.source) == (case.id, "member", "127.0.0.9")


def test_n_43_every_binding_is_told_to_every_address(walk: Walk) -> None:
    walk.done()
    for kind in ("token_registered", "token_activated"):
        assert {channel for _login, _kind, channel in walk.told(kind)} == {"sms", "mail"}


def test_n_46_a_new_token_verifies_nothing_before_its_test_otp(walk: Walk) -> None:
    case = walk.registered()
    assert walk.verify(shown("SN-02", walk.now), serial="SN-02") is not Verdict.ACCEPTED
    assert walk.activate(case, shown("SN-02", walk.now)).verdict is Verdict.ACCEPTED


def test_n_11_n_48_the_old_app_works_until_the_new_one_was_used_once_and_not_after(walk: Walk) -> None:
    case = walk.registered()
    assert walk.verify(shown("SN-00", walk.now), serial="SN-00") is Verdict.ACCEPTED
    walk.clock.move(minutes=1)
    walk.activate(case, shown("SN-02", walk.now))
    assert walk.verify(shown("SN-00", walk.now), serial="SN-00") is not Verdict.ACCEPTED
    assert walk.token("SN-00").state is TokenState.RETIRED
    assert walk.case(case.id).state is CaseState.DONE


def test_n_49_an_expired_token_says_that_it_has_expired(walk: Walk) -> None:
    token = walk.token("SN-00")
    walk.edit(lambda uow: uow.tokens.save(replace(token, valid_until=walk.now)))
    assert walk.verify(shown("SN-00", walk.now)) is Verdict.EXPIRED


@pytest.mark.parametrize("kind", LossKind)
def test_n_60_n_61_from_the_moment_of_the_report_nothing_verifies(walk: Walk, kind: LossKind) -> None:
    report = walk.report(kind)
    assert report.reported_at == walk.now
    assert walk.token("SN-00").holds & LOSS_HOLDS
    assert walk.verify(shown("SN-00", walk.now)) is Verdict.ON_HOLD


@pytest.mark.parametrize("kind", sorted(BINDING))
@pytest.mark.parametrize("language", [0, 1], ids=["ko", "en"])
def test_n_67_every_notice_of_a_binding_says_what_to_do_if_it_was_somebody_else(kind: NoticeKind, language: int) -> None:
    text = TEXTS[kind][language]
    assert "{phone}" in text
    assert ("본인이 아니면" if language == 0 else "Not you?") in text
    assert kind not in CODES


def test_n_65_an_account_has_two_addresses_and_both_are_told(walk: Walk) -> None:
    walk.report()
    assert {channel for _login, _kind, channel in walk.told("loss_stopped")} == {"sms", "mail"}


def test_n_66_what_a_lost_phone_cannot_be_told_goes_to_the_other_address(walk: Walk) -> None:
    walk.report(phone_lost=True)
    assert {channel for _login, _kind, channel in walk.told("loss_stopped")} == {"mail"}


def test_n_64_who_has_left_verifies_nothing_from_that_moment(walk: Walk) -> None:
    member = walk.member
    walk.edit(lambda uow: uow.members.save(replace(uow.members.get(member.id), left_at=walk.now)))
    assert walk.verify(shown("SN-00", walk.now)) is Verdict.UNKNOWN


def test_n_78_sessions_are_shorter_than_aal2_allows() -> None:
    assert timedelta(hours=24) >= SESSION_LIFE
    assert timedelta(hours=1) >= SESSION_IDLE


def test_n_10_the_key_of_an_app_is_shown_until_it_was_used_and_never_after(walk: Walk) -> None:
    case = walk.make_app(walk.approved(Delivery.APP))
    assert walk.key(case).uri
    (made,) = walk.look(lambda uow: uow.audit.find(event="token:key_shown"))
    assert made.actor_kind == "member"
