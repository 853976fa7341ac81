"""The server's side of the printer: one process, asked one sheet after another, let go when nobody prints."""

import json
import subprocess
import threading
from contextlib import suppress
from dataclasses import asdict
from importlib.util import find_spec
from typing import Final

import structlog

from otpward.adapters.child import deadline, end_child, pipes, start_child
from otpward.adapters.documents.frames import put, take
from otpward.core.errors import Unavailable
from otpward.ports.printer import LabelSheet, LetterSheet, Printable

_MODULE: Final = "otpward.adapters.pdf.printing"
_START_S: Final = 30.0
_PRINT_S: Final = 10.0
_QUIET_S: Final = 300.0
"""A process that printed nothing for so long is let go: it holds about 60 MB."""
_SHEETS: Final = 2000
"""The compiler remembers what it set; after so many sheets a new process begins with an empty memory."""

_log = structlog.get_logger()


def is_installed() -> bool:
    """Whether PDFs can be made here at all (the extra `pdf`)."""
    return find_spec("typst") is not None


class TypstPrinter:
    """Makes PDFs in another process. Calls from several threads take turns. `fonts` is a folder of the institution's own."""

    def __init__(self, fonts: str = "") -> None:
        self._fonts = fonts
        self._turn = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._printed = 0
        self._quiet: threading.Timer | None = None

    def print(self, sheet: Printable) -> bytes:
        """The sheet as a PDF; raises `Unavailable`."""
        words = {name: value for name, value in asdict(sheet).items() if name != "at"}
        told = json.dumps(words).encode()
        with self._turn:
            process = self._running()
            try:
                with deadline(process, _PRINT_S):
                    put(pipes(process)[0], {"at": int(sheet.at.timestamp()), "template": _template(sheet)}, told)
                    head, made = take(pipes(process)[1])
            except (EOFError, OSError):
                status = process.poll()
                self._let_go()
                _log.error("printer_died", status=status)
                raise Unavailable("the printer did not finish") from None
            self._printed += 1
            self._wait_for_more()
        if "fault" in head:
            _log.error("sheet_not_printed", fault=head["fault"])
            raise Unavailable("the sheet could not be printed")
        return made

    def close(self) -> None:
        """Let go of the process."""
        with self._turn:
            self._let_go()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._quiet is not None:
            self._quiet.cancel()
        if self._process is not None and self._process.poll() is None and self._printed < _SHEETS:
            return self._process
        self._let_go()
        process = start_child(_MODULE, *([self._fonts] if self._fonts else []))
        try:
            with deadline(process, _START_S):
                take(pipes(process)[1])
        except (EOFError, OSError):
            end_child(process)
            raise Unavailable("the printer does not start") from None
        self._process, self._printed = process, 0
        return process

    def _wait_for_more(self) -> None:
        self._quiet = threading.Timer(_QUIET_S, self.close)
        self._quiet.daemon = True
        self._quiet.start()

    def _let_go(self) -> None:
        if self._quiet is not None:
            self._quiet.cancel()
        if self._process is not None:
            with suppress(OSError):
                end_child(self._process)
            self._process = None


def _template(sheet: Printable) -> str:
    match sheet:
        case LabelSheet():
            return "labels"
        case LetterSheet():
            return "letters"
        case _:
            return "sheet"
