"""The limits of the fields that a page gives about the visit. Gateway and presence apply them; the widget has a generated copy."""

MAX_FIELDS = 20
MAX_KEY = 40
MAX_VALUE = 200
# Of a key, as in a class of a regular expression.
KEY_CHARACTERS = "A-Za-z0-9_.-"
