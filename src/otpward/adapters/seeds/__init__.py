"""Seed files read in a process of their own: on two processors, reading and storing go on side by side."""
