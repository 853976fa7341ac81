"""Every way of the settings is built by its type, without asking anybody yet."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from otpward.adapters.identity.declared import DeclaredProver, declare
from otpward.adapters.system import SystemClock
from otpward.core.errors import Invalid
from otpward.core.model.evidence import Evidence
from otpward.core.model.proof import Assurance, Method
from otpward.ports.prover import Asked, Refusal, Refused, Resends
from otpward.provers import _client, open_providers
from otpward.sandbox.identity.registry import Registry
from otpward.settings import IDENTITY_KEYS, read_settings
from tests.fakes.prover import FakeProver

ALL = """
[identity.phone]
type = "nice_v2"
title_ko = "휴대폰 본인확인"
title_en = "Phone check"
client_id = "c"
secret_file = "some.secret"
services = "phone, ipin"
[identity.old]
type = "nice_v1"
client_id = "c"
secret_file = "some.secret"
product_id = "1"
[identity.carrier]
type = "portone"
channel_key = "k"
secret_file = "some.secret"
our_address = "203.0.113.7"
[identity.kakao]
type = "barocert"
link_id = "L"
secret_file = "some.secret"
client_code = "023040000001"
app = "KAKAO"
[identity.sso]
type = "oidc"
base_url = "https://sso.example"
client_id = "c"
secret_file = "some.secret"
hosts = "keys.sso.example"
[identity.paper]
type = "certificate"
pinned_folder = "pinned"
policies = "1.2.410.200005.1.1.1, 1.2.410.200005.1.1.5"
hosts = "ocsp.example, crl.example"
issuers = "yessign, KICA"
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "some.secret").write_text("bm90LWEtc2VjcmV0LWJ1dC0zMi1vY3RldHMtbG9uZyE=\n")
    (tmp_path / "pinned").mkdir()
    (tmp_path / "pinned" / "sandbox.pem").write_bytes(Registry(tmp_path, clock=SystemClock().now).trusted())
    return tmp_path


def test_every_type_is_built(data: Path) -> None:
    (data / "otpward.toml").write_text(ALL)
    settings = read_settings(data, {})
    assert {one.type for one in settings.identity.values()} == set(IDENTITY_KEYS)
    found = open_providers(settings, institution="한빛기관")
    assert [(name, one.prover.name, one.prover.method, one.asks_person) for name, one in found.items()] == [
        ("phone", "phone", Method.AGENCY, False),
        ("old", "old", Method.AGENCY, False),
        ("carrier", "carrier", Method.AGENCY, True),
        ("kakao", "kakao", Method.APP, True),
        ("sso", "sso", Method.SIGN_ON, False),
        ("paper", "paper", Method.CERTIFICATE, False),
    ]
    assert found["phone"].title("en") == "Phone check"
    assert found["carrier"].asks == ("carrier", "digit")
    assert found["paper"].issuers == ("yessign", "KICA")
    assert found["paper"].companies == ("1.2.410.200005.1.1.5",)
    assert found["sso"].companies == ()


@pytest.mark.parametrize(
    ("name", "added", "method", "level"),
    [
        ("phone", "", Method.AGENCY, Assurance.SUBSTANTIAL),
        ("phone", 'level = "high"', Method.AGENCY, Assurance.HIGH),
        ("kakao", 'level = "low"', Method.APP, Assurance.LOW),
        ("sso", "", Method.SIGN_ON, Assurance.LOW),
        ("sso", 'level = "substantial"', Method.SIGN_ON, Assurance.SUBSTANTIAL),
        ("sso", 'level = "high"\nmethod = "agency"', Method.AGENCY, Assurance.HIGH),
        ("paper", "", Method.CERTIFICATE, Assurance.SUBSTANTIAL),
    ],
    ids=str,
)
def test_how_sure_it_makes_is_declared(data: Path, name: str, added: str, method: Method, level: Assurance) -> None:
    (data / "otpward.toml").write_text(ALL.replace(f"[identity.{name}]", f"[identity.{name}]\n{added}"))
    prover = open_providers(read_settings(data, {}), institution="한빛기관")[name].prover
    assert isinstance(prover, DeclaredProver)
    assert (prover.method, prover.level) == (method, level)


def test_only_who_can_sends_again(data: Path) -> None:
    (data / "otpward.toml").write_text(ALL)
    found = open_providers(read_settings(data, {}), institution="한빛기관")
    assert [name for name, one in found.items() if isinstance(one.prover, Resends)] == ["carrier"]


def test_what_was_declared_stands_in_the_evidence() -> None:
    now = datetime(2026, 11, 23, tzinfo=UTC)
    inside = FakeProver("texts", Method.SIGN_ON, "code")
    outside = declare(inside, level=Assurance.HIGH, method=Method.AGENCY)
    asked = Asked(number="N1", nonce=bytes(32), return_url="https://otp.example/back", language="ko", now=now)
    begun = outside.begin(asked)
    found = outside.complete(begun.kept, {"code": "123456"}, now=now)
    assert isinstance(found, Evidence)
    assert (found.level, found.method, found.provider) == (Assurance.HIGH, Method.AGENCY, "texts")
    assert outside.complete(begun.kept, {"code": "no"}, now=now) == Refused(why=Refusal.NOT_YET)
    assert isinstance(outside, Resends)
    assert outside.resend(begun.kept, now=now) is begun.kept


def test_what_is_asked_of_a_sign_in_is_asked(data: Path) -> None:
    (data / "otpward.toml").write_text(ALL.replace('type = "oidc"', 'type = "oidc"\nmax_age = 600\nacr = "gold silver"'))
    client = _client(read_settings(data, {}), read_settings(data, {}).identity["sso"])
    assert (client.max_age, client.acr) == (timedelta(minutes=10), frozenset({"gold", "silver"}))


def test_without_ways_there_are_none(data: Path) -> None:
    (data / "otpward.toml").write_text("")
    assert not open_providers(read_settings(data, {}), institution="한빛기관")


def test_roots_that_are_none_are_said_to_be_none(data: Path) -> None:
    (data / "otpward.toml").write_text(ALL)
    (data / "pinned" / "sandbox.pem").write_text("not a certificate")
    with pytest.raises(Invalid, match="does not hold certificates"):
        open_providers(read_settings(data, {}), institution="한빛기관")
