"""Conversations and the commands on them. Pure: no clock, no random, no I/O."""
