"""Around the story: members and staff sign in with a password and an OTP of the product itself."""
