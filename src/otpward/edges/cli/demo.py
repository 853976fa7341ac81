"""`otpward demo`: everything at once, on this machine, with a sandbox for the outside world."""

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from base64 import b64encode
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.cells import set_cell_size

from otpward.core.errors import Invalid, Unavailable
from otpward.edges.cli import sample
from otpward.edges.cli.assembly import Assembly
from otpward.edges.cli.processes import listen
from otpward.edges.cli.say import Data, out, plainly

_READY_WITHIN_S: Final = 60
_END_WITHIN_S: Final = 15
_DIE_WITH_PARENT: Final = 1
_BAROCERT_SECRET: Final = b64encode(b"not-a-secret-but-32-octets-long!").decode()
"""What the sandbox takes for it; a key of AES, so it has a length."""
_SETTINGS: Final = """\
# Settings of the demo, written by `otpward demo`; the outside world is the sandbox on this machine.
profile = "demo"
institution = "{code}"
public_url = "http://127.0.0.1:{port}"
sandbox_url = "http://127.0.0.1:{sandbox}"

[sms]
base_url = "http://127.0.0.1:{sandbox}"
app_key = "sandbox"
secret_key_file = "keys/sandbox.secret"
sender = "15880000"

[alimtalk]
provider = "nhn"
base_url = "http://127.0.0.1:{sandbox}"
app_key = "sandbox"
sender_key = "sandbox-sender-key"
secret_key_file = "keys/sandbox.secret"
sender = "15880000"

[mail]
host = "127.0.0.1"
port = {mail}
sender = "otp@hanbit.example"
starttls = false

[post]
base_url = "http://127.0.0.1:{sandbox}"
service_key_file = "keys/sandbox.secret"
schedule = "*/5 * * * * *"
provider = "generic"
pace_s = 4

[sim_swap]
base_url = "http://127.0.0.1:{sandbox}"
token_url = "http://127.0.0.1:{sandbox}/sim-swap/oauth/token"
client_id = "sandbox"
secret_file = "keys/sandbox.secret"
decoy = "+821055500001"

[identity.phone]
type = "nice_v2"
title_ko = "NICE 휴대폰 확인"
title_en = "NICE (phone)"
base_url = "http://127.0.0.1:{sandbox}"
client_id = "sandbox"
secret_file = "keys/sandbox.secret"
services = "phone"

[identity.ipin]
type = "nice_v2"
title_ko = "NICE 아이핀"
title_en = "NICE (i-PIN)"
base_url = "http://127.0.0.1:{sandbox}"
client_id = "sandbox"
secret_file = "keys/sandbox.secret"
services = "ipin"

[identity.phone-v1]
type = "nice_v1"
title_ko = "NICE 휴대폰 확인(이전 방식)"
title_en = "NICE (phone, first edition)"
base_url = "http://127.0.0.1:{sandbox}"
screen_url = "http://127.0.0.1:{sandbox}"
client_id = "sandbox"
secret_file = "keys/sandbox.secret"
product_id = "2101979031"

[identity.portone]
type = "portone"
title_ko = "포트원 본인인증"
title_en = "PortOne"
base_url = "http://127.0.0.1:{sandbox}"
secret_file = "keys/sandbox.secret"
channel_key = "channel-key-sandbox"
our_address = "127.0.0.1"

[identity.kakao]
type = "barocert"
title_ko = "카카오 인증서"
title_en = "Kakao certificate"
base_url = "http://127.0.0.1:{sandbox}"
auth_url = "http://127.0.0.1:{sandbox}"
link_id = "SANDBOX"
secret_file = "keys/barocert.secret"
client_code = "023040000001"
app = "KAKAO"
call_center = "1588-0000"

[identity.sign-on]
type = "oidc"
title_ko = "한빛 통합 로그인"
title_en = "Hanbit sign-on"
base_url = "http://127.0.0.1:{sandbox}/oidc"
client_id = "otpward"
secret_file = "keys/sandbox.secret"

[staff_sign_on]
title_ko = "한빛 직원 계정"
title_en = "Hanbit staff account"
base_url = "http://127.0.0.1:{sandbox}/oidc"
client_id = "otpward"
secret_file = "keys/sandbox.secret"

[identity.certificate]
type = "certificate"
title_ko = "공동인증서"
title_en = "Joint certificate"
pinned_folder = "keys/pinned"
policies = "1.2.410.200005.1.1.1, 1.2.410.200005.1.1.5"
hosts = "127.0.0.1:{sandbox}"
issuers = "yessign"
"""


def demo(
    context: typer.Context,
    port: Annotated[
        int, typer.Option("--port", help="Port of the server; the sandbox takes the next two", min=1, max=65533)
    ] = 8080,
    data: Data = Path(".demo"),
) -> None:
    """Start everything: a sample institution, and a sandbox that plays the outside world. Ctrl-C ends it, the data stays."""
    assembly: Assembly = context.obj
    os.environ.pop("OTPWARD_DATABASE_URL", None)  # the demo keeps to its own folder
    with plainly():
        _refuse_real_data(data)
        for number in (port, port + 1, port + 2):
            listen("127.0.0.1", number).close()
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        signs = _prepare(assembly, data, port)
        out.print("Starting the server and the sandbox …")
        children = _start(data, port)
        try:
            _wait_until_ready(children, port)
            _introduce(signs, port)
            _stay(children)
        finally:
            for child in children:
                child.terminate()
            for child in children:
                _wait_for_end(child)


def _wait_for_end(child: subprocess.Popen[bytes]) -> None:
    try:
        child.wait(timeout=_END_WITHIN_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _refuse_real_data(data: Path) -> None:
    """The demo writes settings and may begin anew; it does so only where nothing else lies.

    Raises:
        Invalid: the folder holds another installation.
    """
    settings = data / "otpward.toml"
    ours = settings.exists() and 'profile = "demo"' in settings.read_text(encoding="utf-8", errors="replace").splitlines()
    if not ours and any((data / name).exists() for name in ("otpward.toml", "otpward.db", "keys")):
        raise Invalid(f"{data} holds an installation that is not the demo's; choose another folder with --data", field="data")


def _prepare(assembly: Assembly, data: Path, port: int) -> sample.SignIns:
    """The installation of the demo: found, or made. A first start that was cut off begins again from nothing."""
    world, kept = data / "sandbox", data / "demo.json"
    settings = _SETTINGS.format(code=sample.CODE, port=port, sandbox=port + 1, mail=port + 2)
    if kept.exists():
        (data / "otpward.toml").write_text(settings)
        _put_keys(assembly, data, world)
        assembly.set_up(data)
        return sample.SignIns.read(kept)
    out.print("Making the sample institution 한빛기관: 3 branches, 8 staff, 20 members, 200 devices …")
    for name in ("otpward.db", "otpward.db-wal", "otpward.db-shm"):
        (data / name).unlink(missing_ok=True)
    (data / "otpward.toml").write_text(settings)
    _put_keys(assembly, data, world)
    seed_file = assembly.make_stock(world, sample.DEVICES)
    assembly.set_up(data)
    with assembly.open(data) as opened:
        signs = sample.open_sample(opened.house, seed_file, world / "transport.key")
    holders = {serial: sample.label(login) for login, serial in signs.serials.items()}
    (world / "holders.json").write_text(json.dumps(holders, ensure_ascii=False))
    signs.write(data / "demo.partial")
    (data / "demo.partial").rename(kept)
    return signs


def _put_keys(assembly: Assembly, data: Path, world: Path) -> None:
    """What the settings above name, as the sandbox takes it."""
    keys = data / "keys"
    for folder in (keys, keys / "pinned", world):
        folder.mkdir(mode=0o700, exist_ok=True)
    (keys / "sandbox.secret").write_text("not-a-secret\n")
    (keys / "barocert.secret").write_text(f"{_BAROCERT_SECRET}\n")
    (keys / "pinned" / "sandbox.pem").write_bytes(assembly.make_authority(world))


def _start(data: Path, port: int) -> list[subprocess.Popen[bytes]]:
    python = [sys.executable, "-m"]
    world = ["otpward.sandbox", "--data", str(data / "sandbox"), "--profile", "demo"]
    commands = [
        [*python, *world, "--port", str(port + 1), "--smtp-port", str(port + 2)],
        [*python, "otpward", "serve", "--data", str(data), "--port", str(port)],
    ]
    return [subprocess.Popen(command, preexec_fn=_die_with_parent) for command in commands]  # noqa: S603, PLW1509 - our own programs, one thread here


def _die_with_parent() -> None:
    """On Linux a child ends when its parent is killed, so that no port stays taken."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGTERM)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _wait_until_ready(children: list[subprocess.Popen[bytes]], port: int) -> None:
    deadline = time.monotonic() + _READY_WITHIN_S
    for address in (f"http://127.0.0.1:{port}/readyz", f"http://127.0.0.1:{port + 1}/"):
        while True:
            if any(child.poll() is not None for child in children) or time.monotonic() > deadline:
                raise Unavailable("the demo did not start; what went wrong is said above")
            try:
                with urllib.request.urlopen(address, timeout=2):  # noqa: S310 - our own address
                    break
            except OSError:
                time.sleep(0.05)


def _stay(children: list[subprocess.Popen[bytes]]) -> None:
    """Until Ctrl-C, a signal, or the end of a child."""
    signal.signal(signal.SIGTERM, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    try:
        while all(child.poll() is None for child in children):
            time.sleep(0.2)
    except KeyboardInterrupt:
        out.print("\nEnding. The data stays.")
        return
    raise Unavailable("a part of the demo ended by itself; what went wrong is said above")


def _introduce(signs: sample.SignIns, port: int) -> None:
    """Print the page from which a person can walk the whole story; addresses are never cut."""
    site, world = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{port + 1}"
    out.rule("한빛기관 · otpward demo")
    for name, address, what in (
        ("Members   회원", f"{site}/", "report a loss, prove who you are, apply, register, test"),
        ("Staff     직원", f"{site}/console", "review, approve, take from stock, hand over, send"),
        ("Sandbox   모의", f"{world}/", "plays the outside world:"),
        ("", f"{world}/inbox", "phones: text messages with the phone codes"),
        ("", f"{world}/devices", "OTP devices: press the button, read the number"),
        ("", f"{world}/phone", "an authenticator app"),
        ("", f"{world}/parcels", "the post office: numbers for parcels, delivery"),
    ):
        out.print(f"  {set_cell_size(name, 14)}  [bold]{address:<32}[/bold]  {what}", markup=True)
    out.print(
        f"\n  Members' password: [bold]{signs.member_password}[/bold]   Staff password: [bold]{signs.staff_password}[/bold]\n",
        markup=True,
    )
    for who, login in (
        ("member 홍길동, mobile 010-5550-1101", "m1001"),
        ("member 김하나, mobile 010-5550-1102", "m1002"),
        ("member Jane Porter, mobile 010-5550-1119", "m1019"),
        ("staff: counter, head office 본점", "teller"),
        ("staff: counter, Gangnam 강남지점", "gangnam"),
        ("staff: counter, Busan 부산지점", "busan"),
        ("staff: help desk", "helpdesk"),
        ("staff: stock and shipping", "stock"),
        ("staff: administrator", "admin"),
        ("staff: auditor", "auditor"),
        ("staff: a second administrator", "manager"),
    ):
        serial = signs.serials.get(login)
        device = f"OTP {world}/devices/{serial}" if serial else "no OTP yet"
        out.print(f"  [bold]{login:<9}[/bold] {set_cell_size(who, 44)} {device}", markup=True)
    out.print(
        f"\n  Members are m1001 to m1020. Relying systems: POST {site}/v1/verifications, key in demo.json of the data folder."
    )
    out.rule("Ctrl-C ends it; the data stays")
