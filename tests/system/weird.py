"""Values that break what is built carelessly: wrong types, enormous numbers, deep nesting, NULs, lone surrogates, the operators of a database."""

import json

from hypothesis import strategies as st

from tests.system.fuzzing import MARK

Json = object

_DEEP = "@deep@"

TEXTS = st.one_of(
    st.sampled_from(
        (
            "",
            " ",
            "\0",
            "a\0b",
            "\ud800",
            "\udfff!",
            "$gt",
            "$where",
            "__proto__",
            "null",
            "../../etc/passwd",
            "<script>alert(1)</script>",
            "%s%n{}",
            "\u202eevil",
            "e\u0301" * 40,
            "😀" * 70,
            "x" * 65,
            "x" * 4001,
            "' || '1'=='1",
            "\r\nSet-Cookie: a=b",
        )
    ),
    st.text(max_size=40),
).map(lambda text: text and MARK + text)

NUMBERS = st.one_of(
    st.sampled_from(
        (0, -1, 1, 2**31, 2**53, 2**53 + 1, 2**63 - 1, 2**63, 2**64, -(2**63) - 1, 10**400, 1e308, -0.0, 0.5)
    ),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
)

OBJECTS = st.sampled_from(
    (
        {"$gt": ""},
        {"$ne": None},
        {"$where": "sleep(1000)"},
        {"$expr": {"$function": {"body": "x", "args": [], "lang": "js"}}},
        {"$set": {"role": "administrator"}},
        {"": {}},
        {"a.b": 1},
        {"\0": 1},
        {},
        [],
        [[]] * 50,
        [{"$in": [None]}],
        _DEEP,
    )
)

ANYTHING: st.SearchStrategy[Json] = st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS, OBJECTS)

# Fields of an attack that hopes to get into a query or a document.
STRANGE_KEYS = st.sampled_from(
    ("$set", "$where", "site", "_id", "author", "role", "__proto__", "\0", "a.b", "x" * 300, "")
)


def dumps(value: Json, depth: int = 3000) -> str:
    """JSON that careful encoders never write: lone surrogates as escapes, and nesting of a given depth."""
    return json.dumps(value).replace(f'"{_DEEP}"', "[" * depth + "]" * depth)
