"""How a command says that it cannot do what it was asked."""

# Drivers add the whole command, its signature and the whole answer.
LONGEST = 200


class Unable(Exception):
    """The sentence says why, to the person at the terminal."""


def first_line(error: Exception) -> str:
    """What it says, as much of it as somebody reads."""
    return (str(error).splitlines() or [type(error).__name__])[0][:LONGEST]
