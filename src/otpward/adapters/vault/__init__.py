"""Keys: a master key in a provider wraps data keys, and those seal what is stored."""
