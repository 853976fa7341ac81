"""Photographs of cards that nobody has: what the covering of numbers is measured on (docs/reference/masking.md)."""
