"""The promises of ports/ kept for the world outside: messages, parcels, keys."""
