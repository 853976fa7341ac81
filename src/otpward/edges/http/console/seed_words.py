"""What is said of a seed file and its rows."""

from collections.abc import Mapping
from typing import Final

from otpward.core.model.institution import ImportState
from otpward.core.model.seed_upload import UploadState
from otpward.edges.http.words import Words, later
from otpward.services.stock.take_rows import Doubles

STATES: Final[Mapping[UploadState | ImportState, str]] = {
    UploadState.KEPT: later("Waits"),
    UploadState.READING: later("Being read"),
    UploadState.READ: later("Ready to be taken in"),
    UploadState.TAKING: later("Being taken in"),
    UploadState.DONE: later("Taken in"),
    UploadState.DROPPED: later("Discarded"),
    ImportState.RUNNING: later("Not finished"),
    ImportState.BROKEN: later("Damaged; nothing was kept"),
    ImportState.UNDONE: later("Taken back"),
}
DOUBLES: Final[Mapping[Doubles, str]] = {
    Doubles.REFUSE: later("Refuse the row"),
    Doubles.SKIP: later("Pass over it"),
    Doubles.SAME: later("Pass over it if the key is the same, refuse it otherwise"),
}
FORMATS: Final[Mapping[str, str]] = {
    "pskc": "PSKC (RFC 6030)",
    "oath_csv": "OATH CSV",
    "entra_csv": "Entra ID CSV",
    "yubico_csv": "Yubico CSV",
    "safenet_xml": "SafeNet XML",
    "safeword_dat": "SafeWord .dat",
    "uri_list": "otpauth://",
    "aegis": "Aegis",
    "two_fas": "2FAS",
    "free_otp": "FreeOTP+",
    "keycloak": "Keycloak",
}
FAULTS: Final[Mapping[str, str]] = {
    "seed_file": later("The file cannot be taken as it is."),
    "seed_file_unknown": later("The file is empty, or of no kind that is read here."),
    "seed_file_broken": later("The file is damaged or breaks the rules of its format."),
    "seed_file_key_needed": later("The file is encrypted. Enter its transport key or password."),
    "seed_file_not_authentic": later("The key or password does not fit, or the file was changed. Enter another one."),
    "seed_file_not_read_yet": later("The file is protected in a way that is not read here."),
    "seed_file_declined": later("A file of this kind cannot be read. What to ask the vendor for stands below."),
    "seal_broken": later("The waiting file was changed or is not whole. Discard it and send it again."),
    "not_found": later("The waiting file is not here any more. Discard it and send it again."),
    "unavailable": later("The database did not answer. Try again."),
}
FAULTS_OF: Final[Mapping[tuple[str, str], str]] = {
    ("seed_file_key_needed", "private_key"): later("The file is encrypted for a private key. Choose that key."),
    ("seed_file_key_needed", "password"): later("The file or its private key has a password. Enter it."),
    ("seed_file_not_read_yet", "signer"): later("The file is signed. Choose the certificate of who signed it."),
    ("seed_file_not_read_yet", "unverified"): later(
        "The file is signed with OpenPGP, which is not checked here. Check it with gpg."
    ),
}
"""The same, where it is known which field is missing."""
REASONS: Final[Mapping[str, str]] = {
    "exists_already": later("Its serial number is here already"),
    "exists_otherwise": later("Its serial number is here already, with another key"),
    "expired": later("Its validity is over"),
    "no_name": later("It has no serial number"),
    "bad_serial": later("Its serial number cannot be used"),
    "duplicate": later("It stands in the file twice"),
    "not_a_token": later("It is no OTP device"),
    "no_secret": later("It has no seed"),
    "bad_seed": later("Its seed is damaged"),
    "seed_length": later("Its seed is too short or too long"),
    "unknown_algorithm": later("Its algorithm is not known"),
    "unknown_hash": later("Its hash is not known"),
    "digits": later("Its number of digits is not possible"),
    "period": later("Its period is not possible"),
    "counter": later("Its counter is not possible"),
    "columns": later("The row has too few or too many columns"),
    "date": later("A date in it is not possible"),
    "uri": later("It is no otpauth:// address"),
    "suite": later("Its OCRA suite is not read"),
    "weak_seed": later("Taken, but its seed is under 112 bits"),
    "few_digits": later("Taken, but it shows fewer than six digits"),
    "long_period": later("Taken, but its number stays for over two minutes"),
}
"""The usual ones; any other is shown by its name, as `docs/reference/seed-files.md` lists it."""


def reasons(text: str, words: Words) -> str:
    """The sentence for each reason of a row."""
    return " · ".join(words._(REASONS[one]) if one in REASONS else one for one in text.split())
