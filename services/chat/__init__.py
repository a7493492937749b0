"""Conversations: their logs, who has them, how far they are read."""
