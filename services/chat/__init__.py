"""Conversations: logs, assignment, read marks, lists and search."""
