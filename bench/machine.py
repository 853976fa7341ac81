"""The machine of a run, in a few words each."""

import os
import platform
import sqlite3
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

from tests.postgres import binaries

_PACKAGES: Final = ("uvicorn", "httptools", "uvloop", "cryptography", "asyncpg", "sqlalchemy")


def describe(engines: list[str]) -> dict[str, str]:
    """What the figures depend on."""
    told = {
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "processor": f"{os.cpu_count()} cores, {_processor()}",
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB",
        "kernel": f"{platform.system()} {platform.release()}",
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
        "SQLite": sqlite3.sqlite_version,
    }
    if "postgresql" in engines:
        command = [str(binaries() / "postgres"), "--version"]
        told["PostgreSQL"] = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()[-1]
    return told | {"packages": ", ".join(f"{name} {version(name)}" for name in _PACKAGES)}


def _processor() -> str:
    """The model's name, as the kernel has it."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
