"""What each word of a carrier does to a shipment: every pair, against a copy kept by hand."""

import pytest

from otpward.core.lifecycle.others import ShipmentState, advance_shipment
from otpward.core.lifecycle.parcel import MOVES, READINGS, ParcelState, Reading, ended, read_event

# Rows: the shipment. Columns: what is said. A parcel that came back is delivered once more, to us.
TABLE = """
            accepted  in_transit  delivered  returned  missing
planned     look      look        look       look      note
packed      note      note        look       look      note
dispatched  note      note        deliver    return    lose
delivered   note      note        note       look      look
returned    note      note        note       note      look
missing     look      look        look       look      note
"""
ROWS = [line.split() for line in TABLE.strip().splitlines()]
PAIRS = [(row[0], said, what) for row in ROWS[1:] for said, what in zip(ROWS[0], row[1:], strict=True)]


@pytest.mark.parametrize(("state", "said", "what"), PAIRS)
def test_a_word_does_what_the_table_says(state: str, said: str, what: str) -> None:
    assert read_event(ShipmentState(state), ParcelState(said)) == what


def test_the_table_is_whole_and_moves_only_what_may_move() -> None:
    assert set(READINGS) == set(ShipmentState)
    for state, row in READINGS.items():
        assert set(row) == set(ParcelState)
        for reading in row.values():
            if reading in MOVES:
                assert ended(advance_shipment(state, MOVES[reading]))
    assert {Reading.DELIVER, Reading.RETURN, Reading.LOSE} == set(MOVES)
