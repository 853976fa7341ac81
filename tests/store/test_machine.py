"""A counter token's life on a real store, in any order that chance finds, beside a model that knows only the rules.

Codes go through the batch, and alone where the batch says so; the server is restarted in between. After every step the row is
what the model says, and the audit has a line for each answer.
"""

import hashlib
import hmac
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from otpward.clerk.tokens import free_token, hold_token, retire_token, seal_seed
from otpward.core.ids import TokenId, bucket_of, home_bucket
from otpward.core.lifecycle.others import RegistrationState
from otpward.core.lifecycle.place import Place
from otpward.core.lifecycle.token import Hold, TokenState
from otpward.core.model.token import Device, Form, Registration, Token
from otpward.core.oath.model import Algorithm, TokenKind
from otpward.core.policy.verification import Verdict
from otpward.core.secret import Secret
from otpward.ports.desk import House
from otpward.ports.judging import Alone, Judged
from otpward.services.resync.resync import Resync, resync
from otpward.services.verify.verify import Verify, verify
from otpward.store.engine import open_engine, sqlite_url
from tests.fakes.house import sql_house
from tests.fakes.judging import window_on
from tests.fakes.sample import BY, make_sample
from tests.fakes.surroundings import FixedClock
from tests.services.walk import RELYING

LOOK_AHEAD, RESYNC_AHEAD, BEHIND = 10, 100, 10
AHEAD = st.sampled_from(
    [0, 0, 0, 0, 1, 5, LOOK_AHEAD, LOOK_AHEAD + 1, 50, RESYNC_AHEAD, RESYNC_AHEAD + 1, 500, -1, -1, -2, -BEHIND, -50]
)
REACHED: Counter[str] = Counter()


def code(seed: bytes, counter: int) -> str:
    """RFC 4226 §5.3, eight digits, written here so that the core is not its own judge."""
    mac = hmac.digest(seed, counter.to_bytes(8), hashlib.sha256)
    start = mac[-1] & 15
    return f"{(int.from_bytes(mac[start : start + 4]) & 0x7FFFFFFF) % 10**8:08d}"


@dataclass
class Model:
    """What a token is by the rules of DESIGN §3 and §4, and nothing else."""

    serial: str
    seed: bytes
    mark: int = -1
    failures: int = 0
    total: int = 0
    holds: set[Hold] = field(default_factory=set)
    locked_until: Any = None
    retired: bool = False

    def standing(self, now: Any) -> Verdict | None:
        if self.retired:
            return Verdict.NOT_REGISTERED
        holds = set(self.holds)
        if Hold.LOCKED in holds and now >= self.locked_until:
            holds.discard(Hold.LOCKED)
        if Hold.BLOCKED in holds:
            return Verdict.BLOCKED
        if Hold.LOCKED in holds:
            return Verdict.LOCKED
        if holds == {Hold.DRIFTED}:
            return Verdict.RESYNC_NEEDED
        return Verdict.ON_HOLD if holds else None

    def verify(self, counter: int | None, now: Any) -> Verdict:
        stopped = self.standing(now)
        if stopped is not None:
            return stopped
        if counter is not None and self.mark < counter <= self.mark + 1 + LOOK_AHEAD:
            self.accept(counter)
            return Verdict.ACCEPTED
        verdict = Verdict.WRONG_CODE
        if counter is not None and self.mark < counter <= self.mark + 1 + RESYNC_AHEAD:
            self.holds.add(Hold.DRIFTED)
            verdict = Verdict.RESYNC_NEEDED
        elif counter is not None and max(0, self.mark - BEHIND) <= counter <= self.mark:
            verdict = Verdict.REPLAYED
        self.fail(now)
        return verdict

    def resync(self, counter: int, now: Any) -> Verdict:
        drifted = Hold.DRIFTED in self.holds
        self.holds.discard(Hold.DRIFTED)
        stopped = self.standing(now)
        if stopped is not None:
            if drifted:
                self.holds.add(Hold.DRIFTED)
            return stopped
        if self.mark < counter and counter + 1 <= self.mark + 1 + RESYNC_AHEAD:
            self.accept(counter + 1)
            return Verdict.ACCEPTED
        if drifted:
            self.holds.add(Hold.DRIFTED)
        behind = max(0, self.mark - BEHIND) <= counter <= self.mark
        self.fail(now)
        return Verdict.REPLAYED if behind else Verdict.WRONG_CODE

    def accept(self, counter: int) -> None:
        self.mark, self.failures, self.total, self.locked_until = counter, 0, 0, None
        self.holds.discard(Hold.LOCKED)

    def fail(self, now: Any) -> None:
        self.failures, self.total = self.failures + 1, self.total + 1
        self.holds.discard(Hold.LOCKED)
        self.locked_until = None
        if self.failures == 10:
            self.failures = 0
            self.holds.add(Hold.LOCKED)
            self.locked_until = now + min(timedelta(minutes=30) * 2 ** (self.total // 10 - 1), timedelta(hours=24))
        if self.total >= 100:
            self.holds.add(Hold.BLOCKED)


class Life(RuleBasedStateMachine):
    fresh_url: Callable[[], str]

    @initialize()
    def begin(self) -> None:
        self.url = type(self).fresh_url()
        self.clock, self.held, self.numbers = FixedClock(), ExitStack(), iter(range(1000))
        self.open()
        self.sample = make_sample(self.house)
        self.look_out()
        self.model = self.new_token()
        self.old: list[Model] = []
        self.answers = 0

    def open(self) -> None:
        self.engine = open_engine(self.url)
        self.house: House = sql_house(self.engine, self.clock, vault=getattr(self, "vault", None))
        self.vault = self.house.vault
        if hasattr(self, "sample"):
            self.sample = replace(self.sample, house=self.house)

    def look_out(self) -> None:
        self.window = self.held.enter_context(window_on(self.engine, self.house, self.sample.api_key))

    def teardown(self) -> None:
        if hasattr(self, "held"):
            self.held.close()
            self.engine.dispose()

    @property
    def inside(self) -> Any:
        return self.sample.institution.id

    def new_token(self) -> Model:
        serial = f"M-{next(self.numbers)}"
        seed = hashlib.sha256(serial.encode()).digest()
        desk = self.house.desk(self.inside)
        with desk.uow as uow:
            key = TokenId(desk.new_id(home_bucket(str(self.inside), serial)))
            uow.tokens.add(
                Token(
                    id=key,
                    institution_id=self.inside,
                    serial=serial,
                    state=TokenState.ACTIVE,
                    kind=TokenKind.HOTP,
                    algorithm=Algorithm.SHA256,
                    digits=8,
                    period_s=0,
                    seed=seal_seed(Secret(seed), institution_id=self.inside, token_id=key, desk=desk),
                )
            )
            member = self.sample.other
            uow.devices.add(
                Device(
                    id=key,
                    institution_id=self.inside,
                    form=Form.FOB,
                    vendor="",
                    model="",
                    state=TokenState.ACTIVE,
                    place=Place.MEMBER,
                    holder_id=member.id,
                    stocked_at=desk.now,
                )
            )
            uow.registrations.add(
                Registration(
                    id=desk.new_id(bucket_of(member.id)),
                    institution_id=self.inside,
                    member_id=member.id,
                    token_id=key,
                    state=RegistrationState.LIVE,
                    begun_at=desk.now,
                    live_at=desk.now,
                )
            )
            uow.commit()
        return Model(serial=serial, seed=seed)

    def row(self, model: Model) -> Token:
        found = self.house.look(self.inside, lambda uow: uow.tokens.first(serial=model.serial))
        assert found is not None
        return found

    def ask(self, model: Model, typed: str, *, by_login: bool) -> Verdict:
        whose: dict[str, Any] = {"login": "m1002"} if by_login else {"serial": model.serial}
        result = self.window.ask(typed, **whose)
        if isinstance(result, Alone):
            ask = Verify(institution_id=self.inside, code=typed, by=RELYING, **whose)
            verdict = self.house.do(self.inside, lambda desk: verify(ask, desk=desk)).verdict
        else:
            assert isinstance(result, Judged)
            verdict = result.verification.verdict
        self.answers += 1
        return verdict

    @rule(ahead=AHEAD, by_login=st.booleans(), again=st.booleans())
    def type_a_code(self, ahead: int, by_login: bool, again: bool) -> None:
        counter = max(0, self.model.mark + 1 + ahead)
        for _ in range(1 + again):
            expected = self.model.verify(counter, self.clock.now())
            told = self.ask(self.model, code(self.model.seed, counter), by_login=by_login)
            REACHED[f"asked:{told}"] += 1
            assert told is expected

    @rule(times=st.sampled_from([1, 3, 9, 10, 11]))
    def guess(self, times: int) -> None:
        shown = {code(self.model.seed, counter) for counter in range(max(0, self.model.mark - 60), self.model.mark + 160)}
        wrong = next(text for text in map("{:08d}".format, range(1000)) if text not in shown)
        for _ in range(times):
            expected = self.model.verify(None, self.clock.now())
            assert self.ask(self.model, wrong, by_login=False) is expected
            REACHED[f"guessed:{expected}"] += 1

    @rule(ahead=AHEAD)
    def type_two_codes(self, ahead: int) -> None:
        counter = max(0, self.model.mark + 1 + ahead)
        pair = code(self.model.seed, counter), code(self.model.seed, counter + 1)
        row = self.row(self.model)
        if self.model.retired:
            return
        expected = self.model.resync(counter, self.clock.now())
        ask = Resync(token_id=row.id, first=pair[0], second=pair[1], by=RELYING)
        told = self.house.do(self.inside, lambda desk: resync(ask, desk=desk)).verdict
        REACHED[f"resync:{told}"] += 1
        assert told is expected

    @rule(hold=st.sampled_from([Hold.SUSPENDED, Hold.LOST]))
    def hold(self, hold: Hold) -> None:
        self.change(lambda token, desk: hold_token(token, hold, desk=desk, by=BY))
        self.model.holds.add(hold)

    @rule()
    def lift(self) -> None:
        for hold in sorted(self.model.holds & {Hold.SUSPENDED, Hold.LOST}):
            self.change(lambda token, desk, hold=hold: free_token(token, hold, desk=desk, by=BY))
            self.model.holds.discard(hold)

    def change(self, act: Any) -> None:
        desk = self.house.desk(self.inside)
        with desk.uow as uow:
            token = uow.tokens.first(serial=self.model.serial)
            assert token is not None
            act(token, desk)
            uow.commit()

    @rule()
    def replace_it(self) -> None:
        self.change(lambda token, desk: retire_token(token, desk=desk, by=BY))
        self.model.retired = True
        self.old.append(self.model)
        self.model = self.new_token()

    @rule(ahead=AHEAD)
    def type_a_code_of_the_old_one(self, ahead: int) -> None:
        if self.old:
            old = self.old[-1]
            told = self.ask(old, code(old.seed, max(0, old.mark + 1 + ahead)), by_login=False)
            REACHED["asked:old"] += 1
            assert told in {Verdict.NOT_REGISTERED, Verdict.NOT_ACTIVE}

    @rule(minutes=st.sampled_from([1, 29, 30, 60, 60 * 24]))
    def wait(self, minutes: int) -> None:
        self.clock.move(minutes=minutes)

    @rule()
    def restart(self) -> None:
        self.held.close()
        self.engine.dispose()
        self.open()
        self.look_out()

    @invariant()
    def the_rows_are_what_the_model_says(self) -> None:
        if not hasattr(self, "model"):
            return
        for model in (self.model, *self.old[-2:]):
            row = self.row(model)
            assert (row.high_water, row.failures, row.failures_total) == (model.mark, model.failures, model.total)
            assert (row.holds, row.locked_until) == (frozenset(model.holds), model.locked_until)
            assert (row.state is TokenState.RETIRED) is model.retired


EXPECTED = [
    "asked:accepted",
    "asked:replayed",
    "asked:resync_needed",
    "asked:wrong_code",
    "asked:on_hold",
    "asked:locked",
    "asked:old",
    "guessed:wrong_code",
    "guessed:locked",
    "resync:accepted",
    "resync:wrong_code",
]


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_a_store_and_a_model_live_the_same_life(engine: str, request: pytest.FixtureRequest) -> None:
    REACHED.clear()
    server = request.getfixturevalue("postgres_server") if engine == "postgresql" else None
    made = iter(range(10_000))
    with tempfile.TemporaryDirectory() as folder:

        class Here(Life):
            @staticmethod
            def fresh_url() -> str:
                number = next(made)
                return server.create_database(f"life_{number}") if server else sqlite_url(Path(folder) / f"{number}.db")

        run_state_machine_as_test(
            Here, settings=settings(max_examples=40 if engine == "sqlite" else 12, stateful_step_count=40, deadline=None)
        )
    assert [what for what in EXPECTED if not REACHED[what]] == [] or engine == "postgresql", REACHED
