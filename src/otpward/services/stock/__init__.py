"""Around the story: the shelf that devices come from."""
