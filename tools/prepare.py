"""Makes the `.venv` that a command needs, from the lock, and says what it is doing; where it is ready, it says nothing.

    python3 tools/prepare.py run|demo|dev|chaos [--port PORT]

Needs nothing but the standard library. `demo` comes on top of `run`, and `chaos` of `dev`, which holds all of `run` and `demo`
with the same versions. A stamp beside the packages names the lock they came from; without the right stamp the folder is made
anew, so an interrupted or outdated install mends itself.
"""

import argparse
import fcntl
import hashlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOCKS = {name: ROOT / "requirements" / f"{name}.txt" for name in ("run", "demo", "dev", "chaos")}
BELOW = {"demo": "run", "chaos": "dev"}

# What pip says, and what that means to the person waiting. The first that fits wins.
EXPLANATIONS = (
    (r"No space left on device", "the disk is full"),
    (r"Permission denied|Read-only file system", f"{VENV} cannot be written"),
    (
        r"NewConnectionError|name resolution|Connection(?:Reset|Refused)?Error|[Tt]imed? ?out|ProxyError|SSLError",
        "the package index does not answer: check the network, or the proxy settings",
    ),
    (r"DO NOT MATCH THE HASHES", "a package is not the one that the lock names, so it was refused"),
    (r"No matching distribution found for (\S+)", "no ready-made package of {0} can be had for this Python and system"),
)


class CannotPrepare(Exception):
    """What could not be had, in one sentence for the person who typed the command."""


def main() -> int:
    asked = argparse.ArgumentParser(description="Make the .venv that a command needs.")
    asked.add_argument("what", choices=sorted(LOCKS))
    asked.add_argument("--port", default="", help="refuse early if this port is taken")
    options = asked.parse_args()
    try:
        if options.port:
            check_port(options.port)
        with only_one_at_a_time():
            if not is_ready(options.what):
                prepare(options.what)
    except CannotPrepare as reason:
        print(f"otpward cannot start: {reason}.", file=sys.stderr)
        return 3
    except KeyboardInterrupt:
        print("\notpward: stopped; the next call goes on from here.", file=sys.stderr)
        return 130
    return 0


def check_port(port: str) -> None:
    """Refuse a port that is none or is taken, before minutes go into an install."""
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise CannotPrepare(f"PORT={port} is not a port; give a number from 1 to 65535")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(port)))
        except PermissionError:
            raise CannotPrepare(f"port {port} needs root; choose one above 1023") from None
        except OSError:
            raise CannotPrepare(f"port {port} is taken; choose another one with PORT=") from None


@contextmanager
def only_one_at_a_time() -> Iterator[None]:
    """Let a second `make` wait for the first instead of building into the same folder."""
    try:
        handle = os.open(ROOT, os.O_RDONLY)
    except OSError as error:
        raise CannotPrepare(f"{ROOT} cannot be read ({error.strerror})") from None
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another make to finish preparing")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def fingerprint(what: str) -> str:
    """Name everything the installed packages follow from: the lock, what the project says of itself, and where it lies."""
    about = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    parts = [LOCKS[what].read_text(encoding="utf-8"), json.dumps([about["project"], about["build-system"]]), str(ROOT)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def stamp(what: str) -> Path:
    return VENV / f"otpward-{what}.stamp"


def is_ready(what: str) -> bool:
    if what in BELOW and not is_ready(BELOW[what]):
        return False
    try:
        stamped = stamp(what).read_text(encoding="utf-8")
        version = re.search(r"^version\s*=\s*(\d+\.\d+)", (VENV / "pyvenv.cfg").read_text(encoding="utf-8"), re.MULTILINE)
    except OSError:
        return False
    # An interpreter named by hand is meant; otherwise any that made the folder will do.
    wanted = not os.environ.get("PYTHON") or (version and version[1] == f"{sys.version_info[0]}.{sys.version_info[1]}")
    return bool(wanted) and stamped == fingerprint(what) and (VENV / "bin" / "python").exists()


def prepare(what: str) -> None:
    started = time.monotonic()
    if what in BELOW:
        if not is_ready(BELOW[what]):
            prepare(BELOW[what])
        say(f"adding what {what} needs to .venv")
        install(what)
        stamp(what).write_text(fingerprint(what), encoding="utf-8")
        return
    if what == "dev" and is_ready("run"):
        say("adding the test tools to .venv")
        for name in ("run", "demo"):
            stamp(name).unlink(missing_ok=True)
    else:
        say(f"making .venv with Python {'.'.join(map(str, sys.version_info[:3]))}, once")
        make_venv()
    install(what)
    say("joining otpward to .venv")
    pip("--no-deps", "--no-build-isolation", "--no-index", "--editable", str(ROOT))
    for name in ("run", "demo", "dev") if what == "dev" else ("run",):
        stamp(name).write_text(fingerprint(name), encoding="utf-8")
    say(f"ready after {time.monotonic() - started:.0f} s")


def make_venv() -> None:
    try:
        if VENV.is_symlink() or VENV.is_file():
            VENV.unlink()
        elif VENV.exists():
            shutil.rmtree(VENV)
    except OSError as error:
        raise CannotPrepare(f"{VENV} cannot be written ({error.strerror})") from None
    made = subprocess.run(
        [sys.executable, "-m", "venv", str(VENV)], env=clean_environment(), capture_output=True, text=True, check=False
    )
    if made.returncode:
        raise CannotPrepare(explain(made.stdout + made.stderr))


def install(what: str) -> None:
    """Install what the lock names, and nothing that it does not: every file's hash is compared, nothing is compiled."""
    total = len(re.findall(r"^[\w.-]+==(?!.*== 'win32')", LOCKS[what].read_text(encoding="utf-8"), re.MULTILINE))
    fetched = 0

    def follow(line: str) -> None:
        nonlocal fetched
        # A file of a local index is "processed", not "collected"; its name begins with the package's.
        if match := re.match(
            r"(?:Collecting|Requirement already satisfied:|Processing (?:\S*/)?)\s*(\w[\w.-]*?)(?:-\d|==| )", line
        ):
            fetched += 1
            progress(f"package {fetched} of {total}: {match[1]}", shown=fetched % 10 == 1)
        elif line.startswith("Installing collected packages"):
            progress(f"all {fetched} packages are here; unpacking", shown=True)

    pip("--require-hashes", "--no-deps", "--only-binary", ":all:", "--requirement", str(LOCKS[what]), follow=follow)


def pip(*arguments: str, follow: Callable[[str], None] = lambda line: None) -> None:
    """Run `pip install` in the .venv; where it fails, say why in one sentence and keep what it said in a file."""
    command = [str(VENV / "bin" / "python"), "-m", "pip", "install", "--retries", "2", "--progress-bar", "off", *arguments]
    with subprocess.Popen(
        command, cwd=ROOT, env=clean_environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as running:
        said = []
        for line in running.stdout or ():
            said.append(line)
            follow(line)
    if running.returncode:
        log = VENV / "install.log"
        log.write_text("".join(said), encoding="utf-8")
        raise CannotPrepare(f"{explain(''.join(said))} (all that was said: {log})")


def clean_environment() -> dict[str, str]:
    """Keep other projects' packages out of sight, so that what is installed is what the lock names."""
    others = {"PYTHONPATH", "PYTHONHOME", "PIP_USER", "PIP_TARGET", "PIP_PREFIX"}
    return {name: value for name, value in os.environ.items() if name not in others}


def explain(said: str) -> str:
    for pattern, meaning in EXPLANATIONS:
        if match := re.search(pattern, said):
            return meaning.format(*match.groups())
    errors = [line.strip() for line in said.splitlines() if "error" in line.lower()]
    return errors[-1].rstrip(".") if errors else "the packages could not be installed"


def progress(text: str, *, shown: bool) -> None:
    """Rewrite one line on a terminal; elsewhere write only the lines worth keeping."""
    if sys.stdout.isatty():
        print(f"\r\033[Kotpward: {text}", end="\n" if "unpacking" in text else "", flush=True)
    elif shown:
        say(text)


def say(text: str) -> None:
    print(f"otpward: {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
