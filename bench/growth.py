"""What a hundred times the people cost: CPU a request, bytes on disk, time until ready."""

from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from bench.installation import Installation
from bench.rig import Engine, product
from bench.sample import Part, Sample
from otpward.store.engine import open_engine

IN_FLIGHT: Final = (32, 128)
_SQLITE_SIZES: Final = """
SELECT one.tbl_name, sum(pages.pgsize) FROM dbstat AS pages JOIN sqlite_schema AS one ON one.name = pages.name GROUP BY 1
"""
_POSTGRESQL_SIZE: Final = "SELECT pg_total_relation_size(CAST(:t AS regclass))"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grown:
    """What was found on one engine. `octets` is what each table takes with its indexes, a person."""

    engine: str
    few: int
    many: int
    few_ready_s: float
    many_ready_s: float
    octets: dict[str, float]
    samples: list[Sample]


def measure_growth(engine: Engine, *, few: int, many: int, seconds: float, turns: int) -> Grown:
    """Measure a small and a large installation in turn."""
    small, large = engine.install("few", few), engine.install("many", many)
    octets = {table: size / many for table, size in sizes(large).items()}
    samples = []
    with ExitStack() as held:
        products = [held.enter_context(product(engine, one)) for one in (small, large)]
        for turn in range(turns):
            for in_flight in IN_FLIGHT:
                samples += [one.sample(Part.GROWTH, in_flight, seconds, turn) for one in products]
        for one in products:
            one.settle_up()
        ready = [one.running.ready_s for one in products]
    return Grown(
        engine=engine.name,
        few=few,
        many=many,
        few_ready_s=ready[0],
        many_ready_s=ready[1],
        octets=octets,
        samples=samples,
    )


def sizes(installation: Installation) -> dict[str, int]:
    """What each table about people takes on disk, indexes and all."""
    engine, wanted = open_engine(installation.database_url), installation.about_people
    try:
        with engine.connect() as connection:
            if engine.dialect.name == "sqlite":
                found = dict(connection.execute(sa.text(_SQLITE_SIZES)).tuples().all())
            else:
                found = {table: connection.execute(sa.text(_POSTGRESQL_SIZE), {"t": table}).scalar_one() for table in wanted}
    finally:
        engine.dispose()
    return {table: int(found[table]) for table in wanted}
