"""Codes judged many at a time, by group commit: one writer on SQLite, statements over arrays on PostgreSQL."""
