"""What cannot be judged, sent as octets to a real server: a problem document each time, nothing counted, and never a fault."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chaos.site import codes, guesses
from chaos.wire import Answer, Wire, head, request
from otpward.services.oversee.create_api_key import create_api_key
from tests.edges.http.door import Door, open_door

TOKENS = 200
PROBLEM = "application/problem+json"
CODE = "12345678"


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with open_door(tmp_path_factory.mktemp("door"), TOKENS) as door:
        yield door


def assert_problem(answer: Answer, status: int) -> dict[str, Any]:
    """A document that says what is wrong, and no fault of ours."""
    assert answer.status == status, (answer.status, answer.body[:300])
    assert answer.headers["content-type"] == PROBLEM
    document: dict[str, Any] = answer.json
    assert document["status"] == status
    assert document["type"].startswith("urn:otpward:problem:")
    assert document["title"]
    return document


def naming(serial: str, **fields: Any) -> bytes:
    return json.dumps({"serial": serial} | fields).encode()


# {0} is the serial of a fresh token, whose first code each body carries where it carries a code at all: what is refused here
# would have been accepted in good order.
BODIES: dict[str, tuple[str | bytes, int, str | None]] = {
    "letters": ('{"serial": "{0}", "code": "l2345678"}', 422, "code"),
    "hyphen": ('{"serial": "{0}", "code": "1234-5678"}', 422, "code"),
    "arabic digits": ('{"serial": "{0}", "code": "١٢٣٤٥٦٧٨"}', 422, "code"),
    "superscript digits": ('{"serial": "{0}", "code": "¹²³⁴⁵⁶⁷⁸"}', 422, "code"),
    "right-to-left mark": ('{"serial": "{0}", "code": "\u200f{1}"}', 422, "code"),
    "five digits": ('{"serial": "{0}", "code": "12345"}', 422, "code"),
    "eleven digits": ('{"serial": "{0}", "code": "12345678901"}', 422, "code"),
    "10 kB of digits": ('{"serial": "{0}", "code": "' + "1" * 10240 + '"}', 422, "code"),
    "10 kB of spaces around": ('{"serial": "{0}", "code": "{1}' + " " * 10240 + '"}', 422, "code"),
    "only spaces": ('{"serial": "{0}", "code": "        "}', 422, "code"),
    "empty code": ('{"serial": "{0}", "code": ""}', 422, "code"),
    "nul in code": ('{"serial": "{0}", "code": "{1}\\u0000"}', 422, "code"),
    "lone surrogate in code": ('{"serial": "{0}", "code": "{1}\\ud800"}', 422, "code"),
    "number for code": ('{"serial": "{0}", "code": 12345678}', 422, "code"),
    "huge number for code": ('{"serial": "{0}", "code": 1e999}', 422, "code"),
    "true for code": ('{"serial": "{0}", "code": true}', 422, "code"),
    "null for code": ('{"serial": "{0}", "code": null}', 422, "code"),
    "list for code": ('{"serial": "{0}", "code": ["{1}"]}', 422, "code"),
    "object for code": ('{"serial": "{0}", "code": {"$eq": "{1}"}}', 422, "code"),
    "no code": ('{"serial": "{0}"}', 422, "code"),
    "both": ('{"serial": "{0}", "member": "v", "code": "{1}"}', 422, None),
    "neither": ('{"code": "{1}"}', 422, None),
    "null serial": ('{"serial": null, "code": "{1}"}', 422, None),
    "empty serial": ('{"serial": "", "code": "{1}"}', 422, "serial"),
    "long serial": ('{"serial": "' + "S" * 129 + '", "code": "{1}"}', 422, "serial"),
    "nul in serial": ('{"serial": "{0}\\u0000", "code": "{1}"}', 422, "serial"),
    "newline in serial": ('{"serial": "{0}\\n", "code": "{1}"}', 422, "serial"),
    "lone surrogate in serial": ('{"serial": "{0}\\udfff", "code": "{1}"}', 422, "serial"),
    "nul in member": ('{"member": "v\\u0000", "code": "{1}"}', 422, "member"),
    "lone surrogate in member": ('{"member": "v\\ud83d", "code": "{1}"}', 422, "member"),
    "number for serial": ('{"serial": 7, "code": "{1}"}', 422, "serial"),
    "unknown field": ('{"serial": "{0}", "code": "{1}", "pin": "1"}', 422, "pin"),
    "lone surrogate for a name": ('{"serial": "{0}", "code": "{1}", "\\ud800": 1}', 422, None),
    "code twice": ('{"serial": "{0}", "code": "12345678", "code": "{1}"}', 422, "code"),
    "serial twice": ('{"serial": "nobody", "serial": "{0}", "code": "{1}"}', 422, "serial"),
    "the same twice": ('{"serial": "{0}", "code": "{1}", "code": "{1}"}', 422, "code"),
    "serial twice, once escaped": ('{"serial": "nobody", "s\\u0065rial": "{0}", "code": "{1}"}', 422, "serial"),
    "not json": ("serial={0}&code={1}", 400, None),
    "half": ('{"serial": "{0}", "code": "{1}"', 400, None),
    "more behind": ('{"serial": "{0}", "code": "{1}"} {}', 400, None),
    "single quotes": ("{'serial': '{0}', 'code': '{1}'}", 400, None),
    "comma at the end": ('{"serial": "{0}", "code": "{1}",}', 400, None),
    "comment": ('{"serial": "{0}", "code": "{1}"} // why', 400, None),
    "raw newline in a text": ('{"serial": "{0}\n", "code": "{1}"}', 400, None),
    "bad escape": ('{"serial": "{0}", "code": "\\x31"}', 400, None),
    "nul octet": (b'{"serial": "\0", "code": "12345678"}', 400, None),
    "nul octets only": (b"\0" * 64, 400, None),
    "not utf-8": (b'{"serial": "\xff", "code": "12345678"}', 400, None),
    "utf-8 of a surrogate": (b'{"serial": "\xed\xa0\x80", "code": "12345678"}', 400, None),
    "overlong utf-8": (b'{"serial": "\xc0\x80", "code": "12345678"}', 400, None),
    "lists in lists": ("[" * 30000, 400, None),
    "lists in lists, closed": ("[" * 30000 + "]" * 30000, 400, None),
    "objects in objects": ('{"a":' * 10000, 400, None),
    "deep and closed": ('{"serial": "{0}", "code": ' + "[" * 20000 + "]" * 20000 + "}", 400, None),
    "a number of 20,000 digits": ('{"serial": "{0}", "code": ' + "1" * 20000 + "}", 400, None),
    "a list": ('["{0}", "{1}"]', 422, None),
    "a text": ('"{1}"', 422, None),
    "a number": ("0", 422, None),
    "null": ("null", 422, None),
}
EITHER = {
    "deep and closed",
    "lists in lists, closed",
    "a number of 20,000 digits",
    "newline in serial",
    "10 kB of spaces around",
    "utf-8 of a surrogate",
    "lone surrogate in code",
    "lone surrogate in serial",
    "lone surrogate in member",
    "lone surrogate for a name",
    "lists in lists",
    "objects in objects",
}
"""Malformed for one reader, of the wrong kind for another: 400 and 422 both say it."""
UNREADABLE = {"empty": b"", "spaces": b"   "}


def filled(body: str | bytes, serial: str) -> bytes:
    if isinstance(body, bytes):
        return body
    return body.replace("{0}", serial).replace("{1}", codes(serial, 1)[0]).encode()


@pytest.mark.parametrize("name", BODIES)
def test_a_body_that_says_nothing_is_a_problem_and_counts_against_nobody(door: Door, name: str) -> None:
    body, status, field = BODIES[name]
    serial = door.fresh()
    before = door.row(serial)
    answer = door.send(request(door.site.key, filled(body, serial)))
    document = assert_problem(answer, answer.status if name in EITHER and answer.status in {400, 422} else status)
    if field is not None and document["status"] == 422:
        assert document["field"] == field
    assert serial not in document.get("detail", "")
    assert door.row(serial) == before
    assert door.send(request(door.site.key, serial=serial, code=codes(serial, 1)[0])).reason == "accepted"


@pytest.mark.parametrize("name", UNREADABLE)
def test_no_body_is_a_problem(door: Door, name: str) -> None:
    answer = door.send(request(door.site.key, UNREADABLE[name]))
    assert answer.status in {400, 422}
    assert_problem(answer, answer.status)


def test_a_byte_order_mark_is_refused_or_overlooked(door: Door) -> None:
    serial = door.fresh()
    answer = door.send(request(door.site.key, b"\xef\xbb\xbf" + naming(serial, code=codes(serial, 1)[0])))
    if answer.status != 200:
        assert_problem(answer, 400)


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param(lambda code: f" {code} ", id="spaces around"),
        pytest.param(lambda code: f"{code[:4]} {code[4:]}", id="space within"),
        pytest.param("\u3000".join, id="wide spaces"),
        pytest.param(lambda code: "".join(chr(ord(digit) + 0xFEE0) for digit in code), id="full-width digits"),
    ],
)
def test_a_code_typed_as_people_do_is_the_code(door: Door, typed: Any) -> None:
    serial = door.fresh()
    assert door.send(request(door.site.key, serial=serial, code=typed(codes(serial, 1)[0]))).reason == "accepted"


@pytest.mark.parametrize("digits", [6, 7, 9, 10])
def test_a_code_of_another_length_is_refused_and_not_counted(door: Door, digits: int) -> None:
    """Some device has such codes, so it is a code; this one has not, so nothing was evaluated."""
    serial = door.fresh()
    before = door.row(serial)
    answer = door.send(request(door.site.key, serial=serial, code="1" * digits))
    assert (answer.status, answer.json["result"], answer.reason) == (200, "refused", "wrong_code")
    assert door.row(serial) == before


@pytest.mark.parametrize("whose", [{"serial": "no-such"}, {"serial": "b0 "}, {"member": "nobody"}, {"serial": "' OR 1=1 --"}])
def test_an_unknown_one_is_refused_as_any_other(door: Door, whose: dict[str, str]) -> None:
    serial = door.fresh()
    unknown = door.send(request(door.site.plain_key, code=CODE, **whose))
    wrong = door.send(request(door.site.plain_key, serial=serial, code=guesses(serial, 1)[0]))
    assert unknown.status == 200
    assert unknown.without_id() == wrong.without_id()


def expired(door: Door) -> str:
    gone = datetime.now(UTC) - timedelta(seconds=1)
    return door.house.do(door.inside, lambda desk: create_api_key(door.inside, frozenset({"verify"}), "old", gone, desk=desk))


@pytest.mark.parametrize("kind", ["none", "expired", "cut", "another's secret", "basic", "10 kB"])
def test_without_a_good_key_it_is_401_and_nothing_is_judged(door: Door, kind: str) -> None:
    serial = door.fresh()
    body = naming(serial, code=codes(serial, 1)[0])
    good, old = door.site.key, expired(door)
    key = {
        "none": "",
        "expired": old,
        "cut": good[:-1],
        "another's secret": "_".join([*good.split("_")[:2], old.split("_")[2]]),
        "basic": "x",
        "10 kB": "otpw_" + "x" * 10240,
    }[kind]
    before = door.row(serial)
    octets = request(key, body)
    if kind == "basic":
        octets = octets.replace(b"Bearer x", b"Basic dXNlcjpwYXNz")
    answer = door.send(octets)
    assert_problem(answer, 401)
    assert answer.headers["www-authenticate"] == "Bearer"
    assert door.row(serial) == before


def test_who_shows_no_key_does_not_learn_what_is_wrong_with_the_body(door: Door) -> None:
    """Otherwise everybody could make this server read JSON."""
    assert_problem(door.send(request("", b"{")), 401)


@pytest.mark.parametrize("size", [2**20, 64 * 1024 + 1])
def test_too_large_a_body_is_413_before_it_has_come(door: Door, size: int) -> None:
    with Wire(door.port) as wire:
        wire.send(head(door.site.key, size) + b" " * 1024)
        assert_problem(wire.read(), 413)


def chunks(*pieces: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)


def test_a_megabyte_in_chunks_is_413(door: Door) -> None:
    with Wire(door.port) as wire:
        wire.send(head(door.site.key, None, "Transfer-Encoding: chunked"))
        for _ in range(5):
            wire.send(chunks(b" " * 16384))
        assert_problem(wire.read(), 413)


def test_a_body_in_chunks_is_a_body(door: Door) -> None:
    serial = door.fresh()
    body = naming(serial, code=codes(serial, 1)[0])
    whole = chunks(*(bytes([octet]) for octet in body)) + b"0\r\n\r\n"
    assert door.send(head(door.site.key, None, "Transfer-Encoding: chunked") + whole).reason == "accepted"


@pytest.mark.parametrize("extra", ["Expect: 100-continue", "expect: 100-Continue"])
def test_who_expects_to_be_told_to_go_on_is_told(door: Door, extra: str) -> None:
    serial = door.fresh()
    body = naming(serial, code=codes(serial, 1)[0])
    with Wire(door.port) as wire:
        wire.send(head(door.site.key, len(body), extra))
        first = wire.read()
        assert first.status == 100
        wire.send(body)
        assert wire.read().reason == "accepted"


def test_who_expects_to_go_on_with_too_much_is_told_not_to(door: Door) -> None:
    with Wire(door.port) as wire:
        wire.send(head(door.site.key, 2**20, "Expect: 100-continue"))
        assert_problem(wire.read(), 413)


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "application/xml", "application/jsonp", "\xff", "none"]
)
def test_another_content_type_is_415(door: Door, kind: str) -> None:
    serial = door.fresh()
    line = b"" if kind == "none" else b"Content-Type: " + kind.encode("latin-1") + b"\r\n"
    octets = request(door.site.key, naming(serial, code=codes(serial, 1)[0]))
    before = door.row(serial)
    assert_problem(door.send(octets.replace(b"Content-Type: application/json\r\n", line)), 415)
    assert door.row(serial) == before


def broken(door: Door, extra: str, body: bytes = b"{}") -> bytes:
    return head(door.site.key, None, extra) + body


@pytest.mark.parametrize(
    ("extra", "body"),
    [
        pytest.param("Transfer-Encoding: chunked", b"zz\r\n{}\r\n0\r\n\r\n", id="a length that is none"),
        pytest.param("Transfer-Encoding: chunked", b"-1\r\n{}\r\n0\r\n\r\n", id="a negative chunk"),
        pytest.param("Transfer-Encoding: chunked", b"fffffffffffffffff\r\n{}", id="a chunk beyond all size"),
        pytest.param("Content-Length: -1", b"{}", id="a negative length"),
        pytest.param("Content-Length: 2, 3", b"{}", id="two lengths in one"),
        pytest.param("Content-Length: 2\r\nContent-Length: 3", b"{} ", id="two lengths"),
        pytest.param("Content-Length: 2\r\nTransfer-Encoding: chunked", b"2\r\n{}\r\n0\r\n\r\n", id="length and chunks"),
        pytest.param("Content-Length: " + "9" * 40, b"{}", id="a length beyond all size"),
        pytest.param("Bad Header: x", b"", id="a space in a name"),
        pytest.param("X: \0", b"", id="nul in a header"),
        pytest.param("X: " + "x" * 200_000, b"", id="a header of 200 kB"),
    ],
)
def test_what_is_not_http_ends_the_connection_and_nothing_else(door: Door, extra: str, body: bytes) -> None:
    """The parser refuses it before there is a request: 4xx and the end. Nothing behind it is read as another request."""
    serial = door.fresh()
    code = codes(serial, 1)[0]
    with Wire(door.port) as wire:
        wire.send(broken(door, extra, body + request(door.site.key, serial=serial, code=code)))
        answer = wire.read()
        assert 400 <= answer.status < 500, answer
        assert wire.ended(5)
    assert door.row(serial).high_water == -1
    assert door.send(request(door.site.key, serial=serial, code=code)).reason == "accepted"


@pytest.mark.parametrize(
    "octets",
    [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"x" * 100, b"\0" * 1000, b"GET\r\n\r\n", b"POST / HTTP/9.9\r\n\r\n"],
    ids=["tls", "nul", "no version", "no such version"],
)
def test_noise_is_refused(door: Door, octets: bytes) -> None:
    with Wire(door.port) as wire:
        wire.send(octets)
        assert 400 <= wire.read().status < 500
        assert wire.ended(5)


def test_nothing_of_this_was_a_fault(door: Door) -> None:
    """And the server is as it was."""
    serial = door.fresh()
    assert door.send(request(door.site.key, serial=serial, code=codes(serial, 1)[0])).reason == "accepted"
    assert door.site.log is not None
    assert "Traceback" not in door.site.log.read_text()
