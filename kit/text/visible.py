"""Visible text: rejects names without a visible character, and strips the marks that reorder displayed text. Pure."""

import unicodedata

# Spaces, controls, direction marks, joiners and unassigned characters.
_INVISIBLE = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf", "Cn", "Cs", "Mn"})
# Blank, although their category is letter or symbol: Hangul fillers and the empty Braille cell.
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")


def has_visible_text(text: str) -> bool:
    """True with at least one visible character."""
    return any(letter not in _BLANK and unicodedata.category(letter) not in _INVISIBLE for letter in text)


# Embeddings, overrides and isolates display "gnp.exe" as "exe.png". No language needs them.
_BIDI_CONTROLS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])


def strip_bidi_controls(text: str) -> str:
    """The text without the controls that change the direction of writing."""
    return text.translate(_BIDI_CONTROLS)
