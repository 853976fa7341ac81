"""Those who say who somebody is, at the real services' paths; whom they know is in `people`."""
