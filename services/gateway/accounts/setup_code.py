"""The set-up code as text: a person copies it from a log, or types it. Pure."""

# Crockford's alphabet: without the letters that look like digits.
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
# 80 random bits: too many to guess, few enough to type.
LENGTH = 16
_GROUP = 4
_LOOK_ALIKE = str.maketrans("OIL", "011")


def shown(plain: str) -> str:
    """In groups of letters, as it is printed."""
    return "-".join(plain[at : at + _GROUP] for at in range(0, len(plain), _GROUP))


def plain(typed: str) -> str:
    """The plain form of what a person typed: any case, with or without separators, with letters for digits that look alike."""
    return "".join(letter for letter in typed.upper().translate(_LOOK_ALIKE) if letter in LETTERS)
