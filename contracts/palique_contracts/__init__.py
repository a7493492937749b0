"""Contracts of Palique for other services. The modules are added when the wheel is built: codes, facts, vocabulary."""
