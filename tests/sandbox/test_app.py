"""The sandbox as a whole: where it may stand, what every page carries, what a restart keeps."""

import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from otpward.core.errors import Denied, Invalid
from otpward.sandbox import words
from otpward.sandbox.app import build_sandbox
from otpward.sandbox.world import Profile, World, allowed_profile
from tests.sandbox.running import running_sandbox

TEMPLATES = Path(words.__file__).parent / "templates"
PAGES = [
    "/",
    "/inbox",
    "/inbox/01012345678",
    "/talk",
    "/mails",
    "/devices",
    "/devices/2600000001",
    "/phone",
    "/parcels",
    "/people",
    "/authority",
    "/identity/portone",
    "/identity/barocert",
    "/oidc/keys",
    "/nothing-here",
]


@pytest.mark.parametrize("profile", ["production", "", "DEMO", "dev"])
def test_it_stands_only_in_demo_and_test(profile: str) -> None:
    with pytest.raises(Denied):
        allowed_profile(profile)


@pytest.mark.parametrize("arguments", [[], ["--profile", "production"]], ids=["no profile", "production"])
def test_it_does_not_start_anywhere_else(tmp_path: Path, arguments: list[str]) -> None:
    command = [sys.executable, "-m", "otpward.sandbox", "--data", str(tmp_path / "new"), "--port", "1", *arguments]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == "sandbox: the sandbox runs only with --profile demo or test\n"
    assert not (tmp_path / "new").exists()


def test_a_port_that_is_taken_is_said_in_one_sentence(tmp_path: Path) -> None:
    with running_sandbox(tmp_path / "first") as first:
        port = first.base_url.rpartition(":")[2]
        command = [sys.executable, "-m", "otpward.sandbox", "--data", str(tmp_path / "second"), "--profile", "test"]
        for ports in (["--port", port, "--smtp-port", "0"], ["--port", "0", "--smtp-port", str(first.smtp_port)]):
            run = subprocess.run([*command, *ports], capture_output=True, text=True, check=False)
            assert run.returncode == 2
            assert run.stderr.count("\n") == 1
            assert "cannot be used" in run.stderr


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_every_page_says_what_it_is_in_both_languages(client: httpx.Client, path: str, lang: str) -> None:
    answer = client.get(path, params={"lang": lang})
    assert f'<html lang="{lang}">' in answer.text
    assert "시험용 모의 환경입니다" in answer.text
    assert "This is a sandbox, not the real world" in answer.text
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert not re.search(
        r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)|https?://(?!sandbox\.localhost|www\.w3\.org)", answer.text
    )


def test_the_language_is_remembered(client: httpx.Client) -> None:
    assert "문자함" in client.get("/inbox").text
    assert "Messages" in client.get("/inbox?lang=en").text
    assert "Messages" in client.get("/inbox").text


def test_another_site_may_not_post_here(client: httpx.Client, world: World) -> None:
    assert client.post("/parcels", headers={"Origin": "http://evil.example"}).status_code == 403
    assert client.post("/parcels", headers={"Origin": "null"}).status_code == 403
    assert world.memory.parcels == {}
    assert client.post("/parcels", headers={"Origin": "http://sandbox.localhost"}).status_code == 200


def test_every_word_is_used_and_every_used_word_is_there() -> None:
    pages = "\n".join(file.read_text(encoding="utf-8") for file in TEMPLATES.glob("*.html"))
    used = set(re.findall(r'\bt\("([a-z_.]+)"(?! ~)', pages))
    joined = tuple(re.findall(r'\bt\("([a-z_.]+)" ~', pages))
    assert used <= set(words.WORDS)
    # A page's name is a word, and what went wrong is named by the code, not by the template.
    named = {
        "inbox",
        "mails",
        "devices",
        "phone",
        "people",
        "authority",
        "parcels",
        "phone.bad_uri",
        "phone.bad_key",
        "parcels.invalid",
        "parcels.conflict",
    }
    assert {word for word in words.WORDS if not word.startswith(joined)} - used - named == set()


def test_a_restart_keeps_messages_mails_accounts_and_parcels(tmp_path: Path) -> None:
    order = {"body": "안내", "sendNo": "1588", "recipientList": [{"recipientNo": "01012345678"}]}
    with running_sandbox(tmp_path) as first, httpx.Client(base_url=first.base_url) as http:
        http.post("/sms/v3.0/appKeys/sandbox/sender/sms", json=order, headers={"X-Secret-Key": "not-a-secret"})
        http.post("/api/phone", json={"key": "GEZDGNBVGY3TQOJQ", "name": "m1001"}).raise_for_status()
        http.post("/api/parcels", json={"number": "6890100001233"}).raise_for_status()
        before = [http.get(path).json() for path in ("/api/messages", "/api/parcels")]
    with running_sandbox(tmp_path) as second, httpx.Client(base_url=second.base_url) as http:
        assert [http.get(path).json() for path in ("/api/messages", "/api/parcels")] == before
        assert http.get("/api/phone").json()[0]["name"] == "m1001"
    assert (tmp_path / "world.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", [b"", b"{", b'{"texts": 1}', b"\xff"])
def test_a_broken_memory_is_not_written_over(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "world.json").write_bytes(content)
    with pytest.raises(Invalid, match=r"world\.json"):
        World.open(tmp_path, profile=Profile.TEST)
    assert (tmp_path / "world.json").read_bytes() == content


def test_a_world_of_another_profile_is_not_built(world: World) -> None:
    world.profile = "production"  # type: ignore[assignment]
    with pytest.raises(Denied):
        build_sandbox(world)


def test_a_template_of_alimtalk_is_approved_at_once_and_kept(client: httpx.Client, world: World) -> None:
    page = client.get("/talk", params={"lang": "en"}).text
    assert "CASE_APPROVED" in page
    put = client.post("/talk", data={"code": "NEW_1", "text": "[#{name}] hello"}, headers={"Origin": str(client.base_url)})
    assert put.is_success
    assert "NEW_1" in client.get("/talk").text
    assert World.open(world.folder, profile=world.profile).memory.templates == {"NEW_1": "[#{name}] hello"}
    for bad in ({"code": "a b", "text": "x"}, {"code": "A", "text": ""}):
        assert client.post("/talk", data=bad, headers={"Origin": str(client.base_url)}).status_code == 422
