"""The door: sockets and HTTP towards browsers, identity, fan-out."""
