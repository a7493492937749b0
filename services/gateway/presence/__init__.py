"""Presence on this side: reports of own sockets, and the lists of visitors and agents online."""
