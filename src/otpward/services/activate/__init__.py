"""Room 7. One test OTP proves that the new token works; in the same transaction the old one retires."""
