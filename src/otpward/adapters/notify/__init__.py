"""Carrying a text to a person: SMS by NHN Cloud, Naver SENS or Solapi, mail by SMTP."""
