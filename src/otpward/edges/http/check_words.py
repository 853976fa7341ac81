"""Checks in words: what was said to be wrong, what was found, how it ended, where."""

from collections.abc import Mapping
from typing import Final

from otpward.core.model.device_check import CheckDoor, Complaint, DeviceCheck, Outcome
from otpward.core.policy.checks import PHONE_WORTH_SAYING_S
from otpward.core.policy.verification import Verdict
from otpward.edges.http.words import Words, later

COMPLAINTS: Final[Mapping[Complaint, str]] = {
    Complaint.REFUSED: later("It says the number is wrong"),
    Complaint.DARK: later("The screen stays dark"),
    Complaint.DAMAGED: later("The screen is damaged"),
    Complaint.PHONE_CHANGED: later("I changed my phone"),
    Complaint.APP_DELETED: later("I deleted the app"),
    Complaint.NONE: later("Only checked"),
}
OUTCOMES: Final[Mapping[Outcome, str]] = {
    Outcome.OPEN: later("Left open"),
    Outcome.WORKS: later("It works"),
    Outcome.ADJUSTED: later("Clock adjusted by one number"),
    Outcome.RESYNCED: later("Adjusted by two numbers"),
    Outcome.UNLOCKED: later("Unlocked"),
    Outcome.REPLACE: later("A new one is needed"),
}
DOORS: Final[Mapping[CheckDoor, str]] = {
    CheckDoor.PORTAL: later("Portal"),
    CheckDoor.CONSOLE: later("Console"),
    CheckDoor.API: later("API"),
}
_VERDICTS: Final[Mapping[str, str]] = {
    Verdict.WRONG_CODE: later("Wrong number"),
    Verdict.REPLAYED: later("Used number"),
    Verdict.RESYNC_NEEDED: later("Clock differs"),
    Verdict.LOCKED: later("Locked"),
    Verdict.BLOCKED: later("Blocked"),
    Verdict.ON_HOLD: later("Stopped"),
    Verdict.EXPIRED: later("Expired"),
}


class CheckWords:
    """Says checks in one language, for templates."""

    def __init__(self, words: Words) -> None:
        self._words = words

    def complaint(self, check: DeviceCheck) -> str:
        """What was said to be wrong."""
        return self._words._(COMPLAINTS[check.complaint])

    def outcome(self, check: DeviceCheck) -> str:
        """How it ended."""
        return self._words._(OUTCOMES[check.outcome])

    def door(self, check: DeviceCheck) -> str:
        """Where it was."""
        return self._words._(DOORS[check.door])

    def findings(self, check: DeviceCheck) -> str:
        """What was found, in a few words; a dash where no number was typed."""
        _ = self._words._
        said = [_(_VERDICTS[check.verdict])] if check.verdict in _VERDICTS else []
        if check.wrong:
            said.append(_("{n} refused", n=check.wrong))
        if check.tried_pair:
            said.append(_("two in a row tried"))
        if check.off_s:
            said.append(_("{n} s fast", n=check.off_s) if check.off_s > 0 else _("{n} s slow", n=-check.off_s))
        if check.phone_off_s is not None and abs(check.phone_off_s) >= PHONE_WORTH_SAYING_S:
            said.append(_("its phone or computer {n} min off", n=round(abs(check.phone_off_s) / 60)))
        return " · ".join(said) or "–"
