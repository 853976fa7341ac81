"""Pictures of papers in the database: sealed while they are kept, and gone from its files once they are erased."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from otpward.core.lifecycle.document import DocumentState
from otpward.core.model.consent import Purpose
from otpward.core.model.document import LOOK_FOR, Document
from otpward.core.policy.papers import Paper
from otpward.core.secret import PersonalOctets
from otpward.ports.desk import House
from otpward.ports.documents import ReadPage, ReadPaper
from otpward.services.apply.erase_documents import erase_documents
from otpward.services.apply.send_document import SendDocument, send_document
from otpward.services.apply.start_application import StartApplication, start_application
from otpward.services.apply.take_reading import take_reading
from otpward.services.consent.give_consent import GiveConsent, give_consent
from otpward.store import tables
from otpward.store.engine import open_engine
from tests.fakes.house import sql_house, sqlite_engine
from tests.fakes.sample import Sample, make_sample
from tests.fakes.surroundings import FixedClock

PICTURE = b"\xff\xd8\xff" + bytes(range(256)) * 1200 + b"\xff\xd9"
"""As long as a page is: it spills over many pages of the database."""


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sa.Engine]:
    made = sqlite_engine(tmp_path) if request.param == "sqlite" else open_engine(request.getfixturevalue("postgres_url"))
    yield made
    made.dispose()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def house(engine: sa.Engine, clock: FixedClock) -> House:
    return sql_house(engine, clock)


@pytest.fixture
def sample(house: House) -> Sample:
    return make_sample(house)


def offered(sample: Sample) -> Document:
    """A picture that was read and waits for the member's word."""
    inside, member = sample.institution.id, sample.member
    do = sample.house.do
    begin = StartApplication(institution_id=inside, member_id=member.id, browser=b"b" * 32, source="test")
    case = do(inside, lambda desk: start_application(begin, desk=desk))
    agree = GiveConsent(
        institution_id=inside,
        member_id=member.id,
        purpose=Purpose.DOCUMENTS,
        words=1,
        kept=30,
        language="ko",
        browser=b"b" * 32,
        source="test",
    )
    do(inside, lambda desk: give_consent(agree, desk=desk))
    ask = SendDocument(case_id=case.id, member_id=member.id, item="id_card", paper=Paper.PASSPORT, source="test")
    document = do(inside, lambda desk: send_document(ask, desk=desk))
    page = ReadPage(picture=PersonalOctets(PICTURE), width=2000, height=1500, covers=3)
    return do(inside, lambda desk: take_reading(document.id, ReadPaper(pages=[page], sure=True), desk=desk))


def sealed(engine: sa.Engine) -> bytes:
    """The picture as it lies in its row."""
    with engine.connect() as connection:
        return bytes(connection.execute(sa.select(tables.document_page.c.picture)).scalar_one())


def octets_of(folder: Path) -> bytes:
    """Everything in the database's files, once what was written lies where it belongs."""
    with closing(sqlite3.connect(folder / "test.db")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return b"".join(file.read_bytes() for file in sorted(folder.glob("test.db*")))


def test_a_picture_comes_back_as_it_was_and_lies_sealed(engine: sa.Engine, sample: Sample) -> None:
    document = offered(sample)
    page = sample.house.look(sample.institution.id, lambda uow: uow.document_pages.first(document_id=document.id))
    assert page is not None
    assert page.picture.reveal() == PICTURE
    assert PICTURE[:64] not in sealed(engine)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_an_erased_picture_is_in_no_file_of_the_database(
    engine: sa.Engine, sample: Sample, clock: FixedClock, tmp_path: Path
) -> None:
    document = offered(sample)
    ciphertext = sealed(engine)
    pieces = [ciphertext[at : at + 64] for at in range(0, len(ciphertext) - 64, 997)]
    assert any(piece in octets_of(tmp_path) for piece in pieces), "or the search below would prove nothing"
    clock.at += LOOK_FOR + timedelta(seconds=1)
    assert sample.house.do(sample.institution.id, lambda desk: erase_documents(desk=desk)) == 1
    left = octets_of(tmp_path)
    assert not any(piece in left for piece in pieces)
    assert PICTURE[:64] not in left
    gone = sample.house.look(sample.institution.id, lambda uow: uow.documents.get(document.id))
    assert gone.state is DocumentState.ERASED


def test_a_picture_does_not_open_without_its_members_key(engine: sa.Engine, sample: Sample) -> None:
    document = offered(sample)
    with engine.begin() as connection:
        connection.execute(sa.update(tables.member_table).values(data_key=None))
    page = sample.house.look(sample.institution.id, lambda uow: uow.document_pages.first(document_id=document.id))
    assert page is not None
    assert page.picture.reveal() == b""
