"""What the pages of an undoing say of each act."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from otpward.core.ids import TokenId
from otpward.core.model.notice import UndoAct, UndoLink
from otpward.core.secret import Personal
from otpward.edges.http.console.masks import masked_email
from otpward.edges.http.show import masked_phone, masked_serial
from otpward.edges.http.words import later
from otpward.ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoWords:
    """What the pages say of one act."""

    ask: str
    what: str
    then: str
    done: str
    button: str = later("Undo the change")
    title: str = later("The change is undone")
    kind: str = "danger"


OF: Final[Mapping[UndoAct, UndoWords]] = {
    UndoAct.CONTACT_PHONE: UndoWords(
        ask=later("Undo the change of the mobile number?"),
        what=later("Mobile number"),
        then=later("The number before takes its place again, and everybody who is signed in is signed out."),
        done=later("The mobile number is the one from before again."),
    ),
    UndoAct.CONTACT_EMAIL: UndoWords(
        ask=later("Undo the change of the email address?"),
        what=later("Email address"),
        then=later("The address before takes its place again, and everybody who is signed in is signed out."),
        done=later("The email address is the one from before again."),
    ),
    UndoAct.PASSKEY_ADDED: UndoWords(
        ask=later("Remove the passkey that was added?"),
        what=later("Passkey"),
        then=later("It lets nobody in any more, and everybody who is signed in is signed out."),
        done=later("The passkey that was added is removed."),
        button=later("Remove the passkey"),
    ),
    UndoAct.PASSKEY_REMOVED: UndoWords(
        ask=later("Bring the removed passkey back?"),
        what=later("Passkey"),
        then=later(
            "It is yours again, but sleeps: sign in another way and show another factor, and it lets you in. "
            "Everybody who is signed in is signed out."
        ),
        done=later("The passkey is yours again. It sleeps until you show another factor under Passkeys."),
        button=later("Bring it back"),
        kind="primary",
    ),
    UndoAct.RECOVERY_CODE: UndoWords(
        ask=later("Void the new recovery code?"),
        what=later("Recovery code"),
        then=later(
            "The new code is good no more, and the one before it stays void. You can make another one after you sign in. "
            "Everybody who is signed in is signed out."
        ),
        done=later("The new recovery code is good no more. Make another one after you sign in."),
        button=later("Void the code"),
    ),
    UndoAct.TOKEN_BOUND: UndoWords(
        ask=later("Stop the new OTP?"),
        what=later("OTP"),
        then=later(
            "It stops at once, as if it was reported misused: only a branch can free it, and you need another OTP. "
            "Everybody who is signed in is signed out."
        ),
        done=later("The new OTP has stopped. Nobody can use it. You can apply for another one now."),
        button=later("Stop it now"),
        title=later("The OTP has stopped"),
    ),
}


def shown(link: UndoLink, uow: UnitOfWork) -> str:
    """What it is about, covered: the link may lie in a stranger's hands."""
    match link.act:
        case UndoAct.CONTACT_PHONE:
            return f"{masked_phone(link.before.reveal())} → {masked_phone(link.after.reveal())}"
        case UndoAct.CONTACT_EMAIL:
            return f"{masked_email(link.before.reveal())} → {masked_email(link.after.reveal())}"
        case UndoAct.PASSKEY_ADDED | UndoAct.PASSKEY_REMOVED:
            return _first(uow.passkeys.get(link.subject_id).name)
        case UndoAct.TOKEN_BOUND:
            return masked_serial(uow.tokens.get(TokenId(link.subject_id)).serial)
        case UndoAct.RECOVERY_CODE:
            return ""


def _first(name: Personal) -> str:
    """Enough to know one's own by."""
    text = name.reveal()
    return text if len(text) <= 4 else f"{text[:4]}…"
