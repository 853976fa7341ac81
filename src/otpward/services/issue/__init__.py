"""Room 4. One transaction takes the new device from stock and ties it to the case; an app's seed is made and sealed."""
