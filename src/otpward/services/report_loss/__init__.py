"""Room 1. One page, no sign-in: the token is refused everywhere from the moment the receipt exists."""
