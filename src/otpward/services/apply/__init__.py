"""Room 3. The request for a new token: written, sent, checked, approved or refused."""
