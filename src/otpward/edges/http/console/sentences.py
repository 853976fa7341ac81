"""What a member reads when more is needed or an application is refused: a ready sentence of the policy, in the member's
language, and what the operator writes beside it, as written."""

from otpward.core.policy.document.model import Policy


def sentence_for(policy: Policy, decision: str, ready: str, own: str, language: str) -> str:
    """The ready sentence of this name, then the operator's own."""
    table = policy.requests if decision == "ask" else policy.refusals
    first = table[ready].text(language) if ready in table else ""
    return " ".join(part for part in (first, own.strip()) if part)
