"""Overload: measuring it, shedding load, slicing work over event-loop iterations, background tasks."""
