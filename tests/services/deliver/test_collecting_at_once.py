"""Two counters finish with one pass at the same moment, on a real store: one device leaves the house."""

from dataclasses import replace
from pathlib import Path
from threading import Barrier, Thread

from otpward.core.errors import OtpwardError
from otpward.core.lifecycle.table import IllegalTransition
from otpward.core.lifecycle.token import TokenState
from otpward.services.deliver.hand_over import HandOver, hand_over
from tests.fakes.house import sql_house, sqlite_engine
from tests.fakes.sample import make_sample
from tests.fakes.surroundings import FixedClock
from tests.services.walk import Walk


def test_one_of_two_counters_gives_out_one_device(tmp_path: Path) -> None:
    engine = sqlite_engine(tmp_path)
    walk = Walk(make_sample(sql_house(engine, FixedClock())))
    case, pick_up = walk.ready("SN-02")
    colleague = replace(walk.operator, member_id=walk.sample.other.id)
    asks = [
        HandOver(pick_up_id=pick_up.id, operator=walk.operator, serial="SN-02"),
        HandOver(pick_up_id=pick_up.id, operator=colleague, serial="SN-03", instead=True),
    ]
    for ask in asks:
        walk.compare(case, operator=ask.operator)
    together, ended = Barrier(len(asks)), []

    def finish(ask: HandOver) -> None:
        together.wait()
        try:
            walk.do(lambda desk: hand_over(ask, desk=desk))
            ended.append("handed over")
        except OtpwardError as error:
            ended.append(type(error).__name__)

    threads = [Thread(target=finish, args=(ask,)) for ask in asks]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(ended) == sorted([IllegalTransition.__name__, "handed over"])
    given = [serial for serial in ("SN-02", "SN-03") if walk.token(serial).state is TokenState.ISSUED]
    kept = walk.look(lambda uow: uow.pick_ups.get(pick_up.id))
    assert given == [walk.look(lambda uow: uow.tokens.get(kept.token_id)).serial]
    other = walk.token("SN-03" if given == ["SN-02"] else "SN-02")
    assert other.state is TokenState.IN_STOCK
    engine.dispose()
