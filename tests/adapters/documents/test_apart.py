"""Files are opened in another process, and whatever they do there comes back as a sentence."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from otpward.adapters.documents.apart import ApartReader
from otpward.core.model.document import Flaw
from otpward.core.policy.papers import Paper
from otpward.core.secret import PersonalOctets
from otpward.ports.documents import Patch, ReadPaper
from tests.adapters.documents import files

CARD = files.photo(size=(1000, 640), text="REPUBLIC OF KOREA\nPASSPORT YESI\nGYEONBON 2031\n991301-1234567")


@pytest.fixture(scope="module")
def reader() -> Iterator[ApartReader]:
    one = ApartReader()
    yield one
    one.close()


def opened(page: bytes) -> Image.Image:
    with Image.open(BytesIO(page)) as picture:
        picture.load()
        return picture


def read(reader: ApartReader, octets: bytes, paper: Paper | None = None) -> ReadPaper:
    reading = reader.read(octets, paper)
    assert isinstance(reading, ReadPaper), reading
    return reading


@pytest.mark.parametrize(
    ("octets", "flaw"),
    [
        pytest.param(files.pdf_with_password(), Flaw.PASSWORD, id="a PDF with a password"),
        pytest.param(files.pdf(attachment=b"inside"), Flaw.ATTACHMENTS, id="a PDF with a file in it"),
        pytest.param(files.pdf(1000), Flaw.TOO_MANY_PAGES, id="a PDF of 1000 pages"),
        pytest.param(b"%PDF-1.7\nnothing", Flaw.UNREADABLE, id="a PDF of nothing"),
        pytest.param(CARD[: len(CARD) // 2], Flaw.UNREADABLE, id="a photo cut in half"),
        pytest.param(files.png_saying(800, 600), Flaw.UNREADABLE, id="a PNG that has less than it says"),
        pytest.param(files.photo(), Flaw.NOTHING_ON_IT, id="a photo of nothing"),
        pytest.param(files.pdf(), Flaw.NOTHING_ON_IT, id="an empty page"),
        pytest.param(b"", Flaw.EMPTY, id="0 octets"),
    ],
)
def test_what_cannot_be_taken_says_why(reader: ApartReader, octets: bytes, flaw: Flaw) -> None:
    assert reader.read(octets, None) is flaw


def test_a_bomb_hurts_only_the_process_it_is_opened_in(reader: ApartReader) -> None:
    assert reader.read(files.pdf_bomb(), None) in {Flaw.TOO_HEAVY, Flaw.UNREADABLE, Flaw.NOTHING_ON_IT}
    assert read(reader, CARD).pages


def test_the_number_is_black_and_the_rest_is_there(reader: ApartReader) -> None:
    page = read(reader, CARD, Paper.RESIDENT_CARD).pages[0]
    picture = opened(page.picture.reveal()).convert("L")
    assert page.covers >= 1
    black = sum(1 for value in picture.tobytes() if value < 8)
    assert 2_000 < black < 60_000


@pytest.mark.parametrize("word", [b"CAMERA-OF-A-PERSON", b"OWNER-NAME", b"COMMENT-OF-A-PERSON", b"Exif", b"ICC_PROFILE"])
def test_nothing_of_the_file_is_kept_but_what_can_be_seen(reader: ApartReader, word: bytes) -> None:
    pages = reader.cover([PersonalOctets(files.photo_with_place())], [])
    assert word not in pages[0].picture.reveal()


def test_a_photo_that_says_it_is_turned_is_stood_up(reader: ApartReader) -> None:
    page = reader.cover([PersonalOctets(files.photo_with_place())], [])[0]
    assert (page.width, page.height) == (600, 800)


def test_what_the_member_covers_is_black(reader: ApartReader) -> None:
    page = reader.cover([PersonalOctets(files.photo(size=(400, 400)))], [Patch(0, 0.0, 0.0, 0.5, 0.5)])[0]
    picture = opened(page.picture.reveal()).convert("L")
    assert picture.getpixel((50, 50)) == 0
    assert picture.getpixel((350, 350)) == 255


def test_a_large_photo_is_kept_small(reader: ApartReader) -> None:
    page = reader.cover([PersonalOctets(files.photo(size=(4000, 3000)))], [])[0]
    assert (page.width, page.height) == (2000, 1500)


def test_a_reader_that_was_killed_is_started_again(reader: ApartReader) -> None:
    read(reader, CARD)
    assert reader._reader is not None
    os.kill(reader._reader.pid, signal.SIGKILL)
    reader._reader.wait()
    assert read(reader, CARD).pages


def test_the_reader_holds_no_file_and_no_line_to_the_outside(reader: ApartReader) -> None:
    read(reader, CARD)
    assert reader._reader is not None
    process = Path("/proc") / str(reader._reader.pid)
    held = [str(one.readlink()) for one in (process / "fd").iterdir()]
    assert [one for one in held if not one.startswith("pipe:") and one != "/dev/null"] == []
    limits = (process / "limits").read_text()
    assert re.search(r"Max file size +0 +0 ", limits), "so nothing can be written to any disk"
    assert re.search(r"Max core file size +0 +0 ", limits)


def test_the_opener_may_open_no_file_and_start_nothing(tmp_path: Path) -> None:
    program = (
        "import os, sys\n"
        "from otpward.adapters.documents.limits import confine\n"
        "confine(memory_mib=900)\n"
        "for act in (lambda: open('/etc/passwd'), lambda: os.pipe()):\n"
        "    try: act()\n"
        "    except OSError: continue\n"
        "    sys.exit(1)\n"
        "try: bytearray(2**30)\n"
        "except MemoryError: sys.exit(0)\n"
        "sys.exit(2)\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], env=_surroundings(), cwd=tmp_path, capture_output=True)
    assert ended.returncode == 0


def test_the_server_loads_none_of_it() -> None:
    program = (
        "import sys, otpward.wiring, otpward.adapters.documents.apart, otpward.edges.http.app\n"
        "sys.exit(bool({'PIL', 'pypdfium2', 'rapidocr', 'onnxruntime', 'cv2', 'numpy'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", program], env=_surroundings(), capture_output=True).returncode == 0


def _surroundings() -> dict[str, str]:
    return {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "PATH": ""}
