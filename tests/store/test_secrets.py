"""What must not be readable is not: neither in the files of the database nor in a full read of its tables."""

import base64
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import argon2
import pytest
import sqlalchemy as sa

from otpward.clerk.tokens import open_seed
from otpward.core.errors import SealBroken
from otpward.core.model.loss import LossKind
from otpward.ports.desk import House
from otpward.services.report_loss.report_loss import ReportLoss, report_loss
from otpward.store import tables
from otpward.store.engine import open_engine
from tests.fakes.house import sql_house, sqlite_engine
from tests.fakes.sample import PASSWORD, PHONE, Sample, make_sample, seed_of

NAMES = ("홍길동", "김하나", "김창구")
PHONES = (PHONE, "+821055501102", "+821055501121")
MAILS = ("m1001@member.example", "m1002@member.example", "teller@member.example")


class QuickPasswords:
    """argon2id as the product uses it, with less work."""

    hasher = argon2.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)

    def hash(self, password: str) -> str:
        return self.hasher.hash(password)

    def verify(self, stored: str, password: str) -> bool:
        return self.hasher.verify(stored, password)


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sa.Engine]:
    made = sqlite_engine(tmp_path) if request.param == "sqlite" else open_engine(request.getfixturevalue("postgres_url"))
    yield made
    made.dispose()


@pytest.fixture
def house(engine: sa.Engine) -> House:
    return replace(sql_house(engine), passwords=QuickPasswords())


@pytest.fixture
def sample(house: House) -> Sample:
    """The sample, and a loss report, so that addresses stand in notices too."""
    made = make_sample(house)
    ask = ReportLoss(
        institution_id=made.institution.id,
        login="m1001",
        phone="010-5550-1101",
        kind=LossKind.LOST,
        phone_lost=False,
        browser=b"b" * 32,
        once="once",
        source="192.0.2.7",
    )
    house.do(made.institution.id, lambda desk: report_loss(ask, desk=desk))
    return made


def hidden() -> dict[str, bytes]:
    """Every form in which a seed or a fact about a person could stand somewhere."""
    found: dict[str, bytes] = {}
    for number in range(8):
        seed = seed_of(number)
        forms = {
            "raw": seed,
            "hex": seed.hex().encode(),
            "base32": base64.b32encode(seed).rstrip(b"="),
            "base64": base64.b64encode(seed).rstrip(b"=")[:-1],
            "urlsafe": base64.urlsafe_b64encode(seed).rstrip(b"=")[:-1],
        }
        found |= {f"seed {number} {form}": octets for form, octets in forms.items()}
    for text in (
        *NAMES,
        *PHONES,
        *MAILS,
        PASSWORD,
        PHONES[0].removeprefix("+82"),
        "1980-01-02",
        "01055501101",
        "010-5550-1101",
    ):
        found |= {f"{text} {code}": text.encode(code) for code in ("utf-8", "utf-16-le", "cp949")}
    return found


def everything(engine: sa.Engine) -> bytes:
    """Every value of every table, DBOS's too, as a dump would have it: octets as octets and as hexadecimal."""
    octets = bytearray()
    look = sa.inspect(engine)
    schemas = [None] if engine.name == "sqlite" else ["public", "dbos"]
    with engine.connect() as connection:
        for schema in schemas:
            for name in look.get_table_names(schema=schema) if schema is None or schema in look.get_schema_names() else []:
                where = f'"{schema}"."{name}"' if schema else f'"{name}"'
                for row in connection.exec_driver_sql(f"SELECT * FROM {where}"):
                    for value in row:
                        if isinstance(value, bytes | memoryview):
                            octets += bytes(value) + b"\n" + bytes(value).hex().encode()
                        else:
                            octets += str(value).encode()
                        octets += b"\n"
    return bytes(octets)


def test_no_seed_and_no_person_can_be_read_from_the_tables(engine: sa.Engine, sample: Sample) -> None:
    dump = everything(engine)
    assert sample.in_use.encode() in dump, "serial numbers are no secret, and show that this dump is one"
    assert b"m1001" in dump
    lower = dump.lower()
    assert [what for what, octets in hidden().items() if octets in dump or octets.lower() in lower] == []


def test_no_seed_and_no_person_can_be_read_from_the_files(
    sample: Sample, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if "postgresql" in request.node.callspec.id:
        request.getfixturevalue("engine").dispose()
        folder = request.getfixturevalue("postgres_server").folder / "data"
        with sa.create_engine(request.getfixturevalue("postgres_url")).connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(sa.text("CHECKPOINT"))
            oid = connection.execute(sa.text("SELECT oid FROM pg_database WHERE datname = current_database()")).scalar()
            connection.invalidate()
        files = [*(folder / "base" / str(oid)).iterdir(), *(folder / "pg_wal").glob("0*")]
    else:
        files = [tmp_path / "test.db", tmp_path / "test.db-wal"]
    secrets, seen = hidden(), False
    for file in files:
        octets = file.read_bytes()
        seen = seen or sample.in_use.encode() in octets
        assert [what for what, one in secrets.items() if one in octets] == [], file.name
    assert seen, "these are the files that hold the tokens"


def seeds(engine: sa.Engine) -> dict[UUID, bytes]:
    with engine.connect() as connection:
        return {row.id: row.seed for row in connection.execute(sa.select(tables.token.c.id, tables.token.c.seed))}


def test_the_same_seed_is_sealed_anew_each_time(engine: sa.Engine, house: House, sample: Sample) -> None:
    make_sample(house, code="other")
    sealed = seeds(engine)
    assert len(sealed) == 16
    assert len(set(sealed.values())) == 16


def put(engine: sa.Engine, table: sa.Table, key: UUID, **values: object) -> None:
    with engine.begin() as connection:
        assert connection.execute(sa.update(table).where(table.c.id == key).values(**values)).rowcount == 1


def two_tokens(house: House, sample: Sample) -> tuple[UUID, UUID]:
    one, other = (house.look(sample.institution.id, lambda uow, s=s: uow.tokens.first(serial=s)) for s in ("SN-00", "SN-02"))  # type: ignore[misc]
    assert one is not None
    assert other is not None
    return one.id, other.id


def reveal(house: House, sample: Sample, token_id: UUID) -> bytes:
    desk = house.desk(sample.institution.id)
    token = house.look(sample.institution.id, lambda uow: uow.tokens.get(token_id))
    return open_seed(token, desk=desk).reveal()


def test_a_seed_opens_in_its_own_row_only(engine: sa.Engine, house: House, sample: Sample) -> None:
    mine, other = two_tokens(house, sample)
    assert reveal(house, sample, mine) == seed_of(0)
    put(engine, tables.token, mine, seed=seeds(engine)[other])
    with pytest.raises(SealBroken):
        reveal(house, sample, mine)


def test_a_seed_does_not_open_in_another_institution(engine: sa.Engine, house: House, sample: Sample) -> None:
    there = make_sample(house, code="other")
    mine, _ = two_tokens(house, sample)
    theirs, _ = two_tokens(house, there)
    put(engine, tables.token, theirs, seed=seeds(engine)[mine])
    with pytest.raises(SealBroken):
        reveal(house, there, theirs)


@pytest.mark.parametrize("at", [0, 1, 4, 5, 16, 17, 30, -17, -1], ids=str)
def test_a_changed_octet_breaks_the_seal(engine: sa.Engine, house: House, sample: Sample, at: int) -> None:
    mine, _ = two_tokens(house, sample)
    octets = bytearray(seeds(engine)[mine])
    octets[at] ^= 1
    put(engine, tables.token, mine, seed=bytes(octets))
    with pytest.raises(SealBroken):
        reveal(house, sample, mine)


@pytest.mark.parametrize("length", [0, 1, 16, 17, 32], ids=str)
def test_a_shortened_seal_is_broken_and_nothing_worse(engine: sa.Engine, house: House, sample: Sample, length: int) -> None:
    mine, _ = two_tokens(house, sample)
    put(engine, tables.token, mine, seed=seeds(engine)[mine][:length])
    with pytest.raises(SealBroken):
        reveal(house, sample, mine)


def test_a_fact_about_a_person_opens_in_its_own_field_and_row_only(engine: sa.Engine, house: House, sample: Sample) -> None:
    people = tables.member_table
    with engine.connect() as connection:
        row = connection.execute(sa.select(people).where(people.c.id == sample.member.id)).one()
        stranger = connection.execute(sa.select(people).where(people.c.id == sample.other.id)).one()

    def look() -> object:
        return house.look(sample.institution.id, lambda uow: uow.members.get(sample.member.id))

    moves = (
        {"name": row.email},
        {"phone": stranger.phone},
        {"data_key": stranger.data_key},
        {"data_key": stranger.data_key, "name": stranger.name, "phone": stranger.phone, "email": stranger.email},
    )
    for moved in moves:
        put(engine, people, sample.member.id, **moved)
        with pytest.raises(SealBroken):
            look()
        put(engine, people, sample.member.id, **{name: getattr(row, name) for name in moved})
        look()


def test_destroying_a_members_key_erases_what_is_known_of_them(engine: sa.Engine, house: House, sample: Sample) -> None:
    put(engine, tables.member_table, sample.member.id, data_key=None)
    member = house.look(sample.institution.id, lambda uow: uow.members.get(sample.member.id))
    assert [field.reveal() for field in (member.name, member.phone, member.email, member.birth_date)] == [""] * 4
    other = house.look(sample.institution.id, lambda uow: uow.members.get(sample.other.id))
    assert other.name.reveal() == "김하나"
    notices = house.look(sample.institution.id, lambda uow: uow.notices.find(member_id=sample.member.id))
    assert notices
    assert {(notice.recipient.reveal(), notice.text.reveal()) for notice in notices} == {("", "")}
