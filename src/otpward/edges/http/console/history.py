"""The audit in words: who, did, to what, when, from where, result, case."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from otpward.core.audit import ActorKind, AuditEvent, AuditLine
from otpward.core.model.case import Case
from otpward.core.model.institution import ApiKey
from otpward.core.model.member import Member
from otpward.core.model.token import Token
from otpward.core.policy.verification import Verdict
from otpward.edges.http.badges import CASES
from otpward.edges.http.check_words import OUTCOMES
from otpward.edges.http.console.labels import ACTORS, HOLDS, PAPERS, ROLES
from otpward.edges.http.console.notice_labels import CHANNELS, KINDS
from otpward.edges.http.console.rows import named
from otpward.edges.http.show import masked_name
from otpward.edges.http.words import Words, later
from otpward.ports.unit_of_work import UnitOfWork

EVENTS: Final[Mapping[AuditEvent, str]] = {
    AuditEvent.INSTITUTION_OPENED: later("Institution opened"),
    AuditEvent.BRANCH_ADDED: later("Branch added"),
    AuditEvent.MEMBER_ADDED: later("Member added"),
    AuditEvent.STAFF_APPOINTED: later("Staff appointed"),
    AuditEvent.PASSWORD_SET: later("Password set"),
    AuditEvent.POLICY_SAVED: later("Policy written"),
    AuditEvent.POLICY_PROPOSED: later("Policy put forward"),
    AuditEvent.POLICY_APPROVED: later("Policy approved"),
    AuditEvent.POLICY_SENT_BACK: later("Policy sent back"),
    AuditEvent.POLICY_SUPERSEDED: later("Policy replaced"),
    AuditEvent.POLICY_WITHDRAWN: later("Policy withdrawn"),
    AuditEvent.CAMPAIGN_PROPOSED: later("Campaign put forward"),
    AuditEvent.CAMPAIGN_STARTED: later("Campaign started"),
    AuditEvent.CAMPAIGN_SENT_BACK: later("Campaign withdrawn"),
    AuditEvent.CAMPAIGN_LAPSED: later("Campaign not decided in time"),
    AuditEvent.CAMPAIGN_ENDED: later("Campaign ended"),
    AuditEvent.CAMPAIGN_SAVED_AS: later("Campaign results saved"),
    AuditEvent.REMINDER_SENT: later("Member reminded"),
    AuditEvent.REMINDER_SNOOZED: later("Member wants to be asked next week"),
    AuditEvent.REMINDER_ANSWERED: later("Reminder answered"),
    AuditEvent.RENEWAL_PLANNED: later("Renewal planned"),
    AuditEvent.RENEWAL_OBJECTED: later("Renewal objected to"),
    AuditEvent.RENEWAL_BEGUN: later("Renewal begun"),
    AuditEvent.RENEWAL_DROPPED: later("Renewal dropped"),
    AuditEvent.API_KEY_CREATED: later("API key created"),
    AuditEvent.API_KEY_REVOKED: later("API key revoked"),
    AuditEvent.SEEDS_IMPORTED: later("Seed file taken in"),
    AuditEvent.SEEDS_UNDONE: later("Seed file taken back"),
    AuditEvent.SEEDS_EXPORT_ASKED: later("Export of seeds asked for"),
    AuditEvent.SEEDS_EXPORT_APPROVED: later("Export of seeds approved"),
    AuditEvent.SEEDS_EXPORT_SENT_BACK: later("Export of seeds not agreed to"),
    AuditEvent.SEEDS_EXPORTED: later("Seeds exported"),
    AuditEvent.TOKEN_STOCKED: later("Device put into stock"),
    AuditEvent.TOKEN_MADE: later("App token made"),
    AuditEvent.TOKEN_TRANSFERRED: later("Device moved to another branch"),
    AuditEvent.TOKEN_TAKEN_IN: later("Device taken onto a shelf"),
    AuditEvent.TOKEN_SENT_ON: later("Device left for another branch"),
    AuditEvent.TOKEN_TAKEN_BACK: later("Device given back"),
    AuditEvent.TOKEN_RESTOCKED: later("Device back on the shelf"),
    AuditEvent.TOKEN_WRITTEN_OFF: later("Device written off"),
    AuditEvent.TOKEN_DESTROYED: later("Device destroyed"),
    AuditEvent.TRANSFER_BEGUN: later("Box begun"),
    AuditEvent.TRANSFER_SENT: later("Box sent to another branch"),
    AuditEvent.TRANSFER_RECEIVED: later("Box received whole"),
    AuditEvent.TRANSFER_CLOSED: later("Box closed with devices missing"),
    AuditEvent.TRANSFER_DROPPED: later("Box unpacked again"),
    AuditEvent.COUNT_BEGUN: later("Count begun"),
    AuditEvent.COUNT_ENDED: later("Count ended"),
    AuditEvent.COUNT_SETTLED: later("Difference of a count settled"),
    AuditEvent.STOCK_RULE_SET: later("Low stock set"),
    AuditEvent.TOKEN_RESERVED: later("Device set aside"),
    AuditEvent.TOKEN_RELEASED: later("Device back on the shelf"),
    AuditEvent.TOKEN_HANDED_OVER: later("Device handed over"),
    AuditEvent.TOKEN_DISPATCHED: later("Device posted"),
    AuditEvent.TOKEN_DELIVERED: later("Device delivered"),
    AuditEvent.TOKEN_QUARANTINED: later("Device quarantined"),
    AuditEvent.TOKEN_REGISTERED: later("OTP registered"),
    AuditEvent.TOKEN_KEY_SHOWN: later("App key shown to the member"),
    AuditEvent.TOKEN_NAMED: later("OTP renamed by its holder"),
    AuditEvent.TOKEN_ACTIVATED: later("OTP activated"),
    AuditEvent.TOKEN_HELD: later("OTP stopped"),
    AuditEvent.TOKEN_FREED: later("Stop lifted"),
    AuditEvent.TOKEN_RETIRED: later("OTP retired"),
    AuditEvent.TOKEN_TAKEN_BACK: later("Old OTP taken back"),
    AuditEvent.PASS_GIVEN: later("Temporary pass given"),
    AuditEvent.PASS_ENDED: later("Temporary pass ended"),
    AuditEvent.CHECK_NOTED: later("OTP checked"),
    AuditEvent.CODE_ACCEPTED: later("OTP number accepted"),
    AuditEvent.CODE_REFUSED: later("OTP number refused"),
    AuditEvent.CHALLENGE_MADE: later("Transaction put to be signed"),
    AuditEvent.CHALLENGE_REFUSED: later("Transaction not put to be signed"),
    AuditEvent.CHALLENGE_ANSWERED: later("Transaction signed"),
    AuditEvent.LOSS_REPORTED: later("Loss reported"),
    AuditEvent.LOSS_LIFTED: later("Loss report lifted"),
    AuditEvent.RETIRE_ASKED: later("Asked to retire the OTP"),
    AuditEvent.RETIRE_SENT_BACK: later("Retiring the OTP not agreed to"),
    AuditEvent.RETIRE_LAPSED: later("Retiring the OTP not decided in time"),
    AuditEvent.LIFT_ASKED: later("Asked to lift the stop"),
    AuditEvent.PHONE_TRUSTED: later("Phone trusted again"),
    AuditEvent.PHONE_SIGNALLED: later("SIM change told of"),
    AuditEvent.PHONE_CHECKED: later("Carrier asked about the SIM"),
    AuditEvent.CONTACT_ASKED: later("Change of a contact begun"),
    AuditEvent.CONTACT_CHANGED: later("Contact changed"),
    AuditEvent.CONTACT_REFUSED: later("Change of a contact refused"),
    AuditEvent.LANGUAGE_CHANGED: later("Language of notices changed"),
    AuditEvent.REMINDERS_CHANGED: later("Reminders turned on or off"),
    AuditEvent.PROOF_STARTED: later("Proof of identity begun"),
    AuditEvent.PROOF_CODE_SENT: later("Phone code sent"),
    AuditEvent.PROOF_CODE_SHOWN: later("Code shown at the counter"),
    AuditEvent.PROOF_PASSED: later("Proof of identity passed"),
    AuditEvent.PROOF_FAILED: later("Proof of identity failed"),
    AuditEvent.PROOF_SPENT: later("Proof of identity used"),
    AuditEvent.RECOVERY_CODE_MADE: later("Recovery code made"),
    AuditEvent.RECOVERY_CODE_USED: later("Recovery code used"),
    AuditEvent.RECOVERY_CODE_VOID: later("Recovery code good no more"),
    AuditEvent.PASSKEY_ADDED: later("Passkey added"),
    AuditEvent.PASSKEY_RENAMED: later("Passkey renamed"),
    AuditEvent.PASSKEY_REMOVED: later("Passkey removed"),
    AuditEvent.PASSKEY_BROUGHT_BACK: later("Passkey brought back, asleep"),
    AuditEvent.PASSKEY_WOKEN: later("Passkey in use again"),
    AuditEvent.PASSKEY_USED: later("Passkey used"),
    AuditEvent.PASSKEY_REFUSED: later("Passkey refused"),
    AuditEvent.SESSION_CONFIRMED: later("Confirmed with a second factor"),
    AuditEvent.CASE_OPENED: later("Application opened"),
    AuditEvent.CASE_SAVED: later("Application saved"),
    AuditEvent.CASE_SUBMITTED: later("Application sent"),
    AuditEvent.CASE_TAKEN_UP: later("Application taken up"),
    AuditEvent.CASE_MORE_ASKED: later("More asked for"),
    AuditEvent.CASE_ANSWERED: later("Member answered"),
    AuditEvent.CASE_CHECKED: later("Application checked"),
    AuditEvent.CASE_APPROVED: later("Application approved"),
    AuditEvent.CASE_SENT_BACK: later("Application sent back by the second person"),
    AuditEvent.CASE_LAPSED: later("No second person decided in time"),
    AuditEvent.CASE_ASSIGNED: later("Application given to somebody"),
    AuditEvent.DOCUMENT_SENT: later("Picture of a paper sent"),
    AuditEvent.DOCUMENT_READ: later("Picture of a paper read"),
    AuditEvent.DOCUMENT_REFUSED: later("Picture of a paper refused"),
    AuditEvent.DOCUMENT_COVERED: later("Picture of a paper covered by hand"),
    AuditEvent.DOCUMENT_KEPT: later("Picture of a paper kept"),
    AuditEvent.DOCUMENT_SEEN: later("Picture of a paper opened"),
    AuditEvent.DOCUMENT_ERASED: later("Picture of a paper erased"),
    AuditEvent.RECORDS_ERASED: later("Records erased, kept long enough"),
    AuditEvent.CASE_NOTED: later("Note written"),
    AuditEvent.CASE_DENIED: later("Act not allowed"),
    AuditEvent.CASES_EXPORTED: later("Applications saved as a table"),
    AuditEvent.LIFT_SENT_BACK: later("Lifting a stop not agreed to"),
    AuditEvent.LIFT_LAPSED: later("Lifting a stop not decided in time"),
    AuditEvent.POLICY_LAPSED: later("Policy not decided in time"),
    AuditEvent.CASE_REFUSED: later("Application refused"),
    AuditEvent.CASE_CANCELLED: later("Application cancelled"),
    AuditEvent.CASE_EXPIRED: later("Application expired"),
    AuditEvent.CASE_PREPARED: later("Application in preparation"),
    AuditEvent.CASE_READY: later("Set out to be collected"),
    AuditEvent.CASE_RECEIVED: later("Received by the member"),
    AuditEvent.CASE_REGISTERED: later("Application: OTP registered"),
    AuditEvent.CASE_DONE: later("Application done"),
    AuditEvent.FEE_DUE: later("Fee due"),
    AuditEvent.FEE_WAIVED: later("Fee waived"),
    AuditEvent.FEE_PAID: later("Fee paid"),
    AuditEvent.FEE_REFUNDED: later("Fee given back"),
    AuditEvent.FEE_DROPPED: later("Fee no longer due"),
    AuditEvent.CONSENT_GIVEN: later("Consent given"),
    AuditEvent.CONSENT_WITHDRAWN: later("Consent withdrawn"),
    AuditEvent.PICKUP_SIGNED: later("Hand-over signed for"),
    AuditEvent.PICKUP_EXPIRED: later("Not collected in time"),
    AuditEvent.BATCH_MADE: later("Batch made"),
    AuditEvent.BATCH_PRINTED: later("Label sheet printed"),
    AuditEvent.BATCH_PRINTED_AGAIN: later("Label sheet printed again"),
    AuditEvent.BATCH_LETTERS: later("Covering letters printed"),
    AuditEvent.BATCH_LISTED: later("List for the carrier taken out"),
    AuditEvent.BATCH_NUMBERS_ASKED: later("Carrier asked for numbers"),
    AuditEvent.BATCH_HANDED_IN: later("Batch handed in"),
    AuditEvent.BATCH_DISSOLVED: later("Batch dissolved"),
    AuditEvent.SHIPMENT_PLANNED: later("Parcel packed"),
    AuditEvent.SHIPMENT_PACKED: later("Device scanned into its envelope"),
    AuditEvent.SHIPMENT_NUMBERED: later("Registered number put on"),
    AuditEvent.SHIPMENT_LEFT_OUT: later("Left out of the batch"),
    AuditEvent.SHIPMENT_LABEL_AGAIN: later("Label printed again"),
    AuditEvent.SHIPMENT_CONTRADICTED: later("Carrier contradicts itself"),
    AuditEvent.SHIPMENT_SETTLED: later("Parcel looked at"),
    AuditEvent.SHIPMENT_REROUTED: later("Another way chosen"),
    AuditEvent.SHIPMENT_DISPATCHED: later("Parcel handed in"),
    AuditEvent.SHIPMENT_DELIVERED: later("Parcel delivered"),
    AuditEvent.SHIPMENT_RETURNED: later("Parcel returned"),
    AuditEvent.NOTICE_SENT: later("Notice sent"),
    AuditEvent.NOTICE_FAILED: later("Notice not sent"),
    AuditEvent.NOTICE_DELIVERED: later("Notice arrived"),
    AuditEvent.NOTICE_MERGED: later("Notice not repeated"),
    AuditEvent.NOTICE_UNREACHED: later("No address to tell the member at"),
    AuditEvent.NOTICE_WORDED: later("Words of a notice changed"),
    AuditEvent.ACT_UNDONE: later("Undone by the link in the notice"),
    AuditEvent.SIGN_IN_PASSED: later("Signed in"),
    AuditEvent.SIGN_IN_FAILED: later("Sign-in refused"),
    AuditEvent.SIGN_ON_UNLINKED: later("Work account unlinked"),
    AuditEvent.SIGN_OUT: later("Signed out"),
}

RESULTS: Final[Mapping[str, str]] = {
    **PAPERS,
    "branch": later("Code of the counter"),
    "done": later("Done"),
    "phone": later("Mobile number"),
    "email": later("Email address"),
    "in_person": later("In person"),
    "sim_changed": later("SIM changed"),
    "number_ported": later("Number ported"),
    "repeated": later("Told of before"),
    "outdated": later("From before, of no account"),
    "matched": later("Member found"),
    "unmatched": later("No member matched"),
    "password": later("Wrong password"),
    "locked": later("Locked"),
    **{outcome.value: said for outcome, said in OUTCOMES.items()},
    "taken_back": later("Taken back"),
    "replaced": later("Given anew"),
    "undone": later("Undone by the link in the notice"),
    "case_ended": later("Application ended"),
    "loss_reported": later("Loss reported"),
    "check": later("From a check"),
    "on": later("On"),
    "off": later("Off"),
    Verdict.ACCEPTED: later("Accepted"),
    Verdict.WRONG_CODE: later("Wrong number"),
    Verdict.REPLAYED: later("Used number"),
    Verdict.RESYNC_NEEDED: later("Clock differs"),
    Verdict.BLOCKED: later("Blocked"),
    Verdict.ON_HOLD: later("Stopped"),
    Verdict.NOT_ACTIVE: later("Not in use"),
    Verdict.NOT_REGISTERED: later("Not registered"),
    Verdict.UNKNOWN: later("Unknown"),
    Verdict.CHALLENGE_NEEDED: later("No question was asked"),
    Verdict.CHALLENGE_UNFIT: later("Signs no transactions"),
    Verdict.CHALLENGE_UNKNOWN: later("Unknown question"),
    Verdict.CHALLENGE_SPENT: later("Answered before"),
    Verdict.CHALLENGE_EXPIRED: later("Answered too late"),
}
_DOORS: Final[Mapping[str, str]] = {
    "command line": later("Command line"),
    "outbox": later("Outbox"),
    "deadline": later("Deadlines"),
    "carrier": later("Carrier"),
}
_NOUNS: Final[Mapping[str, str]] = {
    "token": later("OTP"),
    "temporarypass": later("Temporary pass"),
    "devicecheck": later("Check of a device"),
    "case": later("Application"),
    "member": later("Member"),
    "contactchange": later("Contact"),
    "lossreport": later("Loss report"),
    "proof": later("Proof of identity"),
    "session": later("Session"),
    "shipment": later("Parcel"),
    "pickup": later("Pick-up"),
    "fee": later("Fee"),
    "consent": later("Consent"),
    "notice": later("Notice"),
    "apikey": later("API key"),
    "branch": later("Branch"),
    "staff": later("Staff"),
    "institution": later("Institution"),
    "import": later("Seed file"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the audit beside what it names, as far as that still exists."""

    line: AuditLine
    person: Member | None
    key: ApiKey | None
    token: Token | None
    case: Case | None


def entries(lines: Sequence[AuditLine], uow: UnitOfWork) -> list[Entry]:
    """These lines, each with who acted and what it was about."""
    people = named(uow.members, (line.actor_id for line in lines if line.actor_kind is not ActorKind.API_KEY))
    keys = named(uow.api_keys, (line.actor_id for line in lines if line.actor_kind is ActorKind.API_KEY))
    cases = named(uow.cases, (line.case_id for line in lines))
    tokens = {key: uow.tokens.first(id=key) for key in {line.subject_id for line in lines if line.subject == "token"}}
    return [
        Entry(
            line=line,
            person=people.get(line.actor_id) if line.actor_id else None,
            key=keys.get(line.actor_id) if line.actor_id else None,
            token=tokens.get(line.subject_id),
            case=cases.get(line.case_id) if line.case_id else None,
        )
        for line in lines
    ]


class Historian:
    """Says lines of the audit in one language, for templates."""

    def __init__(self, words: Words) -> None:
        self._words = words

    def who(self, entry: Entry) -> str:
        """Staff by name, since they answer for it; members covered; programs by what they are called."""
        kind = self._words._(ACTORS[entry.line.actor_kind])
        if entry.person is not None:
            name = entry.person.name.reveal()
            return f"{kind} · {name if entry.line.actor_kind is ActorKind.STAFF else masked_name(name)}"
        return f"{kind} · {entry.key.name or entry.key.handle}" if entry.key is not None else kind

    def did(self, entry: Entry) -> str:
        """What happened."""
        text = self._words._(EVENTS.get(entry.line.event, entry.line.event.value))
        hold = entry.line.detail.get("hold")
        reason = next((HOLDS[one] for one in HOLDS if one == hold), None)
        return text if reason is None else f"{text} ({self._words._(reason)})"

    def what(self, entry: Entry) -> str:
        """What it was done to, where no link says it better."""
        noun = _NOUNS.get(entry.line.subject)
        return entry.line.subject if noun is None else self._words._(noun)

    def where(self, entry: Entry) -> str:
        """The address it came from, or which of our own doors."""
        source = entry.line.source
        return self._words._(_DOORS[source]) if source in _DOORS else source or "–"

    def result(self, entry: Entry) -> str:
        """How it went."""
        result = entry.line.result
        channel, _, kind = result.partition(":")
        if channel in CHANNELS and kind:
            about = next((text for notice, text in KINDS.items() if notice == kind), kind)
            return f"{self._words._(CHANNELS[channel])} · {self._words._(about)}"
        if entry.line.subject == "case" and result in CASES:
            return self._words._(next(text for state, (text, _role) in CASES.items() if state == result))
        known = RESULTS.get(result) or next((text for role, text in ROLES.items() if role == result), None)
        return result if known is None else self._words._(known)
