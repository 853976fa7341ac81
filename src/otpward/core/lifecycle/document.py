"""How a picture of a paper goes: read, offered to the member or refused, kept, and erased in the end."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from otpward.core.lifecycle.table import follow


class DocumentState(StrEnum):
    """How far it has come. `read` and `by_hand` are looked at by the member, who keeps them or not."""

    READING = "reading"
    READ = "read"
    BY_HAND = "by_hand"
    REFUSED = "refused"
    KEPT = "kept"
    ERASED = "erased"


class DocumentEvent(StrEnum):
    """What can happen to it."""

    COVER = "cover"
    DOUBT = "doubt"
    """The reader could not find every number; a person must look."""
    REFUSE = "refuse"
    KEEP = "keep"
    ERASE = "erase"


DOCUMENT: Final[Mapping[DocumentState, Mapping[DocumentEvent, DocumentState]]] = {
    DocumentState.READING: {
        DocumentEvent.COVER: DocumentState.READ,
        DocumentEvent.DOUBT: DocumentState.BY_HAND,
        DocumentEvent.REFUSE: DocumentState.REFUSED,
        DocumentEvent.ERASE: DocumentState.ERASED,
    },
    DocumentState.READ: {DocumentEvent.KEEP: DocumentState.KEPT, DocumentEvent.ERASE: DocumentState.ERASED},
    DocumentState.BY_HAND: {DocumentEvent.KEEP: DocumentState.KEPT, DocumentEvent.ERASE: DocumentState.ERASED},
    DocumentState.REFUSED: {},
    DocumentState.KEPT: {DocumentEvent.ERASE: DocumentState.ERASED},
    DocumentState.ERASED: {},
}


def advance_document(state: DocumentState, event: DocumentEvent) -> DocumentState:
    """The state after `event`; raises `IllegalTransition`."""
    return follow(DOCUMENT, state, event)
