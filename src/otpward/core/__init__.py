"""What is true. Pure: no clock, no chance, no files, no network, no logging."""
