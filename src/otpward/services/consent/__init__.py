"""A member agrees to a use of their data, reads what they agreed to, and takes it back."""
