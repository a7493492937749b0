"""What a name, an e-mail address and a new password may be. Pure: what is kept comes out, or ValueError with a sentence."""

import re
import unicodedata

MAX_NAME = 100
MAX_EMAIL = 254
# Long enough that a list of common ones is of little use; what is worth hashing ends at the other bound.
SHORTEST_PASSWORD, LONGEST_PASSWORD = 10, 1000
# Something, an @, and a domain with a dot: the rest is for the mail server to say.
_EMAIL = re.compile(r"[^\s@\"<>(),:;\\\[\]]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]")
# They turn the text around them, also what is not theirs.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def line(text: str, longest: int) -> str:
    """One line without needless blanks; empty when there is nothing in it."""
    kept = " ".join(text.split())
    if len(kept) > longest:
        raise ValueError(f"it has {longest} characters at most")
    if any(unicodedata.category(letter) in {"Cc", "Cs"} or letter in _TURNING for letter in kept):
        raise ValueError("it has characters in it that are not for reading")
    return kept


def name(text: str) -> str:
    """What somebody or something is called."""
    kept = line(text, MAX_NAME)
    if not any(letter.isalnum() for letter in kept):
        raise ValueError("a name has at least a letter in it")
    return kept


def email(text: str) -> str:
    """Lower-cased."""
    kept = text.strip().lower()
    if len(kept) > MAX_EMAIL or not _EMAIL.fullmatch(kept):
        raise ValueError("it is no e-mail address")
    return kept


def password(text: str, email_address: str) -> str:
    """A new one, as it is."""
    if not SHORTEST_PASSWORD <= len(text) <= LONGEST_PASSWORD:
        raise ValueError(f"a password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters")
    if text.strip().lower() == email_address or len(set(text)) < 4:
        raise ValueError("a password is harder to guess than this one")
    return text
