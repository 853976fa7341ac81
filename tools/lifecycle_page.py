"""Write docs/reference/lifecycle.md from the transition tables: `python -m tools.lifecycle_page`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from otpward.core.lifecycle import batch, case, contact_change, document, fee, notice, others, policy, stock, token

PAGE: Final = Path(__file__).resolve().parent.parent / "docs" / "reference" / "lifecycle.md"

LIVES: Final[tuple[tuple[str, str, Mapping[Any, Mapping[Any, Any]]], ...]] = (
    ("Token", "One state; beside it a set of holds, any of which stops it.", token.TRANSITIONS),
    ("Case", "The thread from a report or request to a working token.", case.TRANSITIONS),
    ("Proof", "One showing of who somebody is.", others.PROOF),
    ("Contact change", "A new phone number or mail address, which must show itself.", contact_change.CHANGE),
    ("Picture of a paper", "Covered before it is kept, erased in time.", document.DOCUMENT),
    ("Registration", "The binding of a token to a member.", others.REGISTRATION),
    ("Shipment", "A parcel with one device.", others.SHIPMENT),
    ("Batch", "Parcels that go out together.", batch.BATCH),
    ("Pick-up", "A device that waits at a counter.", others.PICK_UP),
    ("Notice", "A text on its way to a person (docs/explanation/notices.md).", notice.NOTICE),
    ("Box between branches", "Devices on their way from one shelf to another.", stock.TRANSFER),
    ("Count", "Somebody scans what lies at a branch.", stock.COUNT),
    ("Fee", "What an application costs, and what has become of it.", fee.FEE),
    ("Policy", "A version of an institution's own rules.", policy.POLICY),
)


def page() -> str:
    """The whole page."""
    parts = [
        "# Lifecycles",
        "",
        "Made from the tables in `core/lifecycle` by `python -m tools.lifecycle_page`; a test compares.",
    ]
    for name, what, table in LIVES:
        parts += ["", f"## {name}", "", what, "", "```mermaid", "stateDiagram-v2"]
        first = next(iter(table))
        parts.append(f"    [*] --> {first}")
        for state, row in table.items():
            parts += [f"    {state} --> {after}: {event}" for event, after in row.items()]
            if not row:
                parts.append(f"    {state} --> [*]")
        parts.append("```")
    return "\n".join([*parts, ""])


if __name__ == "__main__":
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
