"""The shelf as a whole: boxes between branches, counts, when a model runs low, and seed files that wait to be taken in."""

import sqlalchemy as sa

from otpward.core.lifecycle import stock as lives
from otpward.core.model import seed_upload as uploads
from otpward.core.model import stock
from otpward.store.tables.making import a_number, a_table, a_text, a_time, a_word, an_id, sealed

stock_transfer = a_table(
    "stock_transfer",
    an_id("from_branch_id"),
    an_id("to_branch_id"),
    a_word("state", lives.TransferState),
    a_number("sent"),
    a_number("received"),
    a_time("begun_at"),
    a_time("sent_at", null=True),
    an_id("sent_by", null=True),
    a_time("ended_at", null=True),
    sa.Index("stock_transfer_by_state", "institution_id", "state", "begun_at"),
)

stock_count = a_table(
    "stock_count",
    an_id("branch_id"),
    a_word("state", lives.CountState),
    a_time("begun_at"),
    an_id("begun_by"),
    a_time("ended_at", null=True),
    a_number("expected"),
    a_number("found"),
    a_number("missing"),
    a_number("surplus"),
    sa.Index("stock_count_by_branch", "institution_id", "branch_id", "begun_at"),
)

count_line = a_table(
    "count_line",
    an_id("count_id"),
    an_id("token_id", null=True),
    a_text("serial", 128),
    a_word("finding", stock.Finding),
    a_time("at"),
    a_time("settled_at", null=True),
    an_id("settled_by", null=True),
    a_text("reason"),
    sa.UniqueConstraint("institution_id", "count_id", "serial"),
    sa.Index("count_line_by_finding", "institution_id", "count_id", "finding", "settled_at"),
)

model_rule = a_table(
    "model_rule",
    an_id("branch_id", null=True),
    a_text("model"),
    a_number("low_below"),
    a_number("battery_months"),
    sa.Index("model_rule_by_model", "institution_id", "model"),
)

seed_upload = a_table(
    "seed_upload",
    a_text("file_name"),
    a_number("octets"),
    a_word("state", uploads.UploadState),
    a_text("doubles", 10),
    an_id("branch_id", null=True),
    sealed("opener"),
    an_id("member_id"),
    a_time("at"),
    a_time("beat_at"),
    a_number("rows_done"),
    a_text("fault"),
    sa.Column("told", sa.Text, nullable=False),
    an_id("import_id", null=True),
    sa.Index("seed_upload_by_state", "institution_id", "state", "at"),
)
