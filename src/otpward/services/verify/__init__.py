"""Room 8. Every day after: is this code good? Accepted at most once, ever."""
