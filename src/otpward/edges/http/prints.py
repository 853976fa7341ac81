"""PDFs on their way out: they are made one after another, and who waits for one holds no thread meanwhile."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from otpward.core.errors import Unavailable
from otpward.ports.printer import Printable, Printer, PrinterBusy

WAITING: Final = 256
"""So many sheets may wait: at 10 to 20 ms each, nobody waits longer than five seconds; the next is asked to come again."""
AGAIN_S: Final = 5


class Prints:
    """The queue before the printer."""

    def __init__(self, printer: Printer, *, waiting: int = WAITING) -> None:
        self._printer = printer
        self._room = threading.BoundedSemaphore(waiting)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="printer")

    async def make(self, sheet: Printable) -> bytes:
        """The sheet as a PDF, when its turn has come.

        Raises:
            PrinterBusy: no room in the queue.
            Unavailable: it could not be made.
        """
        if not self._room.acquire(blocking=False):
            raise PrinterBusy("no room for another sheet")
        try:
            made = self._thread.submit(self._printer.print, sheet)
        except BaseException:
            self._room.release()
            raise
        made.add_done_callback(lambda _done: self._room.release())
        return await asyncio.wrap_future(made)

    def close(self) -> None:
        """Let the one in hand finish, and no other begin."""
        self._thread.shutdown(wait=False, cancel_futures=True)
        self._printer.close()


class Printed(Response):
    """The answer to "save as PDF". It is made while the answer is being sent; where it cannot be, `otherwise` answers."""

    media_type = "application/pdf"

    def __init__(self, prints: Prints, sheet: Printable, name: str, otherwise: Callable[[Unavailable], Response]) -> None:
        super().__init__()
        self._prints, self._sheet, self._otherwise = prints, sheet, otherwise
        self.headers["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
        self.headers["Cache-Control"] = "no-store"
        self.headers["X-Content-Type-Options"] = "nosniff"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Make it and send it."""
        try:
            self.body = await self._prints.make(self._sheet)
        except Unavailable as error:
            page = await run_in_threadpool(self._otherwise, error)
            page.raw_headers.extend(header for header in self.raw_headers if header[0] == b"set-cookie")
            page.headers["Retry-After"] = str(AGAIN_S)
            await page(scope, receive, send)
            return
        self.headers["Content-Length"] = str(len(self.body))
        await super().__call__(scope, receive, send)
