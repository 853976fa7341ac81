"""The pages where somebody acts: requests wait on them, an answer takes them away, and a sign-in is a link."""

from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from otpward.sandbox.world import World

ASK = {
    "channelKey": "channel-key-sandbox",
    "customer": {"name": "홍길동", "phoneNumber": "01055501101", "ipAddress": "192.0.2.7"},
    "operator": "SKT",
    "method": "APP",
}
KEY = {"Authorization": "PortOne not-a-secret"}
WISHES = {
    "response_type": "code",
    "client_id": "otpward",
    "redirect_uri": "http://otp.example/back?x=1",
    "scope": "openid profile",
    "state": "s",
    "code_challenge": "c",
    "code_challenge_method": "S256",
}


@pytest.mark.parametrize(("lang", "nothing"), [("ko", "기다리는 인증 요청이 없습니다."), ("en", "No request is waiting.")])
def test_a_request_waits_on_its_page_until_it_is_answered(client: httpx.Client, lang: str, nothing: str) -> None:
    for place in ("portone", "barocert"):
        assert nothing in client.get(f"/identity/{place}?lang={lang}").text
    assert client.post("/identity-verifications/n1/send", json=ASK, headers=KEY).json() == {}
    shown = client.get("/identity/portone").text
    assert "홍길동" in shown
    assert "010-5550-1101" in shown
    assert nothing in client.post("/identity/portone/n1", data={"answer": "yes"}).text


@pytest.mark.parametrize("place", ["portone", "barocert"])
def test_nothing_can_be_answered_that_does_not_wait(client: httpx.Client, place: str) -> None:
    assert client.post(f"/identity/{place}/unknown", data={"answer": "yes"}).status_code == 404


def test_a_number_by_sms_is_not_answered_in_the_app(client: httpx.Client, world: World) -> None:
    customer = ASK["customer"] | {"identityNumber": "6001011"}  # type: ignore[operator]
    assert client.post(
        "/identity-verifications/n2/send", json=ASK | {"method": "SMS", "customer": customer}, headers=KEY
    ).is_success
    assert client.post("/identity/portone/n2", data={"answer": "yes"}).status_code == 404
    assert world.memory.texts[-1].to == "+821055501101"


@pytest.mark.parametrize(
    ("order", "kind"),
    [
        (b"{", "INVALID_REQUEST"),
        (b"{}", "INVALID_REQUEST"),
        (b'{"customer":{},"method":"FAX"}', "INVALID_REQUEST"),
    ],
)
def test_a_broken_order_is_refused_as_the_service_would(client: httpx.Client, order: bytes, kind: str) -> None:
    answer = client.post("/identity-verifications/n3/send", content=order, headers=KEY)
    assert (answer.status_code, answer.json()["type"]) == (400, kind)
    assert client.post("/identity-verifications/n3/send", json=ASK | {"channelKey": "x"}, headers=KEY).status_code == 404
    assert client.post("/identity-verifications/n3/resend", headers=KEY).status_code == 404
    assert client.get("/identity-verifications/n3").status_code == 401


@pytest.mark.parametrize(("lang", "lead"), [("ko", "누구로 로그인할까요?"), ("en", "Who signs in to otpward?")])
def test_a_sign_in_is_a_link_that_leads_back(client: httpx.Client, lang: str, lead: str) -> None:
    page = client.get("/oidc/authorize", params=WISHES | {"lang": lang}).text
    assert lead in page
    assert "<form" not in page
    client.follow_redirects = False
    back = urlsplit(client.get("/oidc/enter", params=WISHES | {"person": "m1001"}).headers["Location"])
    assert f"{back.scheme}://{back.netloc}{back.path}" == "http://otp.example/back"
    told = dict(parse_qsl(back.query))
    assert (told["x"], told["state"], told["iss"]) == ("1", "s", "http://sandbox.localhost/oidc")
    assert len(told["code"]) >= 32
    assert client.get("/oidc/enter", params=WISHES | {"person": "nobody"}).status_code == 404


def test_a_code_is_for_its_client_its_address_and_its_minute(client: httpx.Client, world: World) -> None:
    client.follow_redirects = False

    def code() -> str:
        where = client.get("/oidc/enter", params=WISHES | {"person": "m1001"}).headers["Location"]
        return dict(parse_qsl(urlsplit(where).query))["code"]

    form = {"grant_type": "authorization_code", "redirect_uri": WISHES["redirect_uri"], "client_id": "otpward"}
    assert client.post("/oidc/token", data=form | {"code": code(), "client_secret": "x"}).status_code == 401
    ours = form | {"client_secret": "not-a-secret"}
    for wrong in ({"code": "x"}, {"code_verifier": "x"}, {"redirect_uri": "http://evil.example"}, {"grant_type": "password"}):
        answer = client.post("/oidc/token", data=ours | {"code": code()} | wrong)
        assert (answer.status_code, answer.json()) == (400, {"error": "invalid_grant"})
    assert client.get("/oidc/userinfo").status_code == 401
    assert world.now() < datetime(2027, 1, 1, tzinfo=UTC)
