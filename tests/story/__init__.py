"""The eight steps, end to end, in a real browser, against the product as `make demo` starts it."""
