"""Room 5. The device travels, by post or over the counter; delivered, it is dead until its holder wakes it."""
