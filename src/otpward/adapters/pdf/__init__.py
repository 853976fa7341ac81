"""Sheets become PDFs: one template, one typeface, both in this package; nothing is fetched."""
