"""The door that time comes in by: durable queues and timers on DBOS (docs/adr/0002)."""
