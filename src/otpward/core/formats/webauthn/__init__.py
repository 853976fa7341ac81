"""Passkeys as they come from a browser (WebAuthn Level 3, CTAP 2.2): CBOR, authenticator data, keys, the two ceremonies."""
