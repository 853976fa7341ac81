"""The promises of `ports.unit_of_work`, kept in SQL: one schema on SQLite and on PostgreSQL, behind one seam."""
