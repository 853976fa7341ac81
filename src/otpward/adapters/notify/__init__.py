"""Carrying a text to a person: SMS by NHN Cloud, mail by SMTP."""
