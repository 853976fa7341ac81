"""How often, and how long: every number that a person can run into."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `limit` times in a window of this length."""

    limit: int
    window: timedelta


REPORTS_PER_SOURCE: Final = Rate(1000, timedelta(hours=1))
"""Very generous: thousands may sit behind one address of a carrier, and a true report must not be turned away for the junk
of others."""
REPORTS_PER_LOGIN: Final = Rate(10, timedelta(hours=1))
PROOFS_PER_LOGIN: Final = Rate(10, timedelta(hours=1))
PROOFS_PER_SOURCE: Final = Rate(60, timedelta(hours=1))
CODES_PER_MEMBER: Final = Rate(20, timedelta(hours=1))
"""Silent, unlike the others: a phone is not to be flooded, nor a code guessed, from many addresses and reports at once
(SP 800-63B §3.1.3.2)."""
WRONG_CODES_PER_CLIENT: Final = (Rate(30, timedelta(minutes=10)), Rate(300, timedelta(hours=24)))
"""From one address ten wrong codes lock a token. So one address locks three tokens in ten minutes and thirty in a day at most,
and then waits, longer the second time: nobody shuts out a whole institution (ASVS 6.1.1)."""
WRONG_PHONE_CODES_PER_MEMBER: Final = (Rate(20, timedelta(hours=24)),)
"""Over all proofs, whoever begins them and from wherever: with four codes good at a time, a chance of 1 in 12,500 a day.
Silent: past it no code is right."""
WRONG_PHONE_CODES_PER_SOURCE: Final = WRONG_CODES_PER_CLIENT
"""As for OTP codes, over all members: so that nobody tries a little with each. Silent, too."""
WRONG_RECOVERY_CODES_PER_MEMBER: Final = (Rate(20, timedelta(hours=1)), Rate(100, timedelta(hours=24)))
"""SP 800-63B §3.2.2. Nobody guesses 128 bits; what is limited is who shuts the member out by trying, so the hour is short.
Silent, and from one address as for OTP codes."""
WRONG_OTPS_PER_MEMBER: Final = (Rate(5, timedelta(hours=1)),)
"""Where a stranger may type them: half of what locks a token, so that nobody does it from there (ASVS V6.1.1). Silent."""
WRONG_LINKS_PER_SOURCE: Final = (Rate(100, timedelta(minutes=10)),)
"""Links in notices that stand for nothing. Nobody guesses 118 bits; this keeps who tries from keeping us busy."""
SIGN_INS_PER_SOURCE: Final = Rate(100, timedelta(minutes=10))

UPLOADS_PER_MEMBER: Final = Rate(30, timedelta(hours=1))
"""Ten papers, each taken three times; reading one costs seconds of a core."""

PHOTOS_PER_MEMBER: Final = Rate(300, timedelta(hours=1))
"""Of codes, where a browser reads none: one in twelve seconds for an hour, and half a second of a core each."""

CODE_LIFE: Final = timedelta(minutes=10)
"""SP 800-63B §3.1.3.2: a code sent by phone is good for ten minutes at most."""
CODE_DIGITS: Final = 6
CODE_TRIES: Final = 5
CODE_SENDS: Final = 4
CONTACT_CODES: Final = Rate(8, timedelta(hours=1))
"""To one new number or address, whoever asks: it may be a stranger's."""
TEST_NOTICES: Final = Rate(20, timedelta(hours=1))
"""To oneself, while the words of notices are written."""
NOTICES_PER_MEMBER: Final = Rate(30, timedelta(hours=1))
"""To one member, all kinds but codes. Past it only what is new in that hour is told: nobody is bombed with one and the same."""
RESEND_AFTER: Final = timedelta(seconds=30)
PROOF_LIFE: Final = timedelta(minutes=10)
"""A passed proof waits this long for the act that it was made for, or for the second one beside it."""
BOUND_PROOF_LIFE: Final = timedelta(minutes=60)
"""Bound to an application it is good for that one alone, as long as the session that it opened: nobody is hurried through
papers and addresses (WCAG 2.2.1)."""

LONGEST_WINDOW: Final = timedelta(hours=24)
"""A count older than this is in no window any more."""
ANSWER_LIFE: Final = timedelta(hours=24)
"""So long an answer is given again under the same Idempotency-Key."""
CHALLENGE_LIFE: Final = timedelta(minutes=3)
"""Time to read what is signed, type question and answer, and do it once more after a slip; a question left lying about is soon
worth nothing (RFC 6287 §9)."""
CHALLENGES_OPEN: Final = 5
"""At once for one token: who signs a batch has them side by side, and nobody fills the table or collects answers."""
RECEIPT_LIFE: Final = timedelta(days=30)
LIFT_WISH_LIFE: Final = timedelta(days=3)
"""UX.md §3.7: what waits for a second person waits three days."""
LOOK_LIFE: Final = timedelta(seconds=60)
"""Who had a page before them in the last minute is taken to look at it still."""
LOOK_KEPT: Final = timedelta(days=1)
REQUEST_LIFE: Final = timedelta(days=3)
"""UX.md §3.7: what waits for a second person waits three days, unless the policy of an application says otherwise."""
PICK_UP_LETTERS: Final = 8
WRONG_PICK_UP_CODES: Final = (Rate(30, timedelta(minutes=10)),)
"""For one operator, over all codes that stand for nothing: a scanner that reads badly gets by, nobody tries them out."""
BRANCH_CODE_LIFE: Final = timedelta(minutes=10)
BRANCH_CODE_LETTERS: Final = 8
"""39 bits, typed beside a member number, ten minutes, once, and a few tries: as SP 800-63B-4 §4.1.2.2 asks of a binding code,
but for one bit, for which the tries more than make up."""
BRANCH_CODE_TRIES: Final = 5
WRONG_BRANCH_CODES_PER_SOURCE: Final = (Rate(30, timedelta(minutes=10)), Rate(300, timedelta(hours=24)))
"""Over all members, as for OTP codes."""

PASSKEY_CHALLENGE_LIFE: Final = timedelta(minutes=5)
PASSWORD_TRIES: Final = 10
PASSWORD_LOCK: Final = timedelta(minutes=10)
HALF_WAY_LIFE: Final = timedelta(minutes=10)
"""Between the password and the OTP."""
SESSION_LIFE: Final = timedelta(hours=12)
SESSION_IDLE: Final = timedelta(minutes=60)
"""SP 800-63B §2.2.3 allows 24 h and 1 h."""
PROVEN_LIFE: Final = timedelta(minutes=60)
