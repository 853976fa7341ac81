"""Seeds leave only if one person asks and another approves, encrypted, once."""

from typing import Any

import pytest

from otpward.core.errors import Conflict, Denied, Invalid, NotFound
from otpward.core.formats.detect import open_seed_file
from otpward.core.formats.pskc.writing import Lock
from otpward.core.formats.reading import collected
from otpward.core.formats.records import KeyKind, SeedRecord
from otpward.core.formats.unlock import Unlock
from otpward.core.model.seed_export import SeedExport
from otpward.core.secret import Secret
from otpward.services.stock.approve_export import ApproveExport, approve_export
from otpward.services.stock.ask_export import AskExport, ask_export
from otpward.services.stock.export_seeds import ExportSeeds, export_seeds
from otpward.services.stock.import_seeds import ImportSeeds, import_seeds
from tests.fakes.sample import BY, seed_of
from tests.services.walk import Walk

KEY = Secret(bytes(range(32)))
PASSWORD = Secret(b"correct horse battery")
CSV = (
    f"EX-1,{seed_of(51).hex()},totp,6,60\nEX-2,{seed_of(52).hex()},hotp,8,7,sha256\n"
    f"EX-3,{seed_of(53).hex()},ocra,OCRA-1:HOTP-SHA1-6:QN08\nEX-<4>&\"',{seed_of(54).hex()},totp,8,30,sha512\n"
)
SERIALS = ("EX-1", "EX-2", "EX-3", "EX-<4>&\"'")


@pytest.fixture
def stocked(walk: Walk) -> Walk:
    ask = ImportSeeds(institution_id=walk.inside, data=CSV.encode(), file_name="f", by=BY)
    assert walk.do(lambda desk: import_seeds(ask, desk=desk)).imported == 4
    return walk


def asked(walk: Walk, **changes: Any) -> SeedExport:
    usual: dict[str, Any] = {"person": "kim", "reason": "move", "serials": SERIALS}
    ask = AskExport(institution_id=walk.inside, by=BY, **(usual | changes))
    return walk.do(lambda desk: ask_export(ask, desk=desk))


def approved(walk: Walk, export: SeedExport, person: str = "lee", *, clear: bool = False) -> SeedExport:
    ask = ApproveExport(export_id=export.id, by=BY, person=person, clear=clear)
    return walk.do(lambda desk: approve_export(ask, desk=desk))


def written(walk: Walk, export: SeedExport, lock: Lock) -> bytes:
    return b"".join(walk.do(lambda desk: export_seeds(ExportSeeds(export_id=export.id, by=BY, lock=lock), desk=desk)))


@pytest.mark.parametrize(
    ("lock", "unlock"),
    [(Lock(key=KEY), Unlock(key=KEY)), (Lock(password=PASSWORD), Unlock(password=PASSWORD)), (Lock(), Unlock())],
    ids=["key", "password", "clear"],
)
def test_what_leaves_comes_back_the_same(stocked: Walk, lock: Lock, unlock: Unlock) -> None:
    export = asked(stocked, clear=lock.is_open)
    approved(stocked, export, clear=lock.is_open)
    octets = written(stocked, export, lock)
    came = collected(open_seed_file([octets], unlock)).records
    left = collected(open_seed_file([CSV.encode()])).records
    assert [same(one) for one in came] == [same(one) for one in left]
    assert all(one.usable for one in came)
    assert (seed_of(51).hex().encode() in octets, b"EncryptedValue" in octets) == (False, not lock.is_open)


def same(record: SeedRecord) -> tuple[Any, ...]:
    return (
        record.serial, record.kind, record.algorithm, record.digits, record.period_s, record.counter,
        record.suite if record.kind is KeyKind.OCRA else None,
        record.seed.reveal() if record.seed else None,
    )  # fmt: skip


def test_it_is_written_down_who_asked_approved_and_took(stocked: Walk) -> None:
    export = asked(stocked)
    approved(stocked, export)
    written(stocked, export, Lock(key=KEY))
    assert stocked.events()[-3:] == ["seeds:export_asked=done", "seeds:export_approved=done", "seeds:exported=done"]
    [line] = stocked.look(lambda uow: uow.audit.find(limit=1))
    assert line.detail == {"devices": 4, "clear": 0, "asked_by": "kim", "approved_by": "lee"}


def test_nobody_approves_alone(stocked: Walk) -> None:
    export = asked(stocked)
    for name in ("kim", " KIM "):
        with pytest.raises(Denied, match="another person"):
            approved(stocked, export, name)
    with pytest.raises(Denied, match="approved"):
        written(stocked, export, Lock(key=KEY))


def test_it_leaves_once(stocked: Walk) -> None:
    export = asked(stocked)
    approved(stocked, export)
    with pytest.raises(Conflict):
        approved(stocked, export, "park")
    written(stocked, export, Lock(key=KEY))
    with pytest.raises(Conflict):
        written(stocked, export, Lock(key=KEY))


def test_in_the_clear_only_where_both_said_so(stocked: Walk) -> None:
    export = asked(stocked)
    approved(stocked, export)
    with pytest.raises(Denied, match="clear"):
        written(stocked, export, Lock())
    with pytest.raises(Invalid, match="not be encrypted"):
        approved(stocked, asked(stocked, clear=True))


def test_after_a_day_the_occasion_is_over(stocked: Walk) -> None:
    export = asked(stocked)
    late = approved(stocked, asked(stocked))
    stocked.clock.move(days=1)
    with pytest.raises(Conflict):
        approved(stocked, export)
    with pytest.raises(Conflict):
        written(stocked, late, Lock(key=KEY))


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"reason": " "}, Invalid),
        ({"person": ""}, Invalid),
        ({"serials": ()}, Invalid),
        ({"serials": ("EX-1", "none")}, NotFound),
    ],
    ids=["reason", "person", "nothing", "unknown"],
)
def test_who_asks_says_what_and_why(stocked: Walk, changes: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        asked(stocked, **changes)


@pytest.mark.parametrize(
    "lock", [{"key": Secret(bytes(16))}, {"password": Secret(b"short")}, {"key": KEY, "password": PASSWORD}]
)
def test_a_weak_lock_is_no_lock(lock: dict[str, Secret]) -> None:
    with pytest.raises(Invalid):
        Lock(**lock)
