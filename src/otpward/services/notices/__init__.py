"""Around the story. What people are told is worded, handed to who carries it, and followed until it has arrived."""
