"""The REST interface for relying systems: `/v1/…`."""
