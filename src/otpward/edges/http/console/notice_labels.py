"""What each notice is called, and what can be wrong with its words, in the reader's language."""

from collections.abc import Mapping
from typing import Final

from otpward.core.lifecycle.notice import NoticeState
from otpward.core.policy.notices import NoticeKind
from otpward.edges.http.badges import Role
from otpward.edges.http.words import later
from otpward.ports.notifier import Channel

KINDS: Final[Mapping[NoticeKind, str]] = {
    NoticeKind.LOSS_STOPPED: later("OTP stopped after a report"),
    NoticeKind.LOSS_LIFTED: later("OTP in use again"),
    NoticeKind.PHONE_CODE: later("Code to prove the phone"),
    NoticeKind.CONTACT_CODE: later("Code for a new contact"),
    NoticeKind.CONTACT_PHONE: later("Mobile number changed"),
    NoticeKind.CONTACT_EMAIL: later("Email address changed"),
    NoticeKind.PHONE_SIGNAL: later("SIM changed: phone codes are off"),
    NoticeKind.PHONE_REPORTED: later("Phone lost: phone codes are off"),
    NoticeKind.PHONE_TRUSTED: later("Phone codes are on again"),
    NoticeKind.CASE_SUBMITTED: later("Application received"),
    NoticeKind.CASE_MORE: later("More is needed"),
    NoticeKind.CASE_APPROVED: later("Application approved"),
    NoticeKind.CASE_REFUSED: later("Application not approved"),
    NoticeKind.CASE_EXPIRED: later("Application ended: no answer"),
    NoticeKind.CASE_READY: later("Ready to collect"),
    NoticeKind.PICK_UP_REMINDER: later("Last day to collect"),
    NoticeKind.PICK_UP_EXPIRED: later("Application ended: not collected"),
    NoticeKind.CASE_SENT: later("Device posted"),
    NoticeKind.CASE_DELIVERED: later("Device has arrived"),
    NoticeKind.CASE_RETURNED: later("Device came back to us"),
    NoticeKind.CASE_MISSING: later("Device lost in the post"),
    NoticeKind.APP_READY: later("App can be registered"),
    NoticeKind.TOKEN_REGISTERED: later("New OTP is being registered"),
    NoticeKind.TOKEN_ACTIVATED: later("New OTP is ready"),
    NoticeKind.TOKEN_LOCKED: later("OTP locked"),
    NoticeKind.TOKEN_RESTS: later("OTP rests: not used for long"),
    NoticeKind.TOKEN_AWAKE: later("OTP no longer rests"),
    NoticeKind.TOKEN_UNLOCKED: later("OTP unlocked"),
    NoticeKind.PASS_GIVEN: later("Temporary pass given"),
    NoticeKind.RECOVERY_CODE_MADE: later("Recovery code made"),
    NoticeKind.RECOVERY_CODE_USED: later("Recovery code used"),
    NoticeKind.PASSKEY_ADDED: later("Passkey added"),
    NoticeKind.PASSKEY_REMOVED: later("Passkey removed"),
    NoticeKind.PASSKEY_COPIED: later("Copied passkey refused"),
    NoticeKind.ACT_UNDONE: later("Change undone"),
    NoticeKind.REMINDER_CHECK: later("Reminder: yearly check"),
    NoticeKind.REMINDER_EXPIRY: later("Reminder: device ends soon"),
    NoticeKind.REMINDER_DRIFT: later("Reminder: clock drifts"),
    NoticeKind.REMINDER_DORMANT: later("Reminder: not used for long"),
    NoticeKind.REMINDER_RENEWAL: later("Reminder: new device comes"),
    NoticeKind.REMINDER_CAMPAIGN: later("Reminder: campaign"),
}

CHANNELS: Final[Mapping[str, str]] = {
    Channel.SMS: later("Text message"),
    Channel.TALK: later("KakaoTalk"),
    Channel.MAIL: later("Email"),
}

STATES: Final[Mapping[NoticeState, tuple[str, Role]]] = {
    NoticeState.QUEUED: (later("Waiting to be sent"), Role.INFO),
    NoticeState.HANDING: (later("Waiting to be sent"), Role.INFO),
    NoticeState.HANDED_OVER: (later("Sent, arrival not confirmed"), Role.INFO),
    NoticeState.DELIVERED: (later("Has arrived"), Role.SUCCESS),
    NoticeState.FAILED: (later("Not delivered"), Role.DANGER),
    NoticeState.UNKNOWN: (later("Not known whether it arrived"), Role.WARNING),
}
"""In words, and in which colour."""

UNFIT: Final[Mapping[str, str]] = {
    "language": later("Write the text in both languages"),
    "broken": later("A brace is open, or holds more than a name. Write the names as they stand in the list"),
    "unknown": later("There is nothing to put in place of {named} in this notice"),
    "missing": later("{named} must stand in this notice"),
    "link_and_code": later("A code and a link do not go together: nobody can then tell it from a fraud"),
    "key": later("{named} never stands in a notice"),
    "letters": later("Text messages cannot carry {named}"),
    "talk_code": later("A template code has letters and digits, - and _, 60 at most"),
    "talk_phone": later("A code goes as a text message: KakaoTalk does not prove the phone"),
    "long": later("The text is longer than any text message. Make it shorter"),
}
