"""Writes the locks of requirements/ from pyproject.toml: every package for every platform, with hashes.

    python3 tools/lock.py [--upgrade]

Without `--upgrade`, what is already pinned stays. The development lock is resolved against the run lock, so the two agree; the
chaos lock holds only what comes on top of it, the demo lock what comes on top of the run lock. No
address of an index is written: whoever installs uses the index they trust, and the hashes say whether it gave the right files.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# The resolver writes locks for all platforms at once, which pip does not.
RESOLVER = "uv==0.13.9"
OLDEST_PYTHON = "3.11"


def main() -> int:
    upgrade = ["--upgrade"] if "--upgrade" in sys.argv[1:] else []
    with tempfile.TemporaryDirectory(prefix="otpward-lock-") as folder:
        scratch = Path(folder)
        python = scratch / "venv" / "bin" / "python"
        print("otpward: fetching the resolver", flush=True)
        subprocess.run([sys.executable, "-m", "venv", str(scratch / "venv")], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", RESOLVER], check=True)
        resolve = [
            str(python), "-m", "uv", "pip", "compile", "--quiet", "--no-header", "--generate-hashes",
            "--universal", "--python-version", OLDEST_PYTHON, "--no-emit-index-url", "--no-emit-find-links", *upgrade,
        ]  # fmt: skip
        for name, extra in (
            ("run", ["pyproject.toml", "--group", "build"]),
            ("dev", ["pyproject.toml", "--group", "build", "--group", "test", "--constraint", "requirements/run.txt"]),
            ("demo", ["--group", "demo", "--constraint", "requirements/dev.txt"]),
            ("chaos", ["--group", "chaos", "--constraint", "requirements/dev.txt"]),
        ):
            print(f"otpward: resolving requirements/{name}.txt", flush=True)
            lock = ROOT / "requirements" / f"{name}.txt"
            fresh = scratch / f"{name}.txt"
            if lock.exists():
                fresh.write_text(lock.read_text(encoding="utf-8"), encoding="utf-8")
            command = [*resolve, *extra, "--output-file", str(fresh)]
            subprocess.run(command, cwd=ROOT, env=os.environ | {"UV_NO_CONFIG": "1"}, check=True)
            pins = fresh.read_text(encoding="utf-8")
            if "://" in pins or str(ROOT) in pins:
                print(f"requirements/{name}.txt would name an address or a path; it was left as it was.", file=sys.stderr)
                return 1
            title = f"# {name}: written by `make lock` from pyproject.toml; not by hand.\n"
            lock.write_text(title + pins.removeprefix(title), encoding="utf-8")
            packages = re.findall(r"^[\w.-]+==", pins, re.MULTILINE)
            print(f"otpward: requirements/{name}.txt has {len(packages)} packages", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
