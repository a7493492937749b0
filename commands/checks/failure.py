"""The failure of a check."""


class CheckFailed(Exception):
    """What is wrong and, where it is known, what to change: a sentence for the operator."""
