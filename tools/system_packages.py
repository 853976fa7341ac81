"""Sees to the few things that tests need and the lock cannot carry: Chromium, a Korean font, oathtool, pskctool and curl; for
`make chaos` oathtool, fuse3 and libfaketime.

    python3 tools/system_packages.py [chaos]

What is here is used as it is. What is missing comes from Debian's packages where this may be done; elsewhere one sentence says
what to install. PostgreSQL is not among them: it comes with the lock.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

# Chromium's name on Debian and Fedora, on Ubuntu, and Google's build of it.
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
KOREAN_FONTS = ("Nanum*", "NotoSansCJK*", "NotoSansKR*", "Pretendard*", "malgun*")
LIBRARIES = Path("/usr/lib")
FONT_FOLDERS = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path.home() / ".local/share/fonts",
    Path.home() / ".fonts",
)


def main() -> int:
    for_chaos = sys.argv[1:] == ["chaos"]
    missing = {package: words for package, words, here in (chaos_needs() if for_chaos else tests_need()) if not here}
    if not missing:
        return 0
    problem = install(list(missing))
    if problem is None:
        return 0
    words = list(missing.values())
    needed = words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
    print(f"{'This needs' if for_chaos else 'The tests need'} {needed}, and {problem}.", file=sys.stderr)
    return 3


def tests_need() -> Iterator[tuple[str, str, bool]]:
    """Debian's name for it, ours, and whether it is here."""
    yield "chromium", "Chromium", any(map(shutil.which, BROWSERS))
    yield "fonts-noto-cjk", "a Korean font", has_korean_font()
    yield "oathtool", "oathtool", bool(shutil.which("oathtool"))
    yield "pskctool", "pskctool", bool(shutil.which("pskctool"))
    yield "curl", "curl", bool(shutil.which("curl"))


def chaos_needs() -> Iterator[tuple[str, str, bool]]:
    """The same, for races and faults at length."""
    yield "oathtool", "oathtool", bool(shutil.which("oathtool"))
    yield "fuse3", "fuse3", bool(shutil.which("fusermount3"))
    yield "libfaketime", "libfaketime", any(True for _ in LIBRARIES.glob("*/faketime/libfaketimeMT.so.1"))


def has_korean_font() -> bool:
    """Ask fontconfig where it is there, else look for the files of the usual families."""
    if shutil.which("fc-list"):
        return bool(subprocess.run(["fc-list", ":lang=ko", "family"], capture_output=True, check=False).stdout.strip())
    return any(True for folder in FONT_FOLDERS for name in KOREAN_FONTS for _ in folder.rglob(name))


def install(packages: list[str]) -> str | None:
    """Install system packages; return why that could not be done, if it could not."""
    command = f"apt-get install --yes {' '.join(packages)}"
    if not shutil.which("apt-get"):
        return "this system has no apt-get: install them in its own way and run the same command again"
    if os.geteuid() != 0:
        return f"only root may install them: run `sudo {command}`, then the same command again"
    print(f"otpward: installing system packages, once: {', '.join(packages)} (a few minutes at most)", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for step in (["update"], ["install", "--yes", "--no-install-recommends", *packages]):
        done = subprocess.run(
            ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=120", *step], env=quiet, capture_output=True, text=True, check=False
        )
        # A stale list may still do: only what cannot be installed counts.
        if done.returncode and step[0] == "install":
            reasons = [line for line in done.stderr.splitlines() if line.startswith("E:")] or ["apt-get failed"]
            return f"`{command}` did not work ({reasons[0].removeprefix('E:').strip().rstrip('.')})"
    return None


if __name__ == "__main__":
    sys.exit(main())
