"""A seed file is taken in whole, with a verdict for every row, and read again it makes no doubles."""

import pytest

from otpward.core.errors import Invalid
from otpward.core.lifecycle.token import TokenState
from otpward.core.oath.model import TokenKind
from otpward.core.policy.verification import Verdict
from otpward.services.stock.import_seeds import Entry, ImportReport, ImportSeeds, import_seeds
from tests.fakes.sample import BY, seed_of
from tests.fakes.signer import COUNTED, PLAIN, TIMED, WHOLE, Signer, seed_file
from tests.services.walk import Walk, shown


def row(number: int, serial: str | None = None) -> str:
    return f"{serial or f'SN-{number:02d}'},{seed_of(number).hex()},totp,6,60\n"


def take(walk: Walk, data: str, **changes: object) -> ImportReport:
    ask = ImportSeeds(
        institution_id=walk.inside,
        data=data.encode(),
        file_name="file.csv",
        by=BY,
        branch_id=walk.sample.branch.id,
        **changes,  # type: ignore[arg-type]
    )
    return walk.do(lambda desk: import_seeds(ask, desk=desk))


def test_usable_rows_are_stocked_and_the_others_named(walk: Walk) -> None:
    report = take(walk, row(20) + "SN-21,xyz,totp,6,60\n" + row(22) + row(20) + row(2))
    assert [(one.serial, one.verdict) for one in report.rows if one.verdict == "imported"] == [
        ("SN-20", "imported"),
        ("SN-22", "imported"),
    ]
    assert (report.imported, report.refused) == (2, 3)
    assert {one.reason for one in report.rows if one.serial in {"SN-20", "SN-02"} and one.reason} == {
        "duplicate",
        "exists_already",
    }
    assert walk.token("SN-20").state is TokenState.IN_STOCK
    assert walk.events()[-1] == "seeds:imported=done"
    (kept,) = walk.look(lambda uow: uow.imports.find(file_name="file.csv"))
    assert (kept.taken, kept.refused) == (2, 3)


def test_read_again_it_makes_no_doubles(walk: Walk) -> None:
    take(walk, row(20))
    again = take(walk, row(20))
    assert (again.imported, again.refused) == (0, 1)


def test_a_preview_stores_nothing(walk: Walk) -> None:
    before = walk.events()
    report = take(walk, row(20), preview=True)
    assert report.imported == 1
    assert walk.look(lambda uow: uow.tokens.first(serial="SN-20")) is None
    assert walk.events() == before


def test_tokens_of_another_system_go_on_at_once(walk: Walk) -> None:
    report = take(walk, row(20) + row(21) + row(22), entry=Entry.ACTIVE, owners={"SN-20": " M1002 ", "SN-21": "nobody"})
    assert [one.reason for one in report.rows] == ["", "unknown_member", "no_owner"]
    assert walk.verify(shown("SN-20", walk.now), login="m1002") is Verdict.ACCEPTED


def test_in_stock_nothing_verifies(walk: Walk) -> None:
    take(walk, row(20), owners={"SN-20": "m1002"})
    assert walk.verify(shown("SN-20", walk.now), serial="SN-20") is Verdict.NOT_REGISTERED


def test_no_seed_is_in_report_audit_or_row(walk: Walk) -> None:
    report = take(walk, row(20))
    shown_ = repr(report) + walk.look(lambda uow: repr((uow.audit.find(limit=1000), uow.imports.find(), uow.tokens.find())))
    assert seed_of(20).hex() not in shown_
    assert repr(seed_of(20)).strip("b'") not in shown_


def test_what_cannot_be_read_stores_nothing(walk: Walk) -> None:
    before = walk.look(lambda uow: uow.tokens.count())
    with pytest.raises(Invalid):
        take(walk, "<?xml version='1.0'?><KeyContainer")
    assert walk.look(lambda uow: (uow.tokens.count(), uow.imports.count(file_name="file.csv"))) == (before, 0)


def test_a_serial_that_is_too_long_is_a_row_error(walk: Walk) -> None:
    report = take(walk, row(20, "S" * 200) + row(21))
    assert [one.verdict for one in report.rows] == ["refused", "imported"]


def test_keys_that_answer_challenges_are_taken_where_their_suite_can_be_served(walk: Walk) -> None:
    signers = [Signer(suite=suite, serial=f"OC-{n}") for n, suite in enumerate((PLAIN, COUNTED, TIMED, WHOLE))]
    report = take(walk, seed_file(*signers).decode())
    assert [one.verdict for one in report.rows if one.serial in {each.serial for each in signers}] == ["imported"] * 4
    for signer in signers:
        token = walk.token(signer.serial)
        assert token.kind is TokenKind.OCRA
        kept = walk.look(lambda uow, key=token.id: uow.signers.get(key))  # type: ignore[misc]
        assert (kept.suite, bool(kept.pin_hash)) == (signer.suite, "-P" in signer.suite)


def test_a_key_without_truncation_is_refused_with_its_reason(walk: Walk) -> None:
    report = take(walk, seed_file(Signer(suite="OCRA-1:HOTP-SHA1-0:QN08")).decode())
    assert [(one.serial, one.verdict, one.reason) for one in report.rows] == [("OC-1", "refused", "no_truncation")]
    assert walk.look(lambda uow: uow.signers.count()) == 0


def test_a_preview_keeps_no_signer(walk: Walk) -> None:
    assert take(walk, seed_file(Signer(suite=PLAIN)).decode(), preview=True).imported == 1
    assert walk.look(lambda uow: uow.signers.count()) == 0
