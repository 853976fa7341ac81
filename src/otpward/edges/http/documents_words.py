"""What is said of papers and of files that cannot be taken: one sentence each, with what to do."""

from collections.abc import Mapping
from typing import Final

from otpward.core.model.document import Document, Flaw
from otpward.core.policy.document.model import Policy
from otpward.core.policy.papers import Paper
from otpward.edges.http.words import Words, later

KINDS: Final[Mapping[Paper, str]] = {
    Paper.RESIDENT_CARD: later("Resident card"),
    Paper.DRIVER_LICENSE: later("Driving licence"),
    Paper.PASSPORT: later("Passport"),
    Paper.ALIEN_REGISTRATION_CARD: later("Alien registration card"),
}
FLAWS: Final[Mapping[Flaw, str]] = {
    Flaw.NONE_CHOSEN: later("Take a photo or choose a file"),
    Flaw.EMPTY: later("The file is empty. Choose another one."),
    Flaw.TOO_BIG: later("The file is larger than 10 MB. Send a smaller photo."),
    Flaw.TOO_MANY_PIXELS: later("The picture has more than 40 megapixels. Send a smaller one."),
    Flaw.TOO_SMALL: later("The picture is too small to be read. Take the photo anew."),
    Flaw.TYPE: later("This file is not a photo or a PDF. Choose a JPEG, PNG, WebP or PDF file."),
    Flaw.DRAWING: later("Drawings (SVG) are not taken. Send a photo or a PDF."),
    Flaw.ARCHIVE: later("Archives (ZIP and others) are not taken. Send the photo or the PDF itself."),
    Flaw.PHONE_FORMAT: later(
        "This photo is in your phone's own format (HEIC). Take it on this page, or change the camera's setting and take it "
        "again: on an iPhone Settings, Camera, Formats, Most Compatible; on a Galaxy switch high efficiency pictures off."
    ),
    Flaw.TWO_KINDS: later("The file is a picture and something else at once. Take the photo anew and send that."),
    Flaw.PASSWORD: later("The PDF opens only with a password. Save it without one and send it again."),
    Flaw.ATTACHMENTS: later("Other files are inside the PDF. Print the pages to a new PDF and send that."),
    Flaw.TOO_MANY_PAGES: later("The PDF has more than 10 pages. Send only the pages that are asked for."),
    Flaw.UNREADABLE: later("The file is damaged and cannot be opened. Take the photo anew or choose another file."),
    Flaw.TOO_HEAVY: later("The file could not be opened in time. Take a plain photo of the paper and send that."),
    Flaw.ANOTHER_PAPER: later("This looks like another paper than the one that is asked for. Send the right one."),
    Flaw.NOTHING_ON_IT: later("No writing was found on the picture. Put the paper in the middle and take the photo anew."),
    Flaw.VIRUS: later("A virus was found in the file. Nothing of it was kept. Take a new photo and send that."),
    Flaw.NOT_SCANNED: later(
        "The file could not be checked for viruses just now. Nothing was kept; send it again in a few minutes."
    ),
    Flaw.BLURRED: later("The writing is blurred or lost in a reflection. Hold still, avoid the lamp, and take the photo anew."),
}


def item_title(document: Document, policy: Policy, words: Words) -> str:
    """What the policy calls the paper; its name in the policy, where that says nothing of it any more."""
    asked = policy.documents.get(document.item)
    return document.item if asked is None else asked.title.text(words.lang)
