"""The tickets service: tickets of conversations and of requests, their history and comments."""
