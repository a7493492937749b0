"""Whether a text shows anything, and what it is: a name of zero-width spaces is none, and no mark makes it read otherwise. Pure."""

import unicodedata

# Spaces, controls, marks that direct or join, and what has no meaning yet; a letter or a sign is needed beside them.
_UNSEEN = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf", "Cn", "Cs", "Mn"})
# Letters and a sign by their category, blank by their looks: Hangul fillers and the empty Braille cell.
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")


def has_visible_text(text: str) -> bool:
    """True when a reader finds something there."""
    return any(letter not in _BLANK and unicodedata.category(letter) not in _UNSEEN for letter in text)


# Embeddings, overrides and isolates: they let "exe.png" be read where "gnp.exe" stands. Letters need none of them.
_TURNS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])


def strip_bidi_controls(text: str) -> str:
    """The text without the marks that turn the direction of writing."""
    return text.translate(_TURNS)
