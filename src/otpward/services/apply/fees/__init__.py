"""A fee is paid at the counter, waived with a reason, or given back; money itself is handled elsewhere."""
