"""Who there is: institutions with their branches and keys, members, staff, sessions."""

import sqlalchemy as sa

from otpward.core.model import member, proof
from otpward.store.columns import Id, Words
from otpward.store.tables.making import a_flag, a_number, a_table, a_text, a_time, a_word, an_id, metadata, sealed

institution = sa.Table(
    "institution",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("code", sa.String(40), nullable=False, unique=True),
    a_text("name_ko"),
    a_text("name_en"),
    a_text("phone", 40),
    a_text("phone_abroad", 40),
    a_number("fee_won"),
    a_flag("two_people"),
    a_time("opened_at"),
    a_number("version"),
)

branch = a_table(
    "branch",
    a_text("code", 40),
    a_text("name_ko"),
    a_text("name_en"),
    a_text("address_ko"),
    a_text("address_en"),
    a_text("hours"),
    a_text("phone", 40),
    sa.UniqueConstraint("institution_id", "code"),
)

api_key = a_table(
    "api_key",
    sa.Column("handle", sa.String(32), nullable=False, unique=True),
    sealed("digest"),
    sa.Column("scopes", Words(400), nullable=False),
    a_text("name"),
    a_time("created_at"),
    a_time("expires_at", null=True),
    a_time("revoked_at", null=True),
)

member_table = a_table(
    "member",
    sa.Column("login", sa.String(100), nullable=False),
    sealed("data_key", null=True),
    sealed("name"),
    sealed("birth_date"),
    sealed("phone"),
    sealed("email"),
    sealed("phone_print"),
    sealed("ci_print", null=True),
    a_text("language", 8),
    a_text("password_hash"),
    a_number("password_failures"),
    a_time("password_locked_until", null=True),
    a_time("phone_lost_at", null=True),
    a_time("phone_changed_at", null=True),
    a_time("phone_signal_at", null=True),
    a_time("phone_trusted_at", null=True),
    a_time("email_changed_at", null=True),
    a_time("quiet_since", null=True),
    a_word("proofing", proof.Assurance, default="low"),
    a_time("joined_at"),
    a_time("left_at", null=True),
    sa.UniqueConstraint("institution_id", "login"),
    sa.Index("member_by_phone", "institution_id", "phone_print"),
)

staff = a_table(
    "staff",
    an_id("member_id"),
    a_word("role", member.Role),
    an_id("branch_id", null=True),
    a_word("keys", member.SingleKeys, default="on"),
    a_time("ended_at", null=True),
    sa.UniqueConstraint("institution_id", "member_id"),
)

session = a_table(
    "session",
    sa.Column("secret_digest", sa.LargeBinary(32), nullable=False),
    a_word("area", member.Area),
    a_word("level", member.Level),
    an_id("member_id"),
    a_time("begun_at"),
    a_time("seen_at"),
    a_time("ends_at"),
    a_time("ended_at", null=True),
    a_time("confirmed_at", null=True),
    an_id("confirmed_by", null=True),
    sa.UniqueConstraint("institution_id", "secret_digest"),
    sa.Index("session_by_member", "institution_id", "member_id"),
)
