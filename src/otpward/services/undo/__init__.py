"""Around the story. It was not me: what a notice tells of is looked at, and undone, by the link that stands in it."""
