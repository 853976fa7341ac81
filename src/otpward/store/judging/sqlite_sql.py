"""What is said to SQLite for each question of a batch. Only names of columns, ours, are put into these texts."""

from typing import Final

from otpward.store.judging.rows import API_KEY, AUDIT, TOKEN

_token_columns: Final = ", ".join(f"t.{name}" for name in TOKEN)
KEY: Final = f"SELECT {', '.join(API_KEY)} FROM api_key WHERE handle = ?"
BY_SERIAL: Final = (
    f"SELECT {_token_columns}, t.rowid, r.id IS NOT NULL AND m.id IS NOT NULL AND m.left_at IS NULL FROM token t"
    " LEFT JOIN registration r ON r.institution_id = t.institution_id AND r.token_id = t.id AND r.state = 'live'"
    " LEFT JOIN member m ON m.institution_id = r.institution_id AND m.id = r.member_id"
    " WHERE t.bucket = ? AND t.institution_id = ? AND t.serial = ? LIMIT 1"
)
MEMBER: Final = "SELECT id FROM member WHERE institution_id = ? AND login = ? AND left_at IS NULL"
REGISTERED: Final = (
    "SELECT token_id FROM registration WHERE bucket = ? AND institution_id = ? AND member_id = ? AND state = 'live'"
    " ORDER BY live_at DESC, id"
)
BY_ID: Final = f"SELECT {_token_columns}, t.rowid FROM token t WHERE t.bucket = ? AND t.institution_id = ? AND t.id = ?"
COUNTED: Final = "SELECT count FROM count WHERE institution_id = ? AND key = ? AND window_at = ?"
KEPT: Final = "SELECT id, key, request, verification, until FROM kept_answer WHERE institution_id = ? AND key = ?"
CHANGE: Final = (
    "UPDATE token SET high_water = ?, drift_steps = ?, failures = ?, failures_total = ?, locked_until = ?, used_at = ?,"
    " version = version + 1 WHERE rowid = ? AND version = ?"
)
LINE: Final = f"INSERT INTO audit_line ({', '.join(AUDIT)}) VALUES ({', '.join('?' * len(AUDIT))})"
COUNT: Final = (
    "INSERT INTO count (institution_id, id, key, window_at, count) VALUES (?, ?, ?, ?, 1)"
    " ON CONFLICT (institution_id, key, window_at) DO UPDATE SET count = count + 1"
)
OVER: Final = "DELETE FROM kept_answer WHERE institution_id = ? AND key = ? AND until <= ?"
KEEP: Final = "INSERT INTO kept_answer (institution_id, id, key, request, verification, until) VALUES (?, ?, ?, ?, ?, ?)"
