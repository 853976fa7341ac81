"""What guided checks found, what stands in for a device meanwhile, and how devices are called."""

import sqlalchemy as sa

from otpward.core.model import device_check as checks
from otpward.store.tables.making import a_flag, a_number, a_table, a_text, a_time, a_word, an_id, sealed

device_check = a_table(
    "device_check",
    an_id("token_id"),
    an_id("member_id", null=True),
    a_word("door", checks.CheckDoor),
    a_word("complaint", checks.Complaint),
    a_word("outcome", checks.Outcome),
    a_text("verdict", 20),
    a_number("wrong"),
    a_flag("tried_pair"),
    sa.Column("off_s", sa.BigInteger, nullable=True),
    sa.Column("phone_off_s", sa.BigInteger, nullable=True),
    a_text("by_role", 20),
    an_id("case_id", null=True),
    a_time("begun_at"),
    a_time("ended_at", null=True),
    sa.Index("device_check_by_token", "institution_id", "token_id", "begun_at"),
    sa.Index("device_check_by_case", "institution_id", "case_id"),
)

temporary_pass = a_table(
    "temporary_pass",
    an_id("member_id"),
    an_id("case_id"),
    an_id("token_id"),
    a_number("codes"),
    an_id("given_by"),
    a_time("given_at"),
    a_time("expires_at"),
    a_time("ended_at", null=True),
    a_text("ended_why", 20),
    sa.Index("temporary_pass_by_member", "institution_id", "member_id"),
    sa.Index("temporary_pass_by_case", "institution_id", "case_id"),
)

device_name = a_table(
    "device_name",
    an_id("member_id"),
    an_id("token_id"),
    sealed("name"),
    sa.UniqueConstraint("institution_id", "member_id", "token_id"),
)
