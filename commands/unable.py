"""The error of a command that cannot do its work."""

# Drivers append the whole command, its signature and the whole reply to an error.
MAX_ERROR_CHARACTERS = 200


class Unable(Exception):
    """The reason, as a sentence for the operator at the terminal."""


def first_line(error: Exception) -> str:
    """The first line of the error, at most MAX_ERROR_CHARACTERS; the type's name when the error has no text."""
    return (str(error).splitlines() or [type(error).__name__])[0][:MAX_ERROR_CHARACTERS]
