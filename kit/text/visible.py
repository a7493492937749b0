"""Visible text: the rule of every required text, and the removal of marks that reorder displayed text. Pure.

`web/ui/src/visible.ts` has the same rule for forms; `tests/vectors/visible_text.json` checks both.
"""

import re
import unicodedata

# Spaces, controls, direction marks, joiners, tags, variation selectors and combining marks.
_INVISIBLE = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Mn", "Me"})
# Blank, although their category is another one: Hangul fillers, the empty Braille cell, the null notehead, and unassigned
# characters that browsers do not display. Other unassigned characters are visible: they can be newer than this Unicode table.
_BLANK = re.compile("[\u115f\u1160\u2800\u3164\uffa0\U0001d159\u2065\ufff0-\ufff8\U000e0000-\U000e0fff]")


def has_visible_text(text: str) -> bool:
    """True with at least one visible character."""
    return any(unicodedata.category(letter) not in _INVISIBLE and not _BLANK.match(letter) for letter in text)


# Embeddings, overrides and isolates display "gnp.exe" as "exe.png". No language needs them.
_BIDI_CONTROLS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])


def strip_bidi_controls(text: str) -> str:
    """The text without the controls that change the direction of writing."""
    return text.translate(_BIDI_CONTROLS)
