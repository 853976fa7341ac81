"""What every room writes in the same way: a case moves on with its timeline, a token with its audit line, people are told.

The rooms of `services` decide what happens; the clerk sees that it is filed completely. See docs/adr/0006.
"""
