"""What the README shows works as it stands there."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def test_the_commands_of_the_readme_verify_a_code_once(tmp_path: Path) -> None:
    commands = re.findall(r"^```sh\n(.*?)^```$", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert len(commands) == 1
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    here = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "OTPWARD_DATA": str(tmp_path / "data"),
        "PORT": str(port),
        "HOME": str(tmp_path),
        "LANG": "C.UTF-8",
    }
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands[0]], cwd=tmp_path, env=here, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert re.findall(r'"result":\s*"(\w+)"', done.stdout) == ["accepted", "refused"], done.stdout


def test_every_document_that_the_readme_names_is_there() -> None:
    for document in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "docs/story.md", "changes/README.md"):
        path = ROOT / document
        for target in re.findall(r"\]\(([^)#:]+)\)", path.read_text(encoding="utf-8")):
            assert (path.parent / target).exists(), f"{document}: {target}"
