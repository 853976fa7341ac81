"""Staff by the institution's sign-on: who works here and nobody else, in the browser that set out, once; then the OTP."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from otpward.core.errors import NotFound, TooOften, Unavailable
from otpward.core.lifecycle.others import ProofState
from otpward.core.model.member import Area, Level
from otpward.core.policy.verification import Verdict
from otpward.ports.prover import Refusal, Refused
from otpward.services.sign_in.begin_sign_on import BeginSignOn, begin_sign_on
from otpward.services.sign_in.complete_sign_on import CompleteSignOn, SignOnAnswer, complete_sign_on
from otpward.services.sign_in.unlink_sign_on import unlink_sign_on
from tests.fakes.sample import BY
from tests.fakes.sign_on import FakeSignOn
from tests.services.sign_in.sitting import level, otp, seat
from tests.services.walk import ELSEWHERE, SOURCE, Walk, shown


@pytest.fixture
def sign_on() -> FakeSignOn:
    return FakeSignOn()


def go(walk: Walk, sign_on: FakeSignOn, browser: bytes | None = None) -> str:
    ask = BeginSignOn(
        institution_id=walk.inside,
        browser=browser or walk.browser,
        source=SOURCE,
        return_url="https://otp.example/console/sign-on/return",
        language="ko",
    )
    return begin_sign_on(ask, house=walk.house, sign_on=sign_on)


def back(walk: Walk, sign_on: FakeSignOn, browser: bytes | None = None, state: str | None = None) -> tuple[SignOnAnswer, str]:
    callback = {"state": sign_on.state if state is None else state, "code": "c"}
    ask = CompleteSignOn(institution_id=walk.inside, browser=browser or walk.browser, callback=callback, source=SOURCE)
    return complete_sign_on(ask, house=walk.house, sign_on=sign_on)


def signed_on(walk: Walk, sign_on: FakeSignOn) -> SignOnAnswer:
    go(walk, sign_on)
    return back(walk, sign_on)[0]


def change(walk: Walk, kind: str, login: str, **changed: Any) -> None:
    """Change the member of this login, or their place on the staff."""

    def act(desk: Any) -> None:
        with desk.uow as uow:
            member = uow.members.first(login=login)
            if kind == "member":
                uow.members.save(replace(member, **changed))
            else:
                uow.staff.save(replace(uow.staff.first(member_id=member.id), **changed))
            uow.commit()

    walk.do(act)


def test_it_takes_the_place_of_the_password_and_the_otp_still_follows(walk: Walk, sign_on: FakeSignOn) -> None:
    assert go(walk, sign_on) == f"https://sso.example/authorize?state={sign_on.state}"
    answer, secret = back(walk, sign_on)
    assert (answer, level(walk, secret)) == (SignOnAnswer.HALF_WAY, Level.PASSWORD)
    assert walk.events()[-1] == "proof:passed=sign_on"
    verdict, whole = otp(walk, secret, shown("SN-01", walk.now), Area.CONSOLE)
    assert verdict is Verdict.ACCEPTED
    found = seat(walk, whole, Area.CONSOLE)
    assert found is not None
    assert (found.member.login, found.session.level) == ("teller", Level.FULL)
    assert seat(walk, whole, Area.PORTAL) is None


def test_a_second_factor_that_is_trusted_is_not_asked_for_again(walk: Walk, sign_on: FakeSignOn) -> None:
    sign_on.strong = True
    go(walk, sign_on)
    answer, secret = back(walk, sign_on)
    assert (answer, level(walk, secret)) == (SignOnAnswer.IN, Level.FULL)
    assert walk.events()[-1] == "sign_in:passed=sign_on"


def test_nothing_is_left_that_could_open_anything_else(walk: Walk, sign_on: FakeSignOn) -> None:
    signed_on(walk, sign_on)
    (proof,) = walk.look(lambda uow: uow.proofs.find(provider="staff_sign_on"))
    assert (proof.state, bool(proof.kept)) == (ProofState.SPENT, False)


@pytest.mark.parametrize(
    ("prepare", "login", "reason"),
    [
        (("staff", {"ended_at": "now"}), "teller", "staff_ended"),
        (("member", {"left_at": "now"}), "teller", "left"),
        (None, "m1001", "no_staff"),
        (None, "nobody", "unknown"),
        (None, "", "unknown"),
    ],
    ids=["ended", "left", "a member who does not work here", "unknown", "no login"],
)
def test_who_does_not_work_here_stays_outside_and_is_not_told_why(
    walk: Walk, sign_on: FakeSignOn, prepare: Any, login: str, reason: str
) -> None:
    if prepare:
        change(walk, prepare[0], "teller", **dict.fromkeys(prepare[1], walk.now))
    people = len(walk.look(lambda uow: uow.staff.find()))
    sign_on.login = login
    go(walk, sign_on)
    assert back(walk, sign_on) == (SignOnAnswer.REFUSED, "")
    assert walk.events()[-1] == f"sign_in:failed={reason}"
    assert len(walk.look(lambda uow: uow.staff.find())) == people, "nobody is made staff by it"
    (kept,) = walk.look(lambda uow: uow.evidence.find(provider="staff_sign_on"))
    assert (kept.matched, kept.member_id, kept.subject_print) == (False, None, None)


def test_the_login_is_compared_as_people_write_it(walk: Walk, sign_on: FakeSignOn) -> None:
    sign_on.login = " TELLER "
    assert signed_on(walk, sign_on) is SignOnAnswer.HALF_WAY


def test_once_known_it_is_the_subject_that_counts(walk: Walk, sign_on: FakeSignOn) -> None:
    assert signed_on(walk, sign_on) is SignOnAnswer.HALF_WAY
    sign_on.login = "a-new-name"
    assert signed_on(walk, sign_on) is SignOnAnswer.HALF_WAY, "they married"
    sign_on.login, sign_on.subject = "teller", "https://sso.example 43"
    assert signed_on(walk, sign_on) is SignOnAnswer.REFUSED, "the name was given to somebody else"
    assert walk.events()[-1] == "sign_in:failed=other_subject"
    sign_on.subject = "https://sso.example 42"
    change(walk, "staff", "teller", ended_at=walk.now)
    assert signed_on(walk, sign_on) is SignOnAnswer.REFUSED
    assert walk.events()[-1] == "sign_in:failed=staff_ended"


def test_an_answer_is_taken_once(walk: Walk, sign_on: FakeSignOn) -> None:
    assert signed_on(walk, sign_on) is SignOnAnswer.HALF_WAY
    assert back(walk, sign_on) == (SignOnAnswer.REFUSED, "")
    assert walk.events()[-1] == "sign_in:failed=nothing_begun"
    sign_on.replayed = sign_on.state
    assert signed_on(walk, sign_on) is SignOnAnswer.REFUSED
    assert walk.events()[-1] == "sign_in:failed=replayed"


def test_the_answer_to_another_browser_opens_nothing(walk: Walk, sign_on: FakeSignOn) -> None:
    go(walk, sign_on)
    mine = sign_on.state
    assert back(walk, sign_on, ELSEWHERE)[0] is SignOnAnswer.REFUSED, "nothing was begun there"
    go(walk, sign_on, ELSEWHERE)
    assert back(walk, sign_on, ELSEWHERE, state=mine)[0] is SignOnAnswer.REFUSED
    assert walk.events()[-1] == "sign_in:failed=forged"
    assert back(walk, sign_on, state=mine)[0] is SignOnAnswer.HALF_WAY, "mine still runs"


def test_a_junk_link_does_not_end_it_but_five_do(walk: Walk, sign_on: FakeSignOn) -> None:
    go(walk, sign_on)
    for _ in range(4):
        assert back(walk, sign_on, state="junk")[0] is SignOnAnswer.REFUSED
    assert back(walk, sign_on)[0] is SignOnAnswer.HALF_WAY
    go(walk, sign_on)
    for _ in range(5):
        back(walk, sign_on, state="junk")
    assert back(walk, sign_on)[0] is SignOnAnswer.REFUSED


def test_a_new_attempt_ends_the_one_before(walk: Walk, sign_on: FakeSignOn) -> None:
    go(walk, sign_on)
    first = sign_on.state
    go(walk, sign_on)
    assert back(walk, sign_on, state=first)[0] is SignOnAnswer.REFUSED
    assert back(walk, sign_on)[0] is SignOnAnswer.HALF_WAY


def test_after_ten_minutes_it_is_over(walk: Walk, sign_on: FakeSignOn) -> None:
    go(walk, sign_on)
    walk.clock.move(minutes=10)
    assert back(walk, sign_on)[0] is SignOnAnswer.REFUSED
    assert walk.events()[-1] == "sign_in:failed=expired"


@pytest.mark.parametrize(
    ("why", "answer"),
    [
        (Refusal.CANCELLED, SignOnAnswer.CANCELLED),
        (Refusal.FAILED, SignOnAnswer.REFUSED),
        (Refusal.NOT_ACCEPTED, SignOnAnswer.REFUSED),
    ],
)
def test_a_refusal_of_theirs_is_one_of_ours(walk: Walk, sign_on: FakeSignOn, why: Refusal, answer: SignOnAnswer) -> None:
    go(walk, sign_on)
    sign_on.answer = Refused(why=why, detail="claim: acr")
    assert back(walk, sign_on) == (answer, "")
    assert walk.events()[-1] == f"sign_in:failed={why}"
    sign_on.answer = None
    assert back(walk, sign_on)[0] is SignOnAnswer.REFUSED, "it is over"


def test_silence_is_written_down_and_asking_again_helps(walk: Walk, sign_on: FakeSignOn) -> None:
    sign_on.silent = True
    with pytest.raises(Unavailable):
        go(walk, sign_on)
    assert walk.events()[-1] == "sign_in:failed=sign_on_unavailable"
    sign_on.silent = False
    go(walk, sign_on)
    sign_on.silent = True
    with pytest.raises(Unavailable):
        back(walk, sign_on)
    sign_on.silent = False
    assert back(walk, sign_on)[0] is SignOnAnswer.HALF_WAY


def test_one_address_does_not_set_out_for_ever(walk: Walk, sign_on: FakeSignOn) -> None:
    for _ in range(100):
        go(walk, sign_on)
    with pytest.raises(TooOften):
        go(walk, sign_on)
    walk.clock.move(minutes=10)
    assert go(walk, sign_on)


def test_an_address_that_is_none_to_follow_is_not_followed(walk: Walk, sign_on: FakeSignOn) -> None:
    class Odd(FakeSignOn):
        def begin(self, asked: Any) -> Any:
            return replace(super().begin(asked), link="javascript:alert(1)")

    with pytest.raises(Unavailable):
        go(walk, Odd())


def test_who_had_wrong_passwords_counted_comes_in_by_the_sign_on(walk: Walk, sign_on: FakeSignOn) -> None:
    change(walk, "member", "teller", password_failures=10, password_locked_until=walk.now + timedelta(minutes=10))
    assert signed_on(walk, sign_on) is SignOnAnswer.HALF_WAY


def test_unlinked_the_next_account_of_that_name_becomes_theirs(walk: Walk, sign_on: FakeSignOn) -> None:
    assert signed_on(walk, sign_on) is SignOnAnswer.HALF_WAY
    sign_on.subject = "https://sso.example 43"
    assert signed_on(walk, sign_on) is SignOnAnswer.REFUSED
    assert walk.do(lambda desk: unlink_sign_on("TELLER", by=BY, desk=desk)) == 1
    assert walk.events()[-1] == "sign_on:unlinked=done"
    assert signed_on(walk, sign_on) is SignOnAnswer.HALF_WAY
    sign_on.subject = "https://sso.example 42"
    assert signed_on(walk, sign_on) is SignOnAnswer.REFUSED, "the old account is theirs no more"
    assert walk.do(lambda desk: unlink_sign_on("m1001", by=BY, desk=desk)) == 0
    with pytest.raises(NotFound):
        walk.do(lambda desk: unlink_sign_on("nobody", by=BY, desk=desk))
