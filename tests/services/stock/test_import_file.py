"""A file of any size comes in by batches; cut off it goes on, found damaged it leaves nothing, and it can be taken back."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from otpward.core.errors import Conflict, NotFound
from otpward.core.formats.faults import BrokenSeedFile, SeedFileFault
from otpward.core.model.institution import Import, ImportState
from otpward.core.model.token import Form
from otpward.services.stock.import_file import FileReport, ImportFile, import_file
from otpward.services.stock.take_rows import Doubles, ImportedRow, Intention, RowVerdict
from otpward.services.stock.transfer import Transfer, transfer
from otpward.services.stock.undo_import import UndoImport, undo_import
from tests.fakes.sample import BY, seed_of
from tests.services.walk import Walk


class Pulled(Exception):
    """The plug."""


def lines(first: int, last: int) -> str:
    return "".join(f"SN-{n:03d},{seed_of(n).hex()},totp,6,60\n" for n in range(first, last + 1))


def take(walk: Walk, data: str, *, rows_told: list[ImportedRow] | None = None, **changes: object) -> FileReport:
    intention = Intention(institution_id=walk.inside, by=BY, branch_id=walk.sample.branch.id, **changes)  # type: ignore[arg-type]
    ask = ImportFile(chunks=[data.encode()], file_name="f.csv", intention=intention, batch_rows=10)
    told = rows_told if rows_told is not None else []
    return import_file(ask, house=walk.sample.house, told=told.extend)


def imports(walk: Walk) -> list[Import]:
    return walk.look(lambda uow: uow.imports.find(file_name="f.csv"))


def here(walk: Walk, first: int, last: int) -> int:
    return sum(walk.look(lambda uow, n=n: uow.tokens.first(serial=f"SN-{n:03d}")) is not None for n in range(first, last + 1))  # type: ignore[misc]


def test_all_batches_come_in_and_each_row_is_told(walk: Walk) -> None:
    told: list[ImportedRow] = []
    report = take(walk, lines(100, 134) + "bad,line\n", rows_told=told)
    assert (report.imported, report.refused, len(told)) == (35, 1, 36)
    [kept] = imports(walk)
    assert (kept.state, kept.taken, kept.refused, kept.rows_done, kept.format) == (ImportState.DONE, 35, 1, 36, "oath_csv")
    assert report.import_id == kept.id
    assert walk.events()[-1] == "seeds:imported=done"


def test_a_preview_of_a_large_file_stores_nothing(walk: Walk) -> None:
    before = walk.events()
    assert take(walk, lines(100, 134), preview=True).imported == 35
    assert (here(walk, 100, 134), imports(walk), walk.events()) == (0, [], before)


def test_cut_off_it_goes_on_and_makes_no_doubles(walk: Walk) -> None:
    def pull(rows: object) -> None:
        raise Pulled

    intention = Intention(institution_id=walk.inside, by=BY)
    ask = ImportFile(chunks=[lines(100, 134).encode()], file_name="f.csv", intention=intention, batch_rows=10)
    with pytest.raises(Pulled):
        import_file(ask, house=walk.sample.house, told=pull)
    [running] = imports(walk)
    assert (running.state, running.rows_done, here(walk, 100, 134)) == (ImportState.RUNNING, 10, 10)
    report = import_file(ask, house=walk.sample.house)
    assert (report.imported, report.refused, report.resumed_after, report.import_id) == (35, 0, 10, running.id)
    [done] = imports(walk)
    assert (done.state, done.taken, here(walk, 100, 134)) == (ImportState.DONE, 35, 35)


def test_another_file_does_not_go_on_where_one_was_cut_off(walk: Walk) -> None:
    take(walk, lines(100, 120))
    again = take(walk, lines(100, 121))
    assert (again.imported, again.refused, again.reasons) == (1, 21, {"exists_already": 21})


def damaged(walk: Walk, whole: str) -> ImportFile:
    intention = Intention(institution_id=walk.inside, by=BY)
    return ImportFile(chunks=[whole.encode(), b"\xff\xfe"], file_name="f.csv", intention=intention, batch_rows=10)


def test_a_file_damaged_at_its_end_leaves_nothing(walk: Walk) -> None:
    many = lines(100, 999)
    with pytest.raises(BrokenSeedFile):
        import_file(damaged(walk, many), house=walk.sample.house)
    assert here(walk, 100, 999) == 0
    assert [one.state for one in imports(walk)] == [ImportState.BROKEN]
    assert walk.events()[-1] == "seeds:imported=broken"


def test_a_small_damaged_file_is_not_even_begun(walk: Walk) -> None:
    before = walk.events()
    with pytest.raises(SeedFileFault):
        import_file(replace(damaged(walk, lines(100, 101)), batch_rows=1000), house=walk.sample.house)
    assert (imports(walk), walk.events()) == ([], before)


@pytest.mark.parametrize(
    ("doubles", "verdict", "reason"),
    [
        (Doubles.REFUSE, RowVerdict.REFUSED, "exists_already"),
        (Doubles.SKIP, RowVerdict.SKIPPED, "exists_already"),
        (Doubles.SAME, RowVerdict.SKIPPED, "exists_already"),
    ],
)
def test_what_is_here_already_is_treated_as_asked(walk: Walk, doubles: Doubles, verdict: RowVerdict, reason: str) -> None:
    take(walk, lines(100, 100))
    told: list[ImportedRow] = []
    take(walk, lines(100, 101), rows_told=told, doubles=doubles)
    assert [(one.verdict, one.reason) for one in told] == [(verdict, reason), (RowVerdict.IMPORTED, "")]


def test_the_same_serial_with_another_seed_is_not_the_same(walk: Walk) -> None:
    take(walk, lines(100, 100))
    told: list[ImportedRow] = []
    take(
        walk,
        f"SN-100,{seed_of(7).hex()},totp,6,60\nSN-101,{seed_of(8).hex()},totp,6,60\n",
        rows_told=told,
        doubles=Doubles.SAME,
    )
    assert [one.reason for one in told] == ["exists_otherwise", ""]


def test_undone_the_shelf_is_as_before(walk: Walk) -> None:
    before = walk.look(lambda uow: uow.tokens.count())
    report = take(walk, lines(100, 134))
    assert report.import_id is not None
    ask = UndoImport(institution_id=walk.inside, import_id=report.import_id, by=BY)
    undone = undo_import(ask, house=walk.sample.house)
    assert (undone.removed, undone.kept, walk.look(lambda uow: uow.tokens.count())) == (35, 0, before)
    assert walk.events()[-1] == "seeds:undone=done"
    with pytest.raises(Conflict):
        undo_import(ask, house=walk.sample.house)
    assert take(walk, lines(100, 134)).imported == 35


def test_undo_leaves_what_was_used_since(walk: Walk) -> None:
    report = take(walk, lines(100, 110))
    walk.do(lambda desk: transfer(Transfer(serials=["SN-105"], branch_id=walk.sample.branch.id, by=BY), desk=desk))
    assert report.import_id is not None
    undone = undo_import(UndoImport(institution_id=walk.inside, import_id=report.import_id, by=BY), house=walk.sample.house)
    assert (undone.removed, undone.kept, here(walk, 105, 105)) == (10, 1, 1)


def test_an_unknown_import_cannot_be_undone(walk: Walk) -> None:
    with pytest.raises(NotFound):
        undo_import(UndoImport(institution_id=walk.inside, import_id=walk.sample.branch.id, by=BY), house=walk.sample.house)


def test_accounts_of_an_app_are_no_fobs(walk: Walk) -> None:
    take(walk, "otpauth://totp/Example:kim?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Example\n")
    token = walk.token("Example:kim")
    assert walk.look(lambda uow: uow.devices.get(token.id)).form is Form.APP


def test_no_seed_is_in_a_report(walk: Walk) -> None:
    told: list[ImportedRow] = []
    report = take(walk, lines(100, 134), rows_told=told)
    shown = repr(report) + repr(told)
    assert not any(seed_of(n).hex() in shown for n in range(100, 135))


def test_the_chunks_are_iterated_more_than_once(walk: Walk) -> None:
    class Once:
        def __init__(self) -> None:
            self.count = 0

        def __iter__(self) -> Iterator[bytes]:
            self.count += 1
            yield lines(100, 101).encode()

    chunks = Once()
    ask = ImportFile(chunks=chunks, file_name="f.csv", intention=Intention(institution_id=walk.inside, by=BY))
    assert import_file(ask, house=walk.sample.house).imported == 2
    assert chunks.count > 1
