"""Seed files as makers of tokens send them: bytes in, records out. Nothing is returned before everything was checked, every
key is accounted for, and no message ever repeats a seed."""
