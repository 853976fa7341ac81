"""Erasing what is older than the law or the institution wants, in SQL: the rows go, and what hangs on them before they do.

On SQLite `secure_delete` overwrites their octets; on PostgreSQL they are gone once the table is vacuumed.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from otpward.core.errors import Invalid
from otpward.core.ids import InstitutionId
from otpward.core.lifecycle.others import RegistrationState
from otpward.store import tables as t


class SqlArchive:
    """`Archive` inside one institution."""

    def __init__(self, connection: sa.Connection, institution_id: InstitutionId | None) -> None:
        self._connection, self._institution_id = connection, institution_id

    def policies_of_ended(self) -> Collection[UUID | None]:
        """The versions that ended applications began under."""
        query = sa.select(t.case.c.policy_id).distinct().where(self._mine(t.case), t.case.c.closed_at.is_not(None))
        return list(self._connection.execute(query).scalars())

    def drop_cases(self, *, policy_id: UUID | None, ended_before: datetime, limit: int) -> int:
        """Applications under this version that ended before."""
        case = t.case.c
        under = case.policy_id.is_(None) if policy_id is None else case.policy_id == policy_id
        free = sa.or_(case.report_id.is_(None), case.report_id.not_in(self._held()))
        ids = self._ids(t.case, under, case.closed_at < ended_before, free, order=case.closed_at, limit=limit)
        if ids:
            self._drop_proofs(self._of(t.proof_table, case_id=ids))
            self._drop(t.document_page, t.document_page.c.document_id.in_(self._of(t.document, case_id=ids)))
            self._drop(t.parcel_event, t.parcel_event.c.shipment_id.in_(self._of(t.shipment, case_id=ids)))
            for table in (t.document, t.case_step, t.case_note, t.case_look, t.pick_up, t.shipment, t.notice, t.loss_report):
                self._drop(table, table.c.case_id.in_(ids))
            self._connection.execute(
                sa.update(t.device).where(self._mine(t.device), t.device.c.case_id.in_(ids)).values(case_id=None)
            )
            self._drop(t.case, case.id.in_(ids))
        return len(ids)

    def drop_stray(self, *, before: datetime, limit: int) -> int:
        """What belongs to no application."""
        report, proof, change, notice, consent = t.loss_report, t.proof_table, t.contact_change, t.notice, t.consent
        proofs = self._ids(proof, proof.c.case_id.is_(None), proof.c.started_at < before, limit=limit)
        self._drop_proofs(proofs)
        gone = len(proofs)
        for table, over in (
            (report, sa.and_(report.c.case_id.is_(None), report.c.reported_at < before, report.c.id.not_in(self._held()))),
            (change, change.c.begun_at < before),
            (notice, sa.and_(notice.c.case_id.is_(None), notice.c.created_at < before)),
            (consent, consent.c.withdrawn_at < before),
        ):
            ids = self._ids(table, over, limit=limit)
            self._drop(table, table.c.id.in_(ids))
            gone += len(ids)
        return gone

    def drop_fees(self, *, before: datetime, limit: int) -> int:
        """Fees of ended applications."""
        fee = t.fee.c
        running = sa.select(t.case.c.id).where(self._mine(t.case), t.case.c.closed_at.is_(None))
        last = sa.func.coalesce(fee.refunded_at, fee.settled_at, fee.due_at)
        ids = self._ids(t.fee, last < before, fee.case_id.not_in(running), limit=limit)
        self._drop(t.fee, fee.id.in_(ids))
        return len(ids)

    def drop_access(self, *, before: datetime, limit: int) -> int:
        """Lines of the audit by whole days, and sessions."""
        line = t.audit_line.c
        lines = self._ids(t.audit_line, line.day < before.date(), order=line.day, limit=limit)
        days = sa.and_(line.day < before.date(), line.id.in_(lines))
        self._drop_story(days)
        self._drop(t.audit_line, days)
        sessions = self._ids(t.session, t.session.c.ends_at < before, limit=limit)
        self._drop(t.session, t.session.c.id.in_(sessions))
        return len(lines) + len(sessions)

    def _drop_story(self, lines: Any) -> None:
        """What was rolled up of these lines goes with them."""
        line, row = t.audit_line.c, t.story_line.c
        for name in ("subject_id", "case_id", "actor_id"):
            named = sa.select(line[name], line.at, line.id).where(self._mine(t.audit_line), lines, line[name].is_not(None))
            for about, at, key in self._connection.execute(named).all():
                self._drop(t.story_line, sa.and_(row.about == about, row.at == at, row.id == key))

    def _held(self) -> sa.Select[tuple[UUID]]:
        """Reports that still stop an OTP that somebody uses."""
        hold, live = t.hold.c, t.registration.c
        used = sa.exists().where(
            self._mine(t.registration), live.token_id == hold.token_id, live.state != RegistrationState.ENDED
        )
        return sa.select(hold.report_id).where(self._mine(t.hold), hold.report_id.is_not(None), hold.lifted_at.is_(None), used)

    def _drop_proofs(self, ids: Sequence[UUID]) -> None:
        for table in (t.phone_code, t.evidence):
            self._drop(table, table.c.proof_id.in_(ids))
        self._drop(t.proof_table, t.proof_table.c.id.in_(ids))

    def _of(self, table: sa.Table, **among: Sequence[UUID]) -> Sequence[UUID]:
        return self._ids(table, *(table.c[name].in_(values) for name, values in among.items()))

    def _ids(self, table: sa.Table, *where: Any, order: Any = None, limit: int | None = None) -> Sequence[UUID]:
        query = sa.select(table.c.id).where(self._mine(table), *where).limit(limit)
        return list(self._connection.execute(query if order is None else query.order_by(order)).scalars())

    def _drop(self, table: sa.Table, where: Any) -> None:
        self._connection.execute(sa.delete(table).where(self._mine(table), where))

    def _mine(self, table: sa.Table) -> sa.ColumnElement[bool]:
        if self._institution_id is None:
            raise Invalid("records are erased inside one institution")
        mine: sa.ColumnElement[bool] = table.c.institution_id == self._institution_id
        return mine
