"""Contracts of Palique for other services. More modules are added when the wheel is built: codes, facts, vocabulary."""
