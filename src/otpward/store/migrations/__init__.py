"""The schema's history: numbered, forward only, each step safe to run again after a kill."""
