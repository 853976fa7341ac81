"""Room 2. The member shows who they are; each proof is short-lived, bound to act, person and browser, and spent once."""
