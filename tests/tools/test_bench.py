"""The benchmark counts right: nothing here says how fast anything is."""

import secrets
from dataclasses import asdict
from pathlib import Path

import pytest

from bench.__main__ import wishes
from bench.children import Helper
from bench.devices import codes, serial_of
from bench.generator import Target
from bench.outcome import Order, Outcome
from bench.rig import Engine, WrongAnswers, echo, product
from bench.sample import Part, Range
from bench.timing import Kind, compare


def test_the_devices_of_the_load_show_the_codes_of_the_standard() -> None:
    """RFC 4226, appendix D."""
    assert codes(b"12345678901234567890", range(3)) == ["755224", "287082", "359152"]


def test_the_generator_asks_exactly_so_many_times_and_every_tenth_code_is_wrong(tmp_path: Path) -> None:
    with echo(tmp_path, 50) as floor:
        outcome = Outcome.read(floor._generator.ask(asdict(Order(in_flight=4, limit=200))))
    assert (outcome.answers, outcome.accepted, outcome.refused) == (200, 180, 20)
    assert (outcome.odd, outcome.made_late) == ([], 0)


def test_an_answer_that_is_not_as_it_should_be_is_told(tmp_path: Path) -> None:
    """The echo never says `accepted`."""
    with echo(tmp_path, 50) as floor, Helper("bench.generator") as generator:
        generator.tell(asdict(Target(port=floor.port, key="otpw_a_b", secret=secrets.token_hex(32), devices=50)))
        outcome = Outcome.read(generator.ask(asdict(Order(in_flight=1, limit=3))))
    assert outcome.answers == 0
    assert len(outcome.odd) == 1
    assert f'"{serial_of(0)[:3]}' in outcome.odd[0]


def test_every_code_that_the_load_sees_accepted_moved_a_token_by_one(tmp_path: Path) -> None:
    engine = Engine(name="sqlite", folder=tmp_path)
    with product(engine, engine.install("product", 40)) as running:
        sample = running.sample(Part.PRODUCT, 2, 0.3, 0)
        assert sample.per_second > 0
        running.settle_up()
        running.accepted += 1
        with pytest.raises(WrongAnswers):
            running.settle_up()


def test_times_that_tell_nothing_and_times_that_tell_all() -> None:
    same = compare(Kind.RIGHT, [1.0, 4.0, 5.0, 8.0], Kind.WRONG, [2.0, 3.0, 6.0, 7.0])
    assert (same.longer, same.chance) == (0.5, 1.0)
    apart = compare(Kind.RIGHT, [float(n) for n in range(50, 100)], Kind.WRONG, [float(n) for n in range(50)])
    assert apart.longer == 1.0
    assert apart.chance < 1e-9


def test_a_figure_is_its_median_and_its_range() -> None:
    assert Range.of([3.0, 1.0, 2.0]) == Range(middle=2.0, low=1.0, high=3.0)
    assert Range.of([]) is None


def test_a_run_of_parts_writes_no_page() -> None:
    assert wishes(["--only", "echo,growth"])[2] is None
    assert wishes(["--growth"])[0].parts == {Part.BARE, Part.ECHO, Part.PRODUCT, Part.GROWTH}
