import contextlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from otpward.core.errors import Invalid, OtpwardError
from otpward.core.formats.detect import read_seed_file
from otpward.core.formats.faults import SeedFileFault, UnknownSeedFile
from otpward.core.formats.oath_csv import read_oath_csv
from otpward.core.formats.pskc import read_pskc
from otpward.core.formats.records import SeedFormat
from otpward.core.secret import Secret
from tests.vectors.rows import VECTORS, octets

KEY = Secret(bytes.fromhex("12345678901234567890123456789012"))
HEX = b"3132333435363738393031323334353637383930"
CSV = b"S1," + HEX + b",TOTP,6,30\nS2;" + HEX + b";HOTP;6;0;SHA256\n"
FIGURE_3 = octets("rfc6030/rfc6030-fig03-supplementary.xml")
FILES = sorted(path.relative_to(VECTORS).as_posix() for path in VECTORS.glob("*/*.xml"))
SHOWN_SEEDS = ("1234567890", HEX.decode(), "MTIzNDU2Nzg5", "MTIz")


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (FIGURE_3, SeedFormat.PSKC),
        (b"\xef\xbb\xbf" + FIGURE_3, SeedFormat.PSKC),
        (FIGURE_3.decode().replace("UTF-8", "UTF-16").encode("utf-16"), SeedFormat.PSKC),
        (CSV, SeedFormat.OATH_CSV),
        (b"\xef\xbb\xbf" + CSV, SeedFormat.OATH_CSV),
        (b"# delivery 7\n\n" + CSV, SeedFormat.OATH_CSV),
        (b"broken, first, line, of, it\n" + CSV, SeedFormat.OATH_CSV),
    ],
    ids=["pskc", "pskc-bom", "pskc-utf16", "csv", "csv-bom", "csv-comment", "csv-bad-first-line"],
)
def test_the_content_says_what_it_is(data: bytes, kind: SeedFormat) -> None:
    result = read_seed_file(data)
    assert result.format is kind
    assert result.records


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" \r\n ",
        b"\x00",
        bytes(range(256)) * 20,
        b"%PDF-1.7 and so on",
        b"Dear customer, here are your tokens, with best regards.",
        b"{}",
        b"<html><body>Not found</body></html>",
    ],
    ids=["empty", "blank", "nul", "binary", "pdf", "letter", "json", "html"],
)
def test_a_file_of_another_kind_is_refused_in_a_sentence(data: bytes) -> None:
    with pytest.raises(UnknownSeedFile) as caught:
        read_seed_file(data)
    assert len(str(caught.value)) > 10
    assert isinstance(caught.value, Invalid)


def test_a_file_that_is_too_large_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("otpward.core.formats.reading.FILE_MAX_OCTETS", 10)
    for read in (read_seed_file, read_pskc, read_oath_csv):
        with pytest.raises(UnknownSeedFile, match="larger"):
            read(FIGURE_3)


def test_too_many_keys_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("oath_csv", "pskc.container"):
        monkeypatch.setattr(f"otpward.core.formats.{module}.KEYS_MAX", 1)
    for data in (octets("rfc6030/rfc6030-fig10-bulk.xml"), CSV + CSV):
        with pytest.raises(SeedFileFault, match="more than 1 "):
            read_seed_file(data)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(
    "key", [None, KEY, Secret(bytes(range(16))), Secret(bytes(range(32)))], ids=["none", "right", "other", "long"]
)
def test_nothing_that_is_said_of_a_file_repeats_a_seed(name: str, key: Secret | None) -> None:
    fault: SeedFileFault | None = None
    try:
        result = read_seed_file(octets(name), key=key, accept_unverified_signature=True)
        said = f"{[error.message for error in result.refused]} {[record.seed for record in result.records]}"
    except SeedFileFault as caught:
        fault = caught
        said = f"{fault!s} {fault!r} {fault.args}"
    assert fault is None or fault.__suppress_context__ or fault.__context__ is None
    for seed in SHOWN_SEEDS:
        assert seed not in said


@given(st.binary(max_size=300))
@example(b"<?xml version='1.0' encoding='big5'?><a/>")
@example(b"<?xml version='1.0' encoding='no-such'?><a/>")
@example(b"\xff\xfe<\x00")
@example(b"<a>&undefined;</a>")
def test_any_octets_are_read_or_refused(data: bytes) -> None:
    for read in (read_seed_file, read_pskc, read_oath_csv):
        with contextlib.suppress(OtpwardError):
            read(data)


@given(
    name=st.sampled_from(FILES),
    at=st.floats(0, 1, exclude_max=True),
    cut=st.integers(0, 40),
    put=st.one_of(
        st.binary(max_size=6), st.sampled_from([b"<Secret>", b"<PlainValue>", b"-1", b"&#0;", b"]]>", b"<!--", b"\xff"])
    ),
)
def test_a_changed_file_is_read_or_refused(name: str, at: float, cut: int, put: bytes) -> None:
    data = octets(name)
    place = int(at * len(data))
    changed = data[:place] + put + data[place + cut :]
    with contextlib.suppress(OtpwardError):
        read_seed_file(changed, key=KEY, accept_unverified_signature=True)


@given(
    lines=st.lists(
        st.lists(st.sampled_from(["S1", "", HEX.decode(), "totp", "HOTP", "6", "30", "-1", '"', "sha1", "#", "ſ"]), max_size=7)
    )
)
def test_any_lines_are_all_accounted_for(lines: list[list[str]]) -> None:
    text = "\n".join(["S0," + HEX.decode() + ",TOTP,6,30", *(",".join(cells) for cells in lines)])
    result = read_oath_csv(text.encode())
    taken = {record.row for record in result.records} | {error.row for error in result.refused}
    meaningful = {
        row for row, line in enumerate(text.split("\n"), start=1) if line.strip() and not line.strip().startswith("#")
    }
    assert taken == meaningful
