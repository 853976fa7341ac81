"""Asking others who a person is: identity services, certificates in apps and files, an institution's own sign-on."""
