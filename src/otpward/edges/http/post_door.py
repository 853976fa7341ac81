"""What the pages know of the carrier: whether it gives numbers, and where a member sees their parcel."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from otpward.core.formats.tracking import DOMESTIC

EPOST_PAGE: Final = "https://service.epost.go.kr/trace.RetrieveDomRigiTraceList.comm?sid1={number}"
"""Korea Post's own page about a domestic registered number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostDoor:
    """`orders`: numbers are asked for by adapter. `page`: the carrier's page about a number. The customer and approval numbers
    stand in the list for a contract with Korea Post."""

    orders: bool = False
    page: str = EPOST_PAGE
    customer_no: str = ""
    approval_no: str = ""

    def link(self, number: str) -> str:
        """The carrier's page about this number; nothing where there is none: Korea Post has another one for mail abroad."""
        if not number or not self.page or (self.page == EPOST_PAGE and not DOMESTIC.fullmatch(number)):
            return ""
        return self.page.replace("{number}", quote(number, safe=""))
