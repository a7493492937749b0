"""Tickets and their history. What a conversation said is copied here once; who may ask is decided by the caller's token."""
