"""Parses `Accept-Encoding` (RFC 9110) to choose a compressed form of a file. Pure."""

from collections.abc import Iterator

# The compressed files that the build writes beside each file, smallest first: encoding and file name suffix.
FORMS = (("br", ".br"), ("gzip", ".gz"))


def accepted_forms(header: str) -> list[tuple[str, str]]:
    """The FORMS that the client accepts, smallest first; the client's order of preference is ignored."""
    weights = dict(_weights(header))
    others = weights.get("*", 0.0)
    return [form for form in FORMS if weights.get(form[0], others) > 0]


def _weights(header: str) -> Iterator[tuple[str, float]]:
    for item in header.lower().split(","):
        name, *parameters = (part.strip() for part in item.split(";"))
        yield name, min((_quality(parameter) for parameter in parameters), default=1.0)


def _quality(parameter: str) -> float:
    """The weight of `q=0.5`; 0 for malformed text, because the plain file is always acceptable."""
    name, _, value = parameter.partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
