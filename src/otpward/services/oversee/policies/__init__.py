"""An institution's own rules are written, put forward, approved by a second person, and in force from a day."""
