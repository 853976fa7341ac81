"""What members fall back on: recovery codes, passkeys, challenges that were answered."""

import sqlalchemy as sa

from otpward.store.columns import Words
from otpward.store.tables.making import a_flag, a_number, a_table, a_text, a_time, an_id, sealed

recovery_code = a_table(
    "recovery_code",
    an_id("member_id"),
    a_text("digest"),
    an_id("live_for", null=True),
    a_time("made_at"),
    a_time("spent_at", null=True),
    a_time("replaced_at", null=True),
    sa.UniqueConstraint("institution_id", "live_for"),
    sa.Index("recovery_code_by_member", "institution_id", "member_id"),
)

passkey = a_table(
    "passkey",
    an_id("member_id"),
    sealed("credential_id"),
    sealed("user_handle"),
    sealed("public_key"),
    a_number("sign_count"),
    an_id("aaguid"),
    sa.Column("transports", Words(100), nullable=False),
    a_flag("eligible"),
    a_flag("backed_up"),
    sealed("name"),
    a_time("added_at"),
    a_time("used_at", null=True),
    a_time("cloned_at", null=True),
    a_time("removed_at", null=True),
    a_time("asleep_since", null=True),
    sa.UniqueConstraint("institution_id", "credential_id"),
    sa.Index("passkey_by_member", "institution_id", "member_id"),
)

spent_challenge = a_table(
    "spent_challenge",
    a_time("until"),
    sa.Index("spent_challenge_by_until", "institution_id", "until"),
)
