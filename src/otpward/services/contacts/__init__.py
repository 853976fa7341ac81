"""Around the story. A contact changes, as a binding of its own: proven, shown by a code, told to the old one and the new."""
