"""The rules of presence. Pure: time is an argument, nothing here waits or asks."""
