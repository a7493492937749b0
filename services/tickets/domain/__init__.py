"""Decisions about tickets, without I/O."""
