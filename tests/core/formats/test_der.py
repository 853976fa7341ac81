import contextlib
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from otpward.core.formats.der import DEPTH_MAX, Element, Fields, NotDer, Tag, encode_der, read_der

LIMIT = 32 * 1024


def read(octets: str) -> Element:
    return read_der(bytes.fromhex(octets), octets_max=LIMIT)


@pytest.mark.parametrize(
    "octets",
    [
        "",
        "30",
        "3081",
        "3001",
        "308000",
        "30800000",
        "308105" + "00" * 5,
        "30820010" + "00" * 16,
        "3083000001",
        "308500000000" + "01" + "00",
        "30ff",
        "1f01",
        "3f8101",
        "0000",
        "050000",
        "30000500",
    ],
)
def test_what_is_not_der_is_refused(octets: str) -> None:
    with pytest.raises(NotDer):
        read(octets)


@pytest.mark.parametrize("octets", ["0200", "02020001", "020200 7f", "0202ff80", "0222" + "01" * 34, "0a0101"])
def test_an_integer_has_one_form(octets: str) -> None:
    with pytest.raises(NotDer):
        read(octets).integer()


@given(st.integers(-(2**255), 2**255 - 1))
def test_an_integer_comes_back(number: int) -> None:
    size = (number + (number < 0)).bit_length() // 8 + 1
    assert read_der(encode_der(Tag.INTEGER, number.to_bytes(size, signed=True)), octets_max=99).integer() == number


@pytest.mark.parametrize(
    ("octets", "dotted"),
    [
        ("06092a864886f70d010702", "1.2.840.113549.1.7.2"),
        ("060a2a831a8c9a440a010101", "1.2.410.200004.10.1.1.1"),
        ("0603550403", "2.5.4.3"),
        ("06028837", "2.999"),
        ("060127", "0.39"),
    ],
)
def test_an_object_identifier_is_read(octets: str, dotted: str) -> None:
    assert read(octets).oid() == dotted


@pytest.mark.parametrize("octets", ["0600", "060180", "06022a80", "06038001 01", "06042a800101", "0641" + "01" * 65, "0401aa"])
def test_an_object_identifier_has_one_form(octets: str) -> None:
    with pytest.raises(NotDer):
        read(octets).oid()


@pytest.mark.parametrize(
    ("text", "tag", "at"),
    [
        (b"261123030000Z", Tag.UTC_TIME, datetime(2026, 11, 23, 3, tzinfo=UTC)),
        (b"500101000000Z", Tag.UTC_TIME, datetime(1950, 1, 1, tzinfo=UTC)),
        (b"20501123030000Z", Tag.GENERALIZED_TIME, datetime(2050, 11, 23, 3, tzinfo=UTC)),
    ],
)
def test_a_time_is_read(text: bytes, tag: Tag, at: datetime) -> None:
    assert Element(tag, text, b"").moment() == at


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        (b"2611230300Z", Tag.UTC_TIME),
        (b"261123030000+0900", Tag.UTC_TIME),
        (b"261323030000Z", Tag.UTC_TIME),
        (b"261123030060Z", Tag.UTC_TIME),
        (b"20261123030000.5Z", Tag.GENERALIZED_TIME),
        (b"00001123030000Z", Tag.GENERALIZED_TIME),
        (b"261123030000Z", Tag.OCTET_STRING),
        (b"", Tag.UTC_TIME),
        ("2６1123030000Z".encode(), Tag.UTC_TIME),
    ],
)
def test_a_time_has_one_form(text: bytes, tag: Tag) -> None:
    with pytest.raises(NotDer):
        Element(tag, text, b"").moment()


def test_a_set_has_one_order() -> None:
    one, two = encode_der(2, b"\1"), encode_der(2, b"\2")
    assert len(read_der(encode_der(0x31, one + two), octets_max=99).set_of()) == 2
    for wrong in (two + one, one + one):
        with pytest.raises(NotDer, match="order"):
            read_der(encode_der(0x31, wrong), octets_max=99).set_of()


def test_a_sequence_is_taken_to_its_end() -> None:
    fields = read("30060201010201 02").sequence()
    assert [fields.take().integer(), fields.take_if(Tag.OID)] == [1, None]
    with pytest.raises(NotDer, match="long"):
        fields.end()
    assert fields.take_if(Tag.INTEGER) is not None
    fields.end()
    with pytest.raises(NotDer, match="short"):
        fields.take()
    assert fields.take_if(Tag.INTEGER) is None


def test_text_is_utf8() -> None:
    assert read_der(encode_der(Tag.UTF8, "홍길동".encode()), octets_max=99).text() == "홍길동"
    with pytest.raises(NotDer):
        read("0c01ff").text()


def test_a_megabyte_is_not_looked_at() -> None:
    with pytest.raises(NotDer, match="large"):
        read_der(encode_der(0x30, bytes(1024 * 1024)), octets_max=LIMIT)


def test_many_elements_are_refused() -> None:
    with pytest.raises(NotDer, match="many"):
        read_der(encode_der(0x30, b"\5\0" * 9000), octets_max=LIMIT).sequence()


def test_a_deep_nesting_is_refused_where_it_becomes_too_deep() -> None:
    octets = b""
    for _ in range(5000):
        octets = encode_der(0x30, octets)
    element = read_der(octets, octets_max=LIMIT)
    for _ in range(DEPTH_MAX):
        element = element.parts(0x30)[0]
    with pytest.raises(NotDer, match="deep"):
        element.parts(0x30)


@pytest.mark.parametrize("size", [0, 1, 127, 128, 255, 256, 65535, 65536])
def test_what_is_written_is_read(size: int) -> None:
    element = read_der(encode_der(0x04, bytes(size)), octets_max=99999)
    assert element.octets() == bytes(size)


TAKERS: list[Callable[[Element], object]] = [
    Element.integer,
    Element.oid,
    Element.octets,
    Element.text,
    Element.moment,
    Element.sequence,
    Element.set_of,
    lambda element: element.inner(Tag.CONTEXT_0),
]


def walk(element: Element) -> None:
    """Take everything as everything, all the way down."""
    for take in TAKERS:
        with contextlib.suppress(NotDer):
            take(element)
    with contextlib.suppress(NotDer):
        for child in element.parts(element.tag):
            walk(child)


SIMPLE = st.builds(encode_der, st.sampled_from([1, 2, 3, 4, 5, 6, 0x0C, 0x17, 0x18, 0x80]), st.binary(max_size=12))
NESTED = st.recursive(
    SIMPLE,
    lambda inner: st.builds(
        lambda tag, parts: encode_der(tag, b"".join(parts)),
        st.sampled_from([0x30, 0x31, 0xA0, 0xA1]),
        st.lists(inner, max_size=4),
    ),
    max_leaves=20,
)


@given(st.one_of(st.binary(max_size=200), NESTED))
@example(b"\x30\x80\x30\x80\x00\x00\x00\x00")
@example(b"\x30\x84\xff\xff\xff\xff")
def test_any_octets_are_der_or_refused(octets: bytes) -> None:
    with contextlib.suppress(NotDer):
        element = read_der(octets, octets_max=LIMIT)
        assert element.whole == octets
        walk(element)


@given(NESTED, st.data())
def test_changed_der_is_read_or_refused(octets: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(octets) - 1))
    changed = octets[:at] + data.draw(st.binary(max_size=3)) + octets[at + data.draw(st.integers(0, 3)) :]
    with contextlib.suppress(NotDer):
        walk(read_der(changed, octets_max=LIMIT))


def test_fields_of_nothing_end_at_once() -> None:
    Fields(()).end()
