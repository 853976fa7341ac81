"""A device that has come apart from us is set right by two consecutive codes, before anybody thinks of a new one."""
