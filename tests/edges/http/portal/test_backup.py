"""The pages of what a member falls back on, asked without a browser: what they refuse, where they lead, what they never say."""

import html
import json
import re
from dataclasses import replace
from typing import Any

import pytest

from otpward.core.formats.jws import unpack
from otpward.core.model.member import Level, Member
from otpward.edges.http.passkeys import site_of
from tests.edges.http.portal.seated import Story, seat
from tests.fakes.authenticator import Authenticator
from tests.fakes.sample import PASSWORD, Sample, oath_code, seed_of
from tests.fakes.surroundings import FixedClock

TICK = "I have put it in a safe place"


def authenticator(**changes: Any) -> Authenticator:
    return Authenticator(site_id="localhost", origin="http://localhost", **changes)


def asked(page: Any, action: str) -> dict[str, Any]:
    """What the form to this address asks the browser for."""
    found = re.search(rf'action="{re.escape(action)}"[^>]*data-passkey="([^"]*)"', page.text)
    assert found, f"no passkey is asked for at {action}"
    options: dict[str, Any] = json.loads(html.unescape(found.group(1)))
    return options


def octets(text: str) -> bytes:
    found = unpack(text)
    assert found is not None
    return found


def sign_in(browser: Any, sample: Sample) -> None:
    half = browser.send(browser.get("/sign-in?lang=en"), "/sign-in", member=sample.member.login, password=PASSWORD)
    code = oath_code(seed_of(0), sample.house.clock.now())
    assert browser.send(half, "/sign-in/code", code=code).url.path == "/my"


def make_code(browser: Any) -> Any:
    return browser.send(browser.get("/backup/codes"), "/backup/codes")


def shown(page: Any) -> str:
    found = re.search(r'data-copy-text="([^"]+)"', page.text)
    assert found
    return found.group(1)


def add_passkey(browser: Any, key: Authenticator) -> Any:
    page = browser.get("/backup/passkeys")
    options = asked(page, "/backup/passkeys")
    key.user_handle = octets(options["user"]["id"])
    answer = key.make(octets(options["challenge"]))
    return browser.send(page, "/backup/passkeys", answer=answer, name="열쇠")


def use(browser: Any, path: str, action: str, key: Authenticator, **fields: str) -> Any:
    page = browser.get(path)
    return browser.send(page, action, answer=key.use(octets(asked(page, action)["challenge"])), **fields)


@pytest.mark.parametrize("level", [None, Level.SEEN, Level.PROVEN])
@pytest.mark.parametrize("path", ["/backup", "/backup/codes", "/backup/passkeys", "/backup/confirm?then=codes"])
def test_the_pages_open_after_a_whole_sign_in(browser: Any, sample: Sample, path: str, level: Level | None) -> None:
    if level is not None:
        seat(browser, Story(sample, sample.member), level)
    assert browser.get(path).url.path == "/sign-in"


def test_without_a_backup_the_pages_say_so_until_there_is_one(browser: Any, sample: Sample) -> None:
    sign_in(browser, sample)
    warning = "You have no backup. If you lose the device you must visit a branch"
    assert warning in browser.get("/my").text
    assert warning in browser.get("/backup").text
    make_code(browser)
    assert warning not in browser.get("/my").text
    assert warning not in browser.get("/backup").text


def test_a_code_is_shown_once_and_stays_until_it_is_kept(browser: Any, sample: Sample) -> None:
    sign_in(browser, sample)
    page = make_code(browser)
    code = shown(page)
    again = browser.send(page, "/backup/codes/kept")
    assert (again.status_code, shown(again)) == (422, code)
    assert browser.send(again, "/backup/codes/kept", kept="yes").url.path == "/backup"
    assert code not in browser.get("/backup/codes").text
    assert code[:4] not in browser.get("/backup").text


def test_a_code_that_is_not_the_members_is_not_shown_back(browser: Any, sample: Sample) -> None:
    sign_in(browser, sample)
    page = make_code(browser)
    for other in ("2" * 28, "<script>", ""):
        assert browser.send(page, "/backup/codes/kept", code=other).url.path == "/backup/codes"
        assert browser.send(page, "/backup/codes/file", code=other).status_code == 422


def test_the_file_says_whose_and_of_when_it_is(browser: Any, sample: Sample) -> None:
    sign_in(browser, sample)
    page = make_code(browser)
    file = browser.send(page, "/backup/codes/file")
    assert file.headers["content-disposition"] == 'attachment; filename="recovery-code.txt"'
    assert file.headers["cache-control"] == "no-store"
    code = shown(page)
    for text in ("Hanbit", " ".join(code[at : at + 4] for at in range(0, 28, 4)), sample.member.name.reveal(), "23 Nov 2026"):
        assert text in file.text


def test_after_five_minutes_a_factor_is_asked_for_again(browser: Any, sample: Sample, clock: FixedClock) -> None:
    sign_in(browser, sample)
    page = browser.get("/backup/codes")
    clock.move(minutes=6)
    confirm = browser.send(page, "/backup/codes")
    assert confirm.url.path == "/backup/confirm"
    wrong = browser.send(confirm, "/backup/confirm?then=codes", code="000000")
    assert wrong.status_code == 422
    empty = browser.send(confirm, "/backup/confirm?then=codes", code="")
    assert "Enter the 6-digit OTP number" in empty.text
    right = browser.send(confirm, "/backup/confirm?then=codes", code=oath_code(seed_of(0), clock.now()))
    assert right.url.path == "/backup/codes"
    assert "We show it only now" in make_code(browser).text


@pytest.mark.parametrize("then", ["//evil.example", "https://evil.example", "/etc", "remove:../../x", "", "errand:x"])
def test_no_other_address_is_followed(browser: Any, sample: Sample, clock: FixedClock, then: str) -> None:
    sign_in(browser, sample)
    clock.move(minutes=6)
    page = browser.get("/backup/confirm", params={"then": then})
    if page.status_code == 404:
        return
    form = re.search(r'action="(/backup/confirm\?[^"]*)"', page.text)
    assert form
    code = oath_code(seed_of(0), clock.now())
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
    on = browser.post(html.unescape(form.group(1)), {"csrf": fields["csrf"], "code": code})
    assert (on.url.host, on.url.path) == ("127.0.0.1", "/backup")
    kept = browser.post("/backup/codes/kept", {"csrf": fields["csrf"], "kept": "yes", "then": then})
    assert (kept.url.host, kept.url.path) in {("127.0.0.1", "/backup"), ("127.0.0.1", "/cases")}


def test_a_passkey_is_added_tried_named_and_removed(browser: Any, sample: Sample, clock: FixedClock) -> None:
    sign_in(browser, sample)
    key = authenticator()
    options = asked(browser.get("/backup/passkeys"), "/backup/passkeys")
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert options["attestation"] == "none"
    assert [one["alg"] for one in options["pubKeyCredParams"]] == [-7, -8, -257]
    added = add_passkey(browser, key)
    one = added.url.path
    assert "The passkey is added. Try it now" in added.text
    assert "The passkey works" in use(browser, one, f"{one}/try", key).text
    assert asked(browser.get("/backup/passkeys"), "/backup/passkeys")["excludeCredentials"][0]["transports"] == ["usb"]
    assert "The name is saved" in browser.send(browser.get(one), one, name="새 이름").text
    assert browser.send(browser.get(one), one, name=" ").status_code == 422
    gone = browser.send(browser.get(f"{one}/remove"), f"{one}/remove")
    assert "The passkey is removed" in gone.text
    signal = re.search(r'data-signal="([^"]*)"', gone.text)
    assert signal
    assert json.loads(html.unescape(signal.group(1)))["allAcceptedCredentialIds"] == []
    assert browser.get(one).status_code == 404


def test_the_last_way_in_is_not_offered_to_be_removed(browser: Any, sample: Sample) -> None:
    sign_in(browser, sample)
    key = authenticator()
    one = add_passkey(browser, key).url.path
    use(browser, one, f"{one}/try", key)
    Story(sample, sample.member).report_lost()
    again = use(browser, "/sign-in", "/sign-in/passkey", key)
    assert again.url.path == "/my"
    page = browser.get(f"{one}/remove")
    assert "This is your last way in" in page.text


def test_a_passkey_alone_opens_the_own_page(browser: Any, sample: Sample) -> None:
    sign_in(browser, sample)
    key = authenticator()
    add_passkey(browser, key)
    browser.send(browser.get("/my"), "/sign-out")
    assert asked(browser.get("/sign-in"), "/sign-in/passkey").get("allowCredentials") is None, "nobody is named"
    assert 'autocomplete="username webauthn"' in browser.get("/sign-in").text
    assert use(browser, "/sign-in", "/sign-in/passkey", key).url.path == "/my"


def test_whatever_is_wrong_with_a_passkey_the_answer_is_the_same(browser: Any, sample: Sample) -> None:
    sign_in(browser, sample)
    key = authenticator()
    add_passkey(browser, key)
    browser.send(browser.get("/my"), "/sign-out")
    page = browser.get("/prove/passkey?for=apply")
    unknown = browser.send(page, "/prove/passkey?for=apply", answer=authenticator().use(bytes(56)))
    texts = {unknown.text}
    for bad in ("", "{}", "x" * 70_000):
        texts.add(browser.send(page, "/prove/passkey?for=apply", answer=bad[:50_000]).text)
    key.verified = False
    options = asked(page, "/prove/passkey?for=apply")
    texts.add(browser.send(page, "/prove/passkey?for=apply", answer=key.use(octets(options["challenge"]))).text)
    same = {re.sub(r'data-passkey="[^"]*"', "", text) for text in texts}
    assert len(same) == 1


@pytest.mark.parametrize("way", ["recovery-code", "otp"])
def test_a_stranger_is_told_what_a_member_is_told(browser: Any, sample: Sample, way: str) -> None:
    address = f"/prove/{way}?for=apply"
    page = browser.get(address)
    said = {
        login: browser.send(page, address, member=login, code="2" * 28 if way == "recovery-code" else "123456")
        for login in (sample.member.login, sample.other.login, "nobody")
    }
    assert {page.status_code for page in said.values()} == {422}
    assert len({page.text.replace(login, "") for login, page in said.items()}) == 1


def test_a_recovery_code_proves_and_the_new_one_is_shown_on_the_way(browser: Any, sample: Sample) -> None:
    sign_in(browser, sample)
    code = shown(make_code(browser))
    browser.send(browser.get("/my"), "/sign-out")
    address = "/prove/recovery-code?for=follow"
    page = browser.send(browser.get(address), address, member=sample.member.login, code=code)
    assert shown(page) != code
    assert browser.send(page, "/backup/codes/kept", kept="yes").url.path == "/cases"
    assert "That did not match" in browser.send(browser.get(address), address, code=code).text


def test_password_and_recovery_code_lead_to_an_application(browser: Any, sample: Sample) -> None:
    sign_in(browser, sample)
    code = shown(make_code(browser))
    browser.send(browser.get("/my"), "/sign-out")
    door = "/sign-in/recovery-code"
    assert browser.send(browser.get(door), door).status_code == 422
    wrong = browser.send(browser.get(door), door, member=sample.member.login, password="no", code=code)
    assert "The ID or the password is not right" in wrong.text
    half = browser.send(browser.get(door), door, member=sample.member.login, password=PASSWORD, code="2" * 28)
    assert "That is not your recovery code" in half.text
    assert 'name="password"' not in half.text
    page = browser.send(half, door, code=code)
    assert shown(page) != code
    assert browser.send(page, "/backup/codes/kept", kept="yes").url.path == "/apply"
    assert browser.get("/backup").url.path == "/sign-in", "it opens no more than that"


@pytest.mark.parametrize(
    ("address", "id_and_origin"),
    [
        ("https://otp.example", ("otp.example", "https://otp.example")),
        ("https://otp.example:8443/", ("otp.example", "https://otp.example:8443")),
        ("http://localhost:8080", ("localhost", "http://localhost:8080")),
        ("http://127.0.0.1:8080", ("localhost", "http://localhost:8080")),
        ("http://[::1]:8080", ("localhost", "http://localhost:8080")),
        ("https://192.0.2.7", None),
        ("http://otp.example", None),
    ],
)
def test_passkeys_belong_to_a_name_over_https(address: str, id_and_origin: tuple[str, str] | None) -> None:
    found = site_of(address)
    assert (None if found is None else (found.id, found.origin)) == id_and_origin


def test_the_member_is_named_to_their_own_device_only(browser: Any, sample: Sample) -> None:
    sign_in(browser, sample)
    member: Member = sample.member
    user = asked(browser.get("/backup/passkeys"), "/backup/passkeys")["user"]
    assert (user["name"], user["displayName"]) == (member.login, member.name.reveal())
    assert len(octets(user["id"])) == 32
    assert member.id.bytes not in octets(user["id"])


def test_a_sign_in_page_that_stood_open_too_long_says_so(browser: Any, sample: Sample, clock: FixedClock) -> None:
    page, key = browser.get("/sign-in?lang=en"), authenticator()
    answer = key.use(octets(asked(page, "/sign-in/passkey")["challenge"]))
    assert "That passkey was not accepted" in browser.send(page, "/sign-in/passkey", answer=answer).text
    page = browser.get("/sign-in")
    answer = key.use(octets(asked(page, "/sign-in/passkey")["challenge"]))
    clock.move(minutes=5)
    late = browser.send(page, "/sign-in/passkey", answer=answer)
    assert "That took too long. Try again" in late.text
    assert asked(late, "/sign-in/passkey")["challenge"] != asked(page, "/sign-in/passkey")["challenge"]


def test_a_passkey_that_sleeps_wakes_after_another_factor(browser: Any, sample: Sample) -> None:
    sign_in(browser, sample)
    here = add_passkey(browser, authenticator()).url.path

    def sleep(desk: Any) -> None:
        with desk.uow as uow:
            uow.passkeys.save(replace(uow.passkeys.first(member_id=sample.member.id), asleep_since=desk.now))
            uow.commit()

    sample.house.do(sample.institution.id, sleep)
    assert "It sleeps until you show another factor" in browser.get("/backup/passkeys").text
    page = browser.get(here)
    assert "Its removal was undone" in page.text
    assert f"{here}/try" not in page.text
    sample.house.clock.move(minutes=6)  # type: ignore[attr-defined]
    late = browser.send(browser.get(here), f"{here}/wake")
    assert (late.url.path, late.url.params["then"]) == ("/backup/confirm", f"wake:{here.rpartition('/')[2]}")
    code = oath_code(seed_of(0), sample.house.clock.now())
    back = browser.send(late, f"/backup/confirm?{late.url.query.decode()}", code=code)
    assert back.url.path == here
    assert "The passkey lets you in again" in browser.send(back, f"{here}/wake").text
