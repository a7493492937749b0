"""Whether a text shows anything: a name of zero-width spaces is none. Pure."""

import unicodedata

# Spaces, controls, marks that direct or join, and what has no meaning yet; a letter or a sign is needed beside them.
_UNSEEN = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf", "Cn", "Cs", "Mn"})
# Letters and a sign by their category, blank by their looks: Hangul fillers and the empty Braille cell.
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")


def can_be_seen(text: str) -> bool:
    """True when a reader finds something there."""
    return any(letter not in _BLANK and unicodedata.category(letter) not in _UNSEEN for letter in text)
