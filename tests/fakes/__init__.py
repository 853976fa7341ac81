"""Stand-ins that keep the same promises: an in-memory store, a clock that is set, an outbox that is read."""
