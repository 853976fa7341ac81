"""One-time codes: how one is computed (RFC 4226, RFC 6238), in which window it is looked for, and what a typed one means."""
