"""The modules behind the page: SEED by its vectors, wrong passwords by the hundred, and nothing that asks the network."""

import base64
import re
from collections.abc import Callable
from importlib.resources import files

import pytest
from cryptography.hazmat.primitives.serialization import pkcs12

from otpward.sandbox.identity.key_files import Form
from tests.edges.http.portal.member_files import Authority, Open

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MODULES = sorted(
    entry.name
    for entry in files("otpward.edges.http").joinpath("static", "certificate").iterdir()
    if entry.name.endswith(".js")
)
SEED_VECTORS = {
    "B.1": ("00" * 16, "000102030405060708090a0b0c0d0e0f", "5ebac6e0054e166819aff1cc6d346cdb"),
    "B.2": ("000102030405060708090a0b0c0d0e0f", "00" * 16, "c11f22f20140505084483597e4370f43"),
    "B.3": ("4706480851e61be85d74bfb3fd956185", "83a2f8a288641fb9a4e9a5cc2f131c7d", "ee54d13ebcae706d226bc3142cd40d4a"),
    "B.4": ("28dbc3bc49ffd87dcfa509b11d422be7", "b41e6be2eba84a148e2eed84593c5ec7", "9b9b7bfcd1813cb95d0b3618f40f5122"),
}


@pytest.mark.parametrize("kind", ["key", "pfx"])
def test_every_wrong_password_is_told_so(open_page: Open, authority: Authority, kind: str) -> None:
    """One in 256 leaves something that looks padded: it is nonsense, and so the password was wrong."""
    file, certificate = authority.locked(Form.PBES2), authority.certificate()
    picked = [file, certificate] if kind == "key" else [authority.old_pfx(pkcs12.PBES.PBESv2SHA256AndAES256CBC, rounds=1)]
    found = open_page().page.evaluate(
        """async ([files, count]) => {
          const { sign } = await import("/static/certificate/sign.js");
          const octets = files.map((file) => Uint8Array.from(atob(file), (letter) => letter.charCodeAt(0)));
          const whys = new Set();
          for (let i = 0; i < count; i++) {
            try { await sign(octets, `wrong ${i}`, new Uint8Array(9), new Date()); whys.add("opened"); }
            catch (fault) { whys.add(fault.why ?? String(fault)); }
          }
          return [...whys];
        }""",
        [[base64.b64encode(one).decode() for one in picked], 900],
    )
    assert found == ["password"]


def test_seed_in_the_browser_is_that_of_rfc_4269(open_page: Open) -> None:
    found = open_page().page.evaluate(
        """async (vectors) => {
          const { decryptCbc } = await import("/static/certificate/seed.js");
          const octets = (hex) => Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
          const hex = (found) => [...found].map((octet) => octet.toString(16).padStart(2, "0")).join("");
          return vectors.map(([key, , sealed]) => hex(decryptCbc(octets(key), new Uint8Array(16), octets(sealed))));
        }""",
        [list(vector) for vector in SEED_VECTORS.values()],
    )
    assert found == [plain for _, plain, _ in SEED_VECTORS.values()]


def test_ten_thousand_blocks_of_seed_are_timed(open_page: Open, record_property: Callable[[str, object], None]) -> None:
    """50 ms is the figure. `pytest -k are_timed --junitxml=FILE` tells the best of five; a busy machine is no failure."""
    milliseconds = open_page().page.evaluate(
        """async () => {
          const { decryptCbc } = await import("/static/certificate/seed.js");
          const key = new Uint8Array(16), iv = new Uint8Array(16), sealed = new Uint8Array(160000);
          return [1, 2, 3, 4, 5].map(() => {
            const start = performance.now();
            decryptCbc(key, iv, sealed);
            return performance.now() - start;
          });
        }"""
    )
    record_property("seed_10000_blocks_ms", min(milliseconds))
    assert len(milliseconds) == 5


def test_every_module_is_asked_for_at_once_and_once(open_page: Open) -> None:
    visitor = open_page()
    asked = re.findall(r"/certificate/([\w-]+)\.", " ".join(url for _, url, _ in visitor.requests))
    assert sorted(f"{name}.js" for name in asked) == MODULES


CIPHERS = {"des.js", "seed.js"}
"""One algorithm and the tables that are its own: cut in two, neither half can be read."""


@pytest.mark.parametrize("name", sorted(set(MODULES) - CIPHERS))
def test_a_module_is_small(name: str) -> None:
    assert len(files("otpward.edges.http").joinpath("static", "certificate", name).read_bytes()) <= 2048


@pytest.mark.parametrize("name", MODULES)
def test_a_module_asks_for_nothing_but_its_neighbours_and_writes_no_markup(name: str) -> None:
    text = files("otpward.edges.http").joinpath("static", "certificate", name).read_text(encoding="utf-8")
    assert not re.search(
        r"innerHTML|outerHTML|document\.write|insertAdjacentHTML|eval\(|fetch\(|XMLHttp|sendBeacon|WebSocket", text
    )
    assert {module.removeprefix("./") for module in re.findall(r'from "(.+?)"', text)} <= set(MODULES)
    assert "import(" not in text
    assert not re.search("localStorage|sessionStorage|indexedDB|console", text)
