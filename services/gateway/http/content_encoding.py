"""Which form of a file a client takes: `Accept-Encoding` read as RFC 9110 says. Pure."""

from collections.abc import Iterator

# What the build writes beside each file, best first: the name of the encoding and the end of the file's name.
FORMS = (("br", ".br"), ("gzip", ".gz"))


def accepted_forms(header: str) -> list[tuple[str, str]]:
    """Those of FORMS that the client takes, best first; what it likes less is no worse for us."""
    weights = dict(_weights(header))
    others = weights.get("*", 0.0)
    return [form for form in FORMS if weights.get(form[0], others) > 0]


def _weights(header: str) -> Iterator[tuple[str, float]]:
    for item in header.lower().split(","):
        name, *parameters = (part.strip() for part in item.split(";"))
        yield name, min((_quality(parameter) for parameter in parameters), default=1.0)


def _quality(parameter: str) -> float:
    """Of `q=0.5`; what cannot be read is a refusal, for the plain file is always right."""
    name, _, value = parameter.partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
