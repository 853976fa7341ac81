"""Seed files at the console: looked at row by row, taken in, taken back; sealed while they wait, and no key anywhere."""

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

import httpx
import pytest

from otpward.adapters.seeds.openpgp import open_any
from otpward.adapters.seeds.sealed import SealedFolder
from otpward.core.formats.pskc.writing import Lock, write_pskc
from otpward.core.formats.records import KeyKind, SeedRecord
from otpward.core.model.member import Role
from otpward.core.model.seed_upload import UploadState
from otpward.core.oath.model import Algorithm
from otpward.core.secret import Secret
from otpward.edges.http.seed_room import SeedRoom
from tests.edges.http.console.staffed import another_branch, appoint, sit
from tests.fakes.house import ENTROPY
from tests.fakes.sample import Sample, seed_of
from tests.vectors.keys import private_key_pem
from tests.vectors.rows import VECTORS

PATH = "/console/stock/import"
PASSWORD = "open-the-box-7"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "waiting"


@pytest.fixture
def seeds(sample: Sample, folder: Path) -> Iterator[SeedRoom]:
    room = SeedRoom(sample.house, SealedFolder(folder, sample.house.vault), open_any)
    yield room
    room.close()


@pytest.fixture
def keeper(browser: Any, sample: Sample) -> Any:
    sit(browser, sample, appoint(sample, Role.STOCK))
    return browser


def rows(*numbers: int) -> bytes:
    return "".join(f"SN-{number:02d},{seed_of(number).hex()},totp,6,60\n" for number in numbers).encode()


def encrypted() -> bytes:
    record = SeedRecord(
        row=1, serial="PK-1", kind=KeyKind.TOTP, algorithm=Algorithm.SHA1, digits=6, seed=Secret(seed_of(9)), period_s=60
    )
    return b"".join(write_pskc(iter([record]), Lock(password=Secret(PASSWORD.encode())), entropy=ENTROPY.octets))


def signed() -> bytes:
    return (VECTORS / "rfc6030/own-signed-rsa-sha256.xml").read_bytes()


def send(
    browser: Any, data: bytes, name: str = "seeds.csv", openers: Mapping[str, bytes] = MappingProxyType({}), **fields: str
) -> httpx.Response:
    csrf = browser.get(PATH).text.partition('name="csrf" value="')[2].partition('"')[0]
    files = {"file": (name, data), **{field: ("opener", octets) for field, octets in openers.items()}}
    answer: httpx.Response = browser.post(PATH, {"csrf": csrf, "doubles": "refuse", **fields}, files=files)
    return answer


def settled(browser: Any, page: httpx.Response) -> str:
    """The page when the thread behind it is done."""
    for _ in range(150):
        if "refresh" not in page.headers:
            break
        time.sleep(0.02)
        page = browser.get(page.url.path)
    assert page.status_code == 200
    text: str = page.text
    return text


def test_a_file_is_looked_at_taken_in_and_taken_back(keeper: Any, sample: Sample, folder: Path) -> None:
    page = send(keeper, rows(30, 31, 2) + b"SN-40,xyz,totp,6,60\n" + b"\n" * 100_000, branch="main")
    where = page.url.path
    text = settled(keeper, page)
    assert "Take 2 in" in text
    assert "Its serial number is here already" in text
    assert "Its seed is damaged" in text
    assert "SN-30" in text
    assert b"SN-30" not in next(folder.iterdir()).read_bytes()
    assert sample.house.look(sample.institution.id, lambda uow: uow.tokens.first(serial="SN-30")) is None
    done = settled(keeper, keeper.send(keeper.get(where), where, act="take"))
    assert "2 devices were taken in." in done
    assert not list(folder.iterdir())
    token = sample.house.look(sample.institution.id, lambda uow: uow.tokens.first(serial="SN-30"))
    assert token is not None
    listed = keeper.get(PATH)
    row = listed.text.partition("seeds.csv")[2]
    asked = keeper.get(f"{PATH}/undo?import={row.partition('/undo?import=')[2][:36]}")
    undone = keeper.send(asked, f"{PATH}/undo")
    assert "Taken back. Devices that were used since stayed." in undone.text
    assert sample.house.look(sample.institution.id, lambda uow: uow.tokens.first(serial="SN-30")) is None


def test_an_encrypted_file_asks_for_its_password_and_never_shows_it(keeper: Any, sample: Sample, capfd: Any) -> None:
    page = send(keeper, encrypted(), "box.pskc", branch="main")
    where = page.url.path
    assert "The file or its private key has a password. Enter it." in settled(keeper, page)
    wrong = keeper.send(keeper.get(where), where, act="open", password="not-this-one-1")
    assert "not-this-one-1" not in settled(keeper, wrong)
    right = keeper.send(keeper.get(where), where, act="open", password=PASSWORD)
    text = settled(keeper, right)
    assert "Take 1 in" in text
    assert PASSWORD not in text
    assert PASSWORD not in str(right.url)
    said = capfd.readouterr()
    assert PASSWORD not in said.out + said.err
    upload = sample.house.look(sample.institution.id, lambda uow: uow.uploads.first())
    assert upload is not None
    assert PASSWORD not in repr(upload)
    settled(keeper, keeper.send(keeper.get(where), where, act="take"))
    upload = sample.house.look(sample.institution.id, lambda uow: uow.uploads.first())
    assert upload is not None
    assert upload.opener.reveal() == ""


CERTIFICATE = (VECTORS / "rfc6030/test-cert.crt").read_bytes()
X509 = (VECTORS / "rfc6030/own-x509-rsa-oaep-mgf1p.xml").read_bytes()
OPENPGP = (VECTORS / "openpgp/for-a-key.gpg").read_bytes()
OPENPGP_KEY = (VECTORS / "openpgp/receiver.key").read_bytes()


@pytest.mark.parametrize(
    ("data", "asked", "field", "opener", "password", "taken"),
    [
        (X509, "Choose that key.", "private_key", private_key_pem(), "", 1),
        (signed(), "Choose the certificate of who signed it.", "signer", CERTIFICATE, "", 3),
        (OPENPGP, "Choose that key.", "private_key", OPENPGP_KEY, "sample-password", 2),
    ],
    ids=["x509", "signed", "openpgp"],
)
def test_a_key_or_certificate_is_sent_with_the_file_or_after_it(
    keeper: Any, folder: Path, data: bytes, asked: str, field: str, opener: bytes, password: str, taken: int
) -> None:
    at_once = settled(keeper, send(keeper, data, openers={field: opener}, password=password))
    assert f"Take {taken} in" in at_once
    page = send(keeper, data)
    where = page.url.path
    text = settled(keeper, page)
    assert asked in text
    assert " open><summary>" in text
    csrf = text.partition('name="csrf" value="')[2].partition('"')[0]
    fields = {"csrf": csrf, "act": "open", "password": password}
    again = settled(keeper, keeper.post(where, fields, files={field: ("k", opener)}))
    assert f"Take {taken} in" in again
    assert not any(opener[:40] in path.read_bytes() for path in folder.iterdir())


def test_two_seed_files_or_an_endless_key_are_no_form_of_ours(keeper: Any, folder: Path) -> None:
    csrf = keeper.get(PATH).text.partition('name="csrf" value="')[2].partition('"')[0]
    twice = [("file", ("a", rows(30))), ("file", ("b", rows(31)))]
    assert keeper.post(PATH, {"csrf": csrf}, files=twice).status_code == 403
    assert send(keeper, rows(30), openers={"private_key": bytes(70_000)}).status_code == 403
    sent = send(keeper, rows(30), openers={"signer": bytes(40_000)})
    assert (sent.status_code, "Too long" in sent.text) == (422, True)
    assert send(keeper, rows(30), private_key="no file").status_code == 422
    assert not list(folder.iterdir())


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "Choose a seed file"),
        (b"\x00\x01 nothing that anybody reads", "of no kind that is read here"),
        (b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><KeyContainer>&b;</KeyContainer>', "The file"),
        (b"<TKNBatch><TKNHeader/></TKNBatch>", "What to ask the vendor for stands below."),
        (b"-----BEGIN PGP MESSAGE-----\n", "The file is damaged or breaks the rules of its format."),
        (signed(), "The file is signed. Choose the certificate of who signed it."),
    ],
    ids=["empty", "noise", "entities", "rsa", "pgp", "signed"],
)
def test_a_file_that_cannot_be_read_is_told_in_a_sentence(keeper: Any, data: bytes, told: str) -> None:
    page = send(keeper, data)
    assert told in (page.text if page.status_code == 422 else settled(keeper, page))


def test_a_file_is_discarded_and_nothing_of_it_stays(keeper: Any, folder: Path) -> None:
    page = send(keeper, rows(30))
    settled(keeper, page)
    where = page.url.path
    assert "Discarded." in keeper.send(keeper.get(where), where, act="drop").text
    assert not list(folder.iterdir())
    late = keeper.post(where, {"csrf": keeper.get(PATH).text.partition('name="csrf" value="')[2][:40], "act": "take"})
    assert late.status_code == 409


def test_one_that_was_cut_off_goes_on(keeper: Any, sample: Sample, seeds: SeedRoom) -> None:
    page = send(keeper, rows(30, 31))
    where = page.url.path
    settled(keeper, page)

    def cut(uow: Any) -> None:
        upload = uow.uploads.first()
        uow.uploads.save(replace(upload, state=UploadState.TAKING, rows_done=1, beat_at=upload.beat_at - timedelta(minutes=5)))

    with sample.house.desk(sample.institution.id).uow as uow:
        cut(uow)
        uow.commit()
    stuck = keeper.get(where)
    assert "refresh" not in stuck.headers
    assert "It was cut off after 1 rows." in stuck.text
    keeper.send(stuck, where, act="go_on")
    told = "{}"
    for _ in range(150):
        upload = sample.house.look(sample.institution.id, lambda uow: uow.uploads.first())
        if upload is not None and upload.state is UploadState.DONE:
            told = upload.told
            break
        time.sleep(0.02)
    assert json.loads(told)["imported"] == 2


def test_three_wait_and_no_more(keeper: Any, folder: Path) -> None:
    for number in (30, 31, 32):
        settled(keeper, send(keeper, rows(number)))
    assert "Three files wait." in keeper.get(PATH).text
    assert send(keeper, rows(33)).status_code in {403, 409}
    assert len(list(folder.iterdir())) == 3


@pytest.mark.parametrize("role", [Role.BRANCH, Role.AUDITOR, Role.HELP_DESK])
def test_nobody_else_sends_one(browser: Any, sample: Sample, folder: Path, role: Role) -> None:
    sit(browser, sample, appoint(sample, role))
    assert browser.get(PATH).status_code == 403
    assert browser.post(PATH, {"csrf": "x"}, files={"file": ("a.csv", rows(30))}).status_code == 403
    assert not folder.exists()


def test_a_form_of_another_site_leaves_nothing_behind(keeper: Any, folder: Path) -> None:
    sent = keeper.post(PATH, {"csrf": "f" * 40}, files={"file": ("a.csv", rows(30))})
    assert sent.status_code == 403
    assert not list(folder.iterdir())


@pytest.mark.parametrize("key", ["xyz", "0" * 2000])
def test_a_transport_key_is_hexadecimal(keeper: Any, folder: Path, key: str) -> None:
    sent = send(keeper, rows(30), key=key)
    assert sent.status_code == 422
    assert "written in hexadecimal" in sent.text
    assert key not in sent.text
    assert not list(folder.iterdir())


def test_a_file_is_only_for_keepers_of_the_branch_that_sent_it(browser: Any, sample: Sample, folder: Path) -> None:
    elsewhere = appoint(sample, Role.STOCK, another_branch(sample).id)
    sit(browser, sample, appoint(sample, Role.STOCK, sample.branch.id))
    page = send(browser, rows(30), branch=sample.branch.code)
    where = page.url.path
    settled(browser, page)
    sit(browser, sample, elsewhere)
    assert "seeds.csv" not in browser.get(PATH).text
    assert browser.get(where).status_code == 403
    csrf = browser.get(PATH).text.partition('name="csrf" value="')[2][:40]
    for act in ("take", "open", "drop", "go_on"):
        assert browser.post(where, {"csrf": csrf, "act": act}).status_code == 403
    assert len(list(folder.iterdir())) == 1
    sit(browser, sample)
    assert "taken in." in settled(browser, browser.send(browser.get(where), where, act="take"))
    back = f"{PATH}/undo?import={browser.get(PATH).text.partition('/undo?import=')[2][:36]}"
    sit(browser, sample, elsewhere)
    assert "/undo?import=" not in browser.get(PATH).text
    assert browser.get(back).status_code == 403
    assert browser.post(f"{PATH}/undo", {"csrf": csrf, "import": back[-36:]}).status_code == 403
    assert sample.house.look(sample.institution.id, lambda uow: uow.tokens.first(serial="SN-30")) is not None
