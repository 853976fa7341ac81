"""Around the story: institutions, branches, members, staff and keys are set up, and it is seen what happens."""
