"""The bare limit: what the store and the arithmetic alone allow, with nothing around them.

A hot row found by serial, its seed unsealed, the codes of the window computed, the row changed and an audit line with a key of
its own written, so many at a time as would be gathered with so many requests in flight. The tables are as narrow as can be and
do not follow the product's, so that this stays the same yardstick.
"""
