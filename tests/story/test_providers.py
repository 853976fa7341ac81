"""Every way to prove who one is, end to end against the sandbox, in both languages; it leads on, and the audit has it."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12
from playwright.sync_api import expect

from tests.story import desk_steps, outside, proving
from tests.story.passkeys import authenticator
from tests.story.running_demo import Demo
from tests.story.steps import Person
from tests.story.walker import Walker

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Enter = Callable[..., Walker]
LANGUAGES = [pytest.param("ko", 390, id="ko"), pytest.param("en", 1280, id="en")]
WHO = {"ko": "m1020", "en": "m1019"}
"""Two without a device, who are in nobody's way; foreigners both (KOREA.md §2.7, 0008), which is no mismatch."""
ERRANDS = {"ko": ("apply", "**/apply"), "en": ("follow", "**/cases")}


def arrived(member: Walker, place: str) -> None:
    """The page that the errand was for is open."""
    member.page.wait_for_url(place)
    member.look()


def by_phone_code(member: Walker, demo: Demo, errand: str, lang: str) -> None:
    proving.prove_by_phone_code(member, demo, errand, proving.known(WHO[lang]))


def by_nice(provider: str) -> Callable[..., None]:
    def walk(member: Walker, demo: Demo, errand: str, lang: str) -> None:
        proving.choose(member, errand, provider, proving.known(WHO[lang]))
        proving.go_there(member, provider)
        outside.at_nice(member, demo, proving.known(WHO[lang]))

    return walk


def by_ipin(member: Walker, demo: Demo, errand: str, lang: str) -> None:
    proving.choose(member, errand, "ipin", proving.known(WHO[lang]))
    proving.go_there(member, "ipin")
    outside.by_ipin(member, demo, WHO[lang])


def by_app(member: Walker, demo: Demo, errand: str, lang: str) -> None:
    who = proving.known(WHO[lang])
    proving.choose(member, errand, "kakao", who)
    member.see("Answer on your phone")
    member.press("I have answered, go on")
    member.see("Answer on your phone")
    assert member.say("There is no answer from your phone yet. Confirm it there, then go on") in member.text()
    outside.answer_app(member, demo, who, yes=True)
    member.press("I have answered, go on")


WAYS = [
    pytest.param(by_phone_code, "phone_code", "", id="phone-code"),
    pytest.param(by_nice("phone"), "agency", "phone", id="nice-v2-phone"),
    pytest.param(by_ipin, "agency", "ipin", id="nice-v2-ipin"),
    pytest.param(by_nice("phone-v1"), "agency", "phone-v1", id="nice-v1"),
    pytest.param(by_app, "app", "kakao", id="barocert-kakao"),
]


@pytest.mark.parametrize(("lang", "width"), LANGUAGES)
@pytest.mark.parametrize(("walk", "method", "provider"), WAYS)
def test_a_proof_leads_to_what_it_was_for(
    demo: Demo, enter: Enter, walk: Callable[..., None], method: str, provider: str, lang: str, width: int
) -> None:
    member, (errand, place) = enter(lang, width), ERRANDS[lang]
    walk(member, demo, errand, lang)
    arrived(member, place)
    proving.passed(demo, WHO[lang], method, provider)


def test_a_code_of_a_service_is_sent_again(demo: Demo, enter: Enter) -> None:
    """Both languages side by side, so that thirty seconds are waited for once."""
    members = {lang: enter(lang, width, who=lang) for lang, width in (("ko", 390), ("en", 1280))}
    for lang, member in members.items():
        who = proving.known(WHO[lang])
        proving.choose(member, ERRANDS[lang][0], "portone", who, carrier="SKT", digit=proving.seventh_digit(who))
        member.see("Enter the code from {provider}", provider=proving.title(member, "portone"))
    for lang, member in members.items():
        phone = proving.known(WHO[lang]).phone
        before, voided = len(demo.messages(phone)), outside.newest_code(demo, phone, 0)
        again = member.page.get_by_role("button", name=member.say("Send again"))
        expect(again).to_be_visible(timeout=45_000)
        member.press("Send again")
        told = member.say("We asked {provider} for a new code. Enter the one that came last.", provider=_portone(member))
        expect(member.page.get_by_role("status").filter(has_text=told)).to_be_visible()
        member.look()
        code = outside.newest_code(demo, phone, before)
        member.fill("Code from your phone", voided)
        member.press("Continue")
        if code != voided:
            assert member.say("The code is not correct or has expired. Try again or get a new one") in member.text()
            member.fill("Code from your phone", code)
            member.press("Continue")
        arrived(member, ERRANDS[lang][1])
        proving.passed(demo, WHO[lang], "agency", "portone")


def _portone(member: Walker) -> str:
    return proving.title(member, "portone")


@pytest.mark.parametrize(("lang", "width"), LANGUAGES)
def test_a_sign_on_is_enough_to_follow_an_application_and_for_nothing_else(
    demo: Demo, enter: Enter, lang: str, width: int
) -> None:
    member, who = enter(lang, width), proving.known(WHO[lang])
    member.open("/prove?for=apply")
    card = member.page.get_by_role("link", name=proving.title(member, "sign-on"))
    expect(card).to_have_count(0)
    proving.choose(member, "follow", "sign-on", who)
    proving.go_there(member, "sign-on")
    outside.sign_on_as(member, demo, who.name)
    arrived(member, "**/cases")
    proving.passed(demo, who.id, "sign_on", "sign-on")
    member.open("/apply/tasks")
    assert "/prove" in member.page.url, "to apply takes more"


@pytest.mark.parametrize(("lang", "width"), LANGUAGES)
def test_a_certificate_as_two_files_as_a_pfx_and_from_elsewhere(
    demo: Demo, enter: Enter, next_person: Callable[[], Person], tmp_path: Path, lang: str, width: int
) -> None:
    who, first = next_person(), enter(lang, width)
    outside.certificate(demo, who.login, tmp_path)
    proving.sign_in(first, demo, who)  # a certificate is first known from a member who is signed in
    proving.choose(first, "apply", "certificate", proving.known(who.login))
    proving.sign(first, [str(tmp_path / "signCert.der"), str(tmp_path / "signPri.key")])
    arrived(first, "**/apply")
    proving.passed(demo, who.login, "certificate", "certificate")
    second = enter(lang, width, who="pfx")
    proving.choose(second, "follow", "certificate", proving.known(who.login))
    proving.sign(second, [str(tmp_path / "certificate.pfx")])
    arrived(second, "**/cases")
    assert [one.result for one in proving.written(demo, who.login)] == ["vouched", "subject"]
    third = enter(lang, width, who="elsewhere")
    proving.choose(third, "apply", "certificate", proving.known(who.login))
    third.page.get_by_text(third.say("Sign elsewhere and bring the signature")).click()
    with third.page.expect_download() as waiting:
        third.page.get_by_role("link", name=third.say("Download the text to sign")).click()
    waiting.value.save_as(tmp_path / "challenge.txt")
    third.page.get_by_label(third.say("File with the signature")).set_input_files(signed_elsewhere(tmp_path))
    third.press("Send the signature")
    arrived(third, "**/apply")
    assert [one.result for one in proving.written(demo, who.login)] == ["vouched", "subject", "subject"]


def signed_elsewhere(folder: Path) -> Path:
    """As the page says: openssl signs the text with the key out of the .pfx."""
    octets, password = (folder / "certificate.pfx").read_bytes(), outside.CERTIFICATE_PASSWORD.encode()
    key, certificate, _chain = pkcs12.load_key_and_certificates(octets, password)
    assert key
    assert certificate
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    (folder / "signCert.pem").write_bytes(certificate.public_bytes(pem))
    (folder / "signPri.pem").write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    said = (
        "openssl cms -sign -nodetach -binary -md sha256 -in challenge.txt -signer signCert.pem -inkey signPri.pem -outform PEM"
    )
    subprocess.run([*said.split(), "-out", "signed.pem"], cwd=folder, check=True, capture_output=True)
    return folder / "signed.pem"


@pytest.mark.parametrize(("lang", "width"), LANGUAGES)
def test_what_was_set_up_before_proves_too(
    demo: Demo, enter: Enter, next_person: Callable[[], Person], lang: str, width: int
) -> None:
    who, member = next_person(), enter(lang, width)
    member.site = demo.site.replace("127.0.0.1", "localhost")  # a passkey needs a name for an address
    proving.sign_in(member, demo, who)
    authenticator(member)
    member.open("/backup/passkeys")
    member.press("Add a passkey on this device")
    member.page.wait_for_url("**?done=added")
    member.open("/backup/codes")
    member.press("Make the code")
    code = member.page.locator("#recovery-code").inner_text()
    with member.page.expect_navigation():
        member.page.get_by_role("button", name=member.say("Sign out")).first.click()
    errand, place = ERRANDS[lang]
    member.open(f"/prove/passkey?for={errand}")
    member.press("Use a passkey")
    arrived(member, place)
    proving.passed(demo, who.login, "passkey")

    other = enter(lang, width, who="recovery")
    other.open(f"/prove/recovery-code?for={errand}")
    other.fill("Member number or ID", who.login)
    other.fill("Recovery code", code)
    other.press("Continue")
    other.see("Your new recovery code")
    other.choose("I have put it in a safe place")
    other.press("Continue")
    arrived(other, place)
    proving.passed(demo, who.login, "recovery_code")


@pytest.mark.parametrize(("lang", "width"), LANGUAGES)
def test_a_number_of_another_otp(
    demo: Demo, enter: Enter, next_person: Callable[[], Person], tmp_path: Path, lang: str, width: int
) -> None:
    who, member, seed = next_person(), enter(lang, width), f"{lang:x<20}".encode().hex()
    (tmp_path / "second.csv").write_text(f"SECOND-{lang}, {seed}, hotp, 6, 0\n")
    (tmp_path / "owners.csv").write_text(f"serial,member_id\nSECOND-{lang},{who.login}\n")
    bring = ["token", "import", "second.csv", "--as", "active", "--owners", "owners.csv", "--data", str(demo.folder)]
    subprocess.run([sys.executable, "-m", "otpward", *bring], cwd=tmp_path, check=True, capture_output=True)
    number = subprocess.run(["oathtool", "--hotp", "--counter=0", seed], check=True, capture_output=True, text=True)
    errand, place = ERRANDS[lang]
    member.open(f"/prove/otp?for={errand}")
    member.fill("Member number or ID", who.login)
    member.fill("OTP number", number.stdout.strip())
    member.press("Continue")
    arrived(member, place)
    proving.passed(demo, who.login, "otp")


@pytest.mark.parametrize(("lang", "width"), LANGUAGES)
def test_at_a_branch_staff_see_the_paper_and_the_member_goes_on_at_home(
    demo: Demo, enter: Enter, staff: Enter, next_person: Callable[[], Person], lang: str, width: int
) -> None:
    who, teller = next_person(), staff("teller", lang, 1280)
    teller.open(f"/console/counter/prove?q={who.login}")
    desk_steps.see_papers(teller, "Apply for a new OTP")
    teller.press("Show a code for the member's phone")
    code = teller.page.locator("#code").get_attribute("data-copy-text")
    assert code
    member = enter(lang, width, who="member")
    member.open("/prove/branch?for=apply")
    member.fill("Member number or ID", who.login)
    member.fill("Code from the branch", code)
    member.press("Continue")
    arrived(member, "**/apply")
    proving.passed(demo, who.login, "in_person")
