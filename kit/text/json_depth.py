"""Bound on the nesting of JSON from a peer, checked before a parser that recurses sees it. Pure."""

# Arrays and objects in each other, also in fields that are ignored. The deepest valid input has 3.
MAX_DEPTH = 16

_TO_BRACKETS = bytes.maketrans(b"{}", b"[]")
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_TOO_MANY = b"[" * (MAX_DEPTH + 1)


def is_too_deep(data: bytes) -> bool:
    """Whether arrays and objects nest deeper than MAX_DEPTH. Each round removes the innermost level, without a Python loop over bytes."""
    if data.count(b"[") + data.count(b"{") <= MAX_DEPTH:
        return False
    outside_strings = b"".join(data.replace(b"\\\\", b"").replace(b'\\"', b"").split(b'"')[::2])
    brackets = outside_strings.translate(_TO_BRACKETS, _NO_BRACKETS)
    for _ in range(MAX_DEPTH):
        if not brackets or _TOO_MANY in brackets:
            break
        brackets = brackets.replace(b"[]", b"")
    return _TOO_MANY in brackets or b"[]" in brackets
