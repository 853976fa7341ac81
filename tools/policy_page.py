"""Write docs/reference/policy.md from the layout, the sentences and the default policy: `python -m tools.policy_page`."""

from pathlib import Path
from typing import Any, Final

from otpward.core.policy.document.check import default_tree
from otpward.core.policy.document.default import DEFAULT
from otpward.core.policy.document.difference import written
from otpward.core.policy.document.faults import SENTENCES
from otpward.core.policy.document.layout import LAYOUT, NOT_GIVEN, Key, Named, Part, Table
from otpward.core.policy.document.text import LINE_MAX, OCTETS_MAX

PAGE: Final = Path(__file__).resolve().parent.parent / "docs" / "reference" / "policy.md"
_WIDEST: Final = 60

HEAD: Final = f"""\
# The policy

Made from the checker itself by `python -m tools.policy_page`; a test compares.

One TOML text an institution, at most {OCTETS_MAX // 1024} KiB with lines of at most {LINE_MAX} octets (over HTTP 60,000
characters). An empty text is the whole default, which stands at the end of this page; what a text says replaces that key and no
other. A key that is not on this page is refused with its path. How to write one: docs/howto/policy.md.

In a path, NAME is a name that you give: a lower-case letter, then lower-case letters, digits and underscores, at most 32.

**Which rule counts.** All rules are read from top to bottom, the default's first; a later one replaces what it says. First come
those without `kinds`, then those for the kind that the applicant's is `like`, then those for the applicant's own kind.

**Proofs.** A list of lists: `any = [["certificate"], ["phone_code", "passkey"]]` takes either a certificate, or both others. To
act, a sign-on alone is refused; to change a contact, what is not as sure as an identity service. To be seen in person with
one's papers is always enough. Where nothing is said, the default of the server goes.

**Fees.** A waiver makes it free if everything that it says is met; what is not known of a member counts as not met.

**Kinds.** Three names of kinds mean something, as does every kind that is `like` one: for a `minor` a guardian acts, for a
`corporation` a delegate, and by `proxy` somebody else; who that is, is asked. Whoever is under 19 by the birth date on file
applies as a `minor`, and nobody else does; whoever has a business registration number on file, as a `corporation`.

**Words.** `words.member` and `words.branch` stand wherever a page says “member” or “branch”, 회원 or 영업점, with the particle,
article or plural that goes with them. Give the English in the singular.

**A new OTP.** For `hold_hours` from its activation, `POST /v1/verifications` answers an accepted code with `hold_until`; the
code is good all the same ([verification](../explanation/verification.md)).

**Retention.** Every hour what is due is erased, row by row, and the audit says how much (`records:erased`). Applications, with
their timeline, notes, papers, proofs, reports, deliveries and messages: `application_years` of the version that they began
under, after they ended. What belongs to no application (other reports, proofs, changes of contact, messages, consents taken
back): `application_years` of the version in force. Fees: `payment_years` after the last payment. Lines of the audit and
sessions: `access_years`. An application that is open and a report that still stops an OTP in use stay, however old. SQLite
overwrites what it erases; on PostgreSQL it is gone after the next vacuum. Backups are yours to end.

**Later releases.** When a version is approved, all that it means is kept with it, the default of that day included; a release
with another default changes drafts, and no approved version.
"""


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for name, part in LAYOUT.keys.items():
        parts.append(f"## `[{name}]`\n\n{part.en} ({part.ko}).\n\n{_table(part, name)}\n")
    parts += ["## What is refused\n", "| flaw | sentence | |", "| --- | --- | --- |"]
    parts += [f"| `{flaw}` | {en} | {ko} |" for flaw, (ko, en) in SENTENCES.items()]
    parts += ["", "## The default\n", "```toml", DEFAULT.rstrip(), "```", ""]
    return "\n".join(parts)


def _table(part: Part, path: str) -> str:
    rows = ["| key | value | default | meaning | |", "| --- | --- | --- | --- | --- |"]
    return "\n".join([*rows, *_rows(part, path, default_tree().get(path, {}))])


def _rows(part: Part, path: str, default: Any) -> list[str]:
    match part:
        case Key():
            given = part.default if part.default is not NOT_GIVEN else default
            said = "" if given in (None, {}, NOT_GIVEN) else _short(written(given))
            needed = "needed" if part.default is NOT_GIVEN and given in ({}, NOT_GIVEN) else said
            return [f"| `{path}` | {part.value.expected} | {needed} | {part.en} | {part.ko} |"]
        case Table():
            rows = []
            for name, inner in part.keys.items():
                rows += _rows(inner, f"{path}.{name}", default.get(name, {}) if isinstance(default, dict) else {})
            return rows
        case Named():
            return _rows(part.each, f"{path}.NAME", {})


def _short(text: str) -> str:
    return f"`{text}`" if len(text) <= _WIDEST else "see below"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
