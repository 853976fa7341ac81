"""The outer walls: the locks agree and name no address, and what is shipped is what lies in the package."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "otpward"


def pins(name: str) -> dict[str, str]:
    """The locked packages of one file, with their markers."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    return dict(re.findall(r"^([\w.-]+)(==[^\\\n]+)", text, re.MULTILINE))


def test_the_locks_agree() -> None:
    run, dev = pins("run"), pins("dev")
    assert {name: dev.get(name) for name in run} == run
    demo = pins("demo")
    assert {name: dev.get(name) for name in demo} == demo
    assert not set(demo) & set(run), "the demo lock holds only what comes on top"
    assert not set(pins("chaos")) & set(dev), "the chaos lock holds only what comes on top"


@pytest.mark.parametrize("name", ["run", "demo", "dev", "chaos"])
def test_a_lock_names_no_address_and_every_hash(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"^-", text, re.MULTILINE)
    for entry in re.split(r"\n(?=[a-z])", text)[1:]:
        assert "--hash=sha256:" in entry, entry


def test_the_product_stays_within_fifty_packages() -> None:
    """DESIGN: at most 50 packages at run time; what builds the project and what only Windows needs is not among them."""
    needed = {name for name, pin in pins("run").items() if "sys_platform == 'win32'" not in pin} - {"setuptools"}
    assert len(needed) <= 50, sorted(needed)


def test_the_wheel_carries_every_file_of_the_package(tmp_path: Path) -> None:
    copy = tmp_path / "tree"
    ours = ["pyproject.toml", "README.md", "LICENSE", "src"]
    copy.mkdir()
    subprocess.run(["cp", "-r", *(str(ROOT / name) for name in ours), str(copy)], check=True)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-index"]
    subprocess.run([*command, "--no-build-isolation", "--wheel-dir", str(tmp_path), str(copy)], check=True)
    shipped = set(zipfile.ZipFile(next(tmp_path.glob("*.whl"))).namelist())
    names = (file.relative_to(PACKAGE) for file in PACKAGE.rglob("*") if file.is_file())
    lying_there = {
        f"otpward/{name.as_posix()}"
        for name in names
        if name.suffix != ".pyc" and name.name != "ruff.toml" and not any(part.startswith(".") for part in name.parts)
    }
    assert lying_there - shipped == set()


def test_the_doors_of_the_house_open_in_any_order() -> None:
    """What console and portal share lies below both, and the console needs nothing of the portal: no circle, wherever one
    begins."""
    http = PACKAGE / "edges" / "http"
    imports = re.compile(r"^(?:from|import) otpward\.edges\.http\.(console|portal)\b", re.MULTILINE)
    shared = [file for file in http.glob("*.py") if file.name != "app.py"]
    assert {file.name: found for file in shared if (found := imports.findall(file.read_text(encoding="utf-8")))} == {}
    for room, other in (("console", "portal"), ("api", "console"), ("api", "portal")):
        for file in (http / room).glob("*.py"):
            assert other not in imports.findall(file.read_text(encoding="utf-8")), file.name
