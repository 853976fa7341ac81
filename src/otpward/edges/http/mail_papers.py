"""Labels, covering letters and the list for the carrier. No seed, no code and no serial number stands on any of them: whoever
opens a letter on its way learns who it is for, and nothing with which to use what lies in it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from otpward.core.formats.code128 import draw
from otpward.core.model.institution import Institution
from otpward.core.model.shipping import MailClass
from otpward.edges.http.envelopes import Box, Envelope
from otpward.edges.http.post_door import PostDoor
from otpward.edges.http.words import Words, later
from otpward.ports.printer import Label, LabelSheet, Letter, LetterSheet

PER_PAGE: Final = 14
_BARS_HIGH: Final = 20
KINDS: Final = {
    MailClass.REGISTERED: later("Registered mail"),
    MailClass.RECIPIENT_ONLY: later("Registered mail, recipient only"),
}
_ON_LABELS: Final = {MailClass.REGISTERED: "등기", MailClass.RECIPIENT_ONLY: "본인지정 등기"}
"""What the post office reads, whatever the language of the page."""
_GENERIC: Final = (
    "tracking_number",
    "class",
    "name",
    "postcode",
    "address_1",
    "address_2",
    "phone",
    "reference",
    "batch",
    "position",
)
_EPOST: Final = (
    *("custNo", "apprNo", "payType", "reqType", "officeSer", "weight", "volume", "orderNo"),
    *("recNm", "recZip", "recAddr1", "recAddr2", "recTel", "contCd", "goodsNm", "printYn", "regiNo"),
)
"""The fields of Korea Post's contract parcels, under their own names, and the number that it gave."""
FORMS: Final = ("generic", "epost")


def label_sheet(
    envelopes: Sequence[Envelope], box: Box, words: Words, institution: Institution, *, first: int, at: datetime
) -> LabelSheet:
    """The labels of these parcels, the first one at this place of the paper."""
    return LabelSheet(
        lang="ko",
        institution=institution.name("ko"),
        title=words._("Labels of {batch}", batch=box.batch.number),
        labels=[_label(one, institution, words) for one in envelopes],
        first=first,
        at=at,
    )


def letter_sheet(box: Box, words_of: "dict[str, Words]", institution: Institution, *, at: datetime) -> LetterSheet:
    """A covering letter for each parcel, in its reader's language."""
    return LetterSheet(
        lang="ko",
        institution=institution.name("ko"),
        title=words_of["ko"]._("Letters of {batch}", batch=box.batch.number),
        letters=[_letter(one, words_of[one.member.language], institution) for one in box.envelopes],
        at=at,
    )


def carrier_rows(box: Box, form: str, post: PostDoor) -> tuple[Sequence[str], list[list[str]]]:
    """The columns and rows of the list for the carrier."""
    if form == "epost":
        return _EPOST, [_epost(one, post) for one in box.envelopes]
    return _GENERIC, [_generic(one, box) for one in box.envelopes]


def _label(one: Envelope, institution: Institution, words: Words) -> Label:
    number = one.parcel.tracking_number
    return Label(
        sender=institution.name("ko"),
        kind=_ON_LABELS[one.parcel.mail_class],
        address=one.address.lines,
        postcode=one.address.postcode,
        name=f"{one.member.name.reveal()} 님",
        number=number,
        bars=draw(number, height=_BARS_HIGH),
        said=words._("Barcode of {number}", number=number),
        place=str(one.parcel.position),
    )


def _letter(one: Envelope, words: Words, institution: Institution) -> Letter:
    _, lang = words._, words.lang
    case = one.case.number
    return Letter(
        lang=lang,
        sender=institution.name(lang),
        address=tuple(filter(None, (one.address.postcode, *one.address.lines))),
        name=_("{name} (recipient)", name=one.member.name.reveal()),
        title=_("Your new OTP"),
        lead=_("Here is the OTP that you applied for. It does not work yet: only you can wake it."),
        steps=[
            _("Sign in to our site and open your application {number}.", number=case),
            _("Register the device: scan the code on its back, or type the number."),
            _("Enter one number that the device shows. From then on it works, and the old one ends."),
        ],
        notes=[
            _(
                "Is the envelope open, or is the device not in it? Do not register it. Call {phone}",
                phone=institution.phone,
            ),
            _("Nobody asks you for the numbers that the device shows: not on the phone, not by message."),
        ],
        foot=_("Questions: {phone}", phone=institution.phone),
        case=case,
        bars=draw(case, height=_BARS_HIGH),
        said=_("Barcode of {number}", number=case),
    )


def _generic(one: Envelope, box: Box) -> list[str]:
    lines = one.address.lines
    return [
        one.parcel.tracking_number,
        one.parcel.mail_class.value,
        one.member.name.reveal(),
        one.address.postcode,
        lines[0] if lines else "",
        " ".join(lines[1:]),
        _local(one.member.phone.reveal()),
        one.parcel.id.hex,
        box.batch.number,
        str(one.parcel.position),
    ]


def _epost(one: Envelope, post: PostDoor) -> list[str]:
    lines = one.address.lines
    address = ("", "") if not lines else (lines[0], " ".join(lines[1:]))
    order, name, phone = one.parcel.id.hex, one.member.name.reveal(), _local(one.member.phone.reveal())
    head = [post.customer_no, post.approval_no, "1", "1", "", "1", "60", order]
    return [*head, name, one.address.postcode, *address, phone, "", "OTP", "N", one.parcel.tracking_number]


def _local(phone: str) -> str:
    """As Korea dials it."""
    return f"0{phone.removeprefix('+82')}" if phone.startswith("+82") else phone
