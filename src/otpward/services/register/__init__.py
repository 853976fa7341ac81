"""Room 6. The member binds the new token: a device by its serial, an app by QR code and key; only the token of this case."""
