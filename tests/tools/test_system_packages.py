"""What the lock cannot carry is installed where it may be, and otherwise asked for in one sentence."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parent.parent.parent / "tools" / "system_packages.py"
THERE = {"chromium": "", "curl": "", "oathtool": "", "pskctool": "", "fc-list": "echo NanumGothic"}
UNABLE = "echo 'E: Unable to locate package oathtool' >&2; test $1 != -qq || exit 100"


def run(folder: Path, programs: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    """Run the script where these programs, and no others, are to be found."""
    for name, does in programs.items():
        (folder / name).write_text(f"#!/bin/sh\n{does}\n", encoding="utf-8")
        (folder / name).chmod(0o755)
    return subprocess.run([sys.executable, str(SCRIPT), *words], env={"PATH": str(folder)}, capture_output=True, text=True)


def without(*names: str) -> dict[str, str]:
    return {name: does for name, does in THERE.items() if name not in names}


def test_what_is_here_is_used_without_a_word(tmp_path: Path) -> None:
    done = run(tmp_path, THERE | {"apt-get": "exit 1"})
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("programs", "needed"),
    [
        pytest.param(without("chromium"), "The tests need Chromium, and ", id="browser"),
        pytest.param(without("oathtool", "curl"), "The tests need oathtool and curl, and ", id="two"),
        pytest.param(THERE | {"fc-list": ""}, "The tests need a Korean font, and ", id="font"),
    ],
)
def test_without_apt_one_sentence_says_what_to_install(tmp_path: Path, programs: dict[str, str], needed: str) -> None:
    done = run(tmp_path, programs)
    assert done.returncode == 3
    assert done.stderr.startswith(needed)
    assert done.stderr.count("\n") == 1
    assert "this system has no apt-get" in done.stderr


def test_chaos_needs_other_things_than_the_tests(tmp_path: Path) -> None:
    done = run(tmp_path, {"oathtool": ""}, "chaos")
    assert done.returncode == 3
    assert done.stderr.startswith("This needs fuse3")
    assert "Chromium" not in done.stderr


def test_apt_failing_or_not_allowed_is_one_sentence_with_the_command(tmp_path: Path) -> None:
    done = run(tmp_path, without("oathtool") | {"apt-get": UNABLE})
    assert done.returncode == 3
    assert done.stderr.count("\n") == 1
    assert "apt-get install --yes oathtool`" in done.stderr
    assert ("Unable to locate package oathtool" if os.geteuid() == 0 else "only root may install them") in done.stderr


def test_root_gets_what_is_missing_and_others_get_nothing_touched(tmp_path: Path) -> None:
    done = run(tmp_path, without("oathtool") | {"apt-get": f'echo "$@" >> {tmp_path}/asked'})
    asked = (tmp_path / "asked").read_text().splitlines() if (tmp_path / "asked").exists() else []
    if os.geteuid() == 0:
        assert done.returncode == 0
        assert "installing system packages, once: oathtool" in done.stdout
        assert [line.split(" ", 3)[3] for line in asked] == ["update", "install --yes --no-install-recommends oathtool"]
    else:
        assert asked == []
