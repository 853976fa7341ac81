"""Ready sentences for what a member reads when more is needed or an application is refused. They are sent in the member's
language; what the operator writes beside them is sent as written."""

from collections.abc import Mapping
from typing import Final

from otpward.edges.http.words import Words, later

ASK: Final[Mapping[str, str]] = {
    "serial": later("The serial number does not match our record. Write the number on the back of the device."),
    "reason": later("Tell us what happened to the OTP: when and where you last used it."),
    "address": later("The address is not complete. Write the building, the floor or the flat number, and a postcode."),
    "call": later("We could not reach you by phone. Call us and have your application number at hand."),
}
REFUSE: Final[Mapping[str, str]] = {
    "identity": later("We could not make sure that the application is yours. Come to a branch with your ID."),
    "found": later("Your OTP was found and works again, so no new one is needed."),
    "holder": later("This OTP is not registered to you."),
    "wish": later("You asked us not to go on with it."),
}


def sentence_for(decision: str, ready: str, own: str, words: Words) -> str:
    """What the member will read: the ready sentence in these words, then the operator's own."""
    table = ASK if decision == "ask" else REFUSE
    first = words._(table[ready]) if ready in table else ""
    return " ".join(part for part in (first, own.strip()) if part)
