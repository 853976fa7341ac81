"""What we need from outside, as Protocols: unit of work, clock, entropy, vault, notifier, carrier."""
