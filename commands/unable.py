"""How a command says that it cannot do what it was asked."""


class Unable(Exception):
    """The sentence says why, to the person at the terminal."""
