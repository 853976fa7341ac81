"""Around the story: what a member falls back on when the token is gone: a recovery code, passkeys, a second token."""
