"""What the vendor writes is RFC 6030, and our own door reads it."""

import base64
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from defusedxml.ElementTree import fromstring

from otpward.core.errors import Invalid
from otpward.core.formats.detect import read_seed_file
from otpward.core.formats.faults import SeedFileFault
from otpward.core.oath.totp import totp
from otpward.core.secret import Secret
from otpward.sandbox.drawer import devices
from otpward.sandbox.factory import BANK, BOX, SIGNER, make_devices, put_stock, sealed, stamped
from tests.sandbox.conftest import fixed_entropy

KEY = Secret(bytes.fromhex("12345678901234567890123456789012"))
RFC6030 = Path(__file__).parents[1] / "vectors" / "rfc6030" / "rfc6030-fig06-aes128-preshared.xml"


def test_a_value_is_sealed_and_stamped_as_in_figure_6() -> None:
    words = [(element.text or "").strip() for element in fromstring(RFC6030.read_bytes()).iter()]
    ciphers = [base64.b64decode(word) for word in words if word.endswith(("DUpxVvOx2lef1VmNPCMl8jwZqIUqGv", "R7I5wSX"))]
    mac_key = Secret(bytes.fromhex("1122334455667788990011223344556677889900"))
    for value, cipher in zip((mac_key, Secret(b"12345678901234567890")), ciphers, strict=True):
        assert sealed(value, key=KEY, iv=cipher[:16]) == cipher
    assert base64.b64encode(stamped(ciphers[1], mac_key=mac_key)).decode() == "Su+NvtQfmvfJzF6bmQiJqoLRExc="


def test_the_file_is_read_through_the_real_door() -> None:
    result = read_seed_file(make_devices(25, key=KEY, entropy=fixed_entropy(), serial_start=2_600_000_001), key=KEY)
    assert result.refused == ()
    assert [record.serial for record in result.records] == [str(2_600_000_001 + place) for place in range(25)]
    for record, model in zip(result.records, BOX * 3, strict=False):
        assert record.seed is not None
        assert record.usable
        assert (record.model, record.digits, len(record.seed)) == (model.name, model.digits, model.seed_octets)
        assert (record.period_s or 0, record.algorithm.value.upper()) == (model.period_s, model.algorithm)
        assert record.counter == (None if model.period_s else 0)
    assert len({record.seed.reveal() for record in result.records if record.seed}) == 25


def test_a_token_that_answers_questions_is_read_through_the_real_door() -> None:
    file = make_devices(2, key=KEY, entropy=fixed_entropy(), box=(SIGNER, BANK))
    signer, usual = read_seed_file(file, key=KEY).records
    assert (signer.model, signer.suite, signer.digits, signer.usable) == ("KQ-8", SIGNER.suite, 8, True)
    assert (usual.model, usual.kind) == ("KF-60", "totp")


def test_no_seed_lies_open_in_the_file() -> None:
    file = make_devices(10, key=KEY, entropy=fixed_entropy())
    for record in read_seed_file(file, key=KEY).records:
        assert record.seed is not None
        seed = record.seed.reveal()
        assert not [
            form for form in (seed, base64.b64encode(seed), base64.b32encode(seed), seed.hex().encode()) if form in file
        ]


def test_the_same_entropy_makes_the_same_file() -> None:
    assert make_devices(5, key=KEY, entropy=fixed_entropy()) == make_devices(5, key=KEY, entropy=fixed_entropy())


def test_another_key_does_not_open_it() -> None:
    with pytest.raises(SeedFileFault):
        read_seed_file(make_devices(2, key=KEY, entropy=fixed_entropy()), key=Secret(bytes(16)))


@pytest.mark.parametrize(
    ("count", "key", "serial_start"),
    [(1, Secret(bytes(15)), 1), (0, KEY, 1), (1, KEY, 0), (2, KEY, 10**10 - 1)],
    ids=["short key", "no tokens", "serial zero", "serial too long"],
)
def test_what_cannot_be_made_is_refused(count: int, key: Secret, serial_start: int) -> None:
    with pytest.raises(Invalid):
        make_devices(count, key=key, entropy=fixed_entropy(), serial_start=serial_start)


def test_the_stock_is_for_its_owner_only(tmp_path: Path) -> None:
    seed_file = put_stock(tmp_path, 3, entropy=fixed_entropy())
    assert len(devices(tmp_path)) == 3
    assert {file.stat().st_mode & 0o777 for file in (seed_file, tmp_path / "transport.key")} == {0o600}


def test_a_new_stock_is_seen_without_a_restart(tmp_path: Path) -> None:
    assert devices(tmp_path) == {}
    put_stock(tmp_path, 1, entropy=fixed_entropy())
    assert list(devices(tmp_path)) == ["2600000001"]
    put_stock(tmp_path, 2, entropy=fixed_entropy(), serial_start=7)
    assert list(devices(tmp_path)) == ["0000000007", "0000000008"]


def test_a_token_of_the_file_makes_the_code_of_its_seed(folder: Path) -> None:
    token = devices(folder)["2600000009"]
    code = totp(token.seed, datetime(2026, 11, 23, tzinfo=UTC), algorithm=token.algorithm, period_s=token.period_s)
    assert len(code) == 6
    assert json.loads((folder / "holders.json").read_text(encoding="utf-8"))["2600000009"]
