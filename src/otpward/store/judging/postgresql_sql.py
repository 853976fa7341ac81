"""What is said to PostgreSQL for a whole batch, over arrays. Only names of columns, ours, are put into these texts."""

from typing import Final

from otpward.store.judging.rows import API_KEY, TOKEN

_token_columns: Final = ", ".join(f"t.{name}" for name in TOKEN)
_key_columns: Final = ", ".join(f"k.{name}" for name in API_KEY)
INSTITUTIONS: Final = "SELECT handle, institution_id FROM api_key WHERE handle = ANY($1::text[])"
BY_SERIAL: Final = (
    f"SELECT a.n, r.id IS NOT NULL AND m.id IS NOT NULL AND m.left_at IS NULL, {_key_columns}, {_token_columns}"
    " FROM unnest($1::int[], $2::text[], $3::int[], $4::text[]) AS a (n, handle, bucket, serial)"
    " JOIN api_key k ON k.handle = a.handle"
    " LEFT JOIN token t ON t.bucket = a.bucket AND t.institution_id = k.institution_id AND t.serial = a.serial"
    " LEFT JOIN registration r ON r.institution_id = t.institution_id AND r.token_id = t.id AND r.state = 'live'"
    " LEFT JOIN member m ON m.institution_id = r.institution_id AND m.id = r.member_id"
)
BY_LOGIN: Final = (
    f"SELECT a.n, m.id IS NOT NULL AND m.left_at IS NULL, {_key_columns}, {_token_columns}"
    " FROM unnest($1::int[], $2::text[], $3::text[]) AS a (n, handle, login)"
    " JOIN api_key k ON k.handle = a.handle"
    " LEFT JOIN member m ON m.institution_id = k.institution_id AND m.login = a.login"
    # The bucket that a key carries (core/ids.py): the ten bits after the version.
    " LEFT JOIN registration r ON r.bucket = ('x' || substr(m.id::text, 16, 3))::bit(12)::int >> 2"
    " AND r.institution_id = m.institution_id AND r.member_id = m.id AND r.state = 'live'"
    " LEFT JOIN token t ON t.bucket = ('x' || substr(r.token_id::text, 16, 3))::bit(12)::int >> 2"
    " AND t.institution_id = r.institution_id AND t.id = r.token_id"
    " ORDER BY a.n, r.live_at DESC, r.id"
)
COUNTED: Final = (
    "SELECT a.n, a.place, c.count FROM unnest($1::int[], $2::int[], $3::uuid[], $4::bytea[], $5::bigint[])"
    " AS a (n, place, institution_id, key, window_at) JOIN count c USING (institution_id, key, window_at)"
)
KEPT: Final = (
    "SELECT a.n, c.id, c.key, c.request, c.verification, c.until FROM unnest($1::int[], $2::uuid[], $3::bytea[])"
    " AS a (n, institution_id, key) JOIN kept_answer c USING (institution_id, key)"
)
OVER: Final = (
    "DELETE FROM kept_answer c USING unnest($1::uuid[], $2::bytea[]) AS a (institution_id, key)"
    " WHERE c.institution_id = a.institution_id AND c.key = a.key AND c.until <= $3"
)
_CHANGE_AND_LINE: Final = (
    "WITH change AS (SELECT * FROM unnest($1::int[], $2::uuid[], $3::uuid[], $4::bigint[], $5::bigint[], $6::bigint[],"
    " $7::bigint[], $8::bigint[], $9::bigint[]) AS c (bucket, institution_id, id, version, high_water,"
    " drift_steps, failures, failures_total, used_at)),"
    " mine AS (SELECT t.id FROM token t JOIN change c ON t.bucket = c.bucket AND t.institution_id = c.institution_id"
    " AND t.id = c.id WHERE t.version = c.version ORDER BY t.id FOR UPDATE OF t),"
    " won AS (UPDATE token t SET high_water = c.high_water, drift_steps = c.drift_steps, failures = c.failures,"
    " failures_total = c.failures_total, locked_until = NULL, used_at = c.used_at, version = c.version + 1"
    " FROM change c JOIN mine ON mine.id = c.id WHERE t.bucket = c.bucket AND t.institution_id = c.institution_id"
    " AND t.id = c.id AND t.version = c.version RETURNING t.id),"
    " line AS (INSERT INTO audit_line (day, at, actor_kind, detail, institution_id, id, event, actor_id, source, subject,"
    " subject_id, result) SELECT $10::int, $11::bigint, 'api_key', '{}', a.institution_id, a.id, a.event, a.actor_id, a.source,"
    " a.subject, a.subject_id, a.result FROM unnest($12::uuid[], $13::uuid[], $14::uuid[], $15::text[], $16::uuid[],"
    " $17::text[], $18::text[], $19::uuid[], $20::text[])"
    " AS a (depends, institution_id, id, event, actor_id, source, subject, subject_id, result)"
    " WHERE a.depends IS NULL OR a.depends IN (SELECT id FROM won))"
)
_WON: Final = " SELECT id FROM won"
WRITE: Final = _CHANGE_AND_LINE + _WON
"""What nearly every batch needs."""
WRITE_ALL: Final = (
    _CHANGE_AND_LINE + ", counted AS (INSERT INTO count AS old (institution_id, id, key, window_at, count)"
    " SELECT a.institution_id, (array_agg(a.id))[1], a.key, a.window_at, count(*)"
    " FROM unnest($21::uuid[], $22::uuid[], $23::uuid[], $24::bytea[], $25::bigint[])"
    " AS a (depends, institution_id, id, key, window_at) WHERE a.depends IS NULL OR a.depends IN (SELECT id FROM won)"
    " GROUP BY a.institution_id, a.key, a.window_at ORDER BY a.key"
    " ON CONFLICT (institution_id, key, window_at) DO UPDATE SET count = old.count + excluded.count),"
    " kept AS (INSERT INTO kept_answer (institution_id, id, key, request, verification, until)"
    " SELECT a.institution_id, a.id, a.key, a.request, a.verification, a.until"
    " FROM unnest($26::uuid[], $27::uuid[], $28::uuid[], $29::bytea[], $30::bytea[], $31::text[], $32::bigint[])"
    " AS a (depends, institution_id, id, key, request, verification, until)"
    " WHERE a.depends IS NULL OR a.depends IN (SELECT id FROM won))" + _WON
)
"""The same with counts of clients and kept answers."""
