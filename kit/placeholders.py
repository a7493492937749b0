"""What to call a visitor who gave no name: presence says so, and a gateway while it cannot ask."""


def placeholder(visitor: str) -> str:
    """By the end of their id."""
    return f"Visitor {visitor[-4:].upper()}"
