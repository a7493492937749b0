"""Connections to databases and brokers that others on the network can read or change. Pure.

Checked in production only, unless the network is private.
"""

from urllib.parse import parse_qs, urlsplit

from kit.config.secret_policy import SecretKind

# Options of the two clients that accept any certificate.
_UNCHECKED = ("tlsInsecure", "tlsAllowInvalidCertificates", "tlsAllowInvalidHostnames", "no_verify_ssl")
_OFF = frozenset({"0", "false", "no", "off"})


def open_connection(kind: SecretKind, url: str) -> str | None:
    """Why others could read what is sent to the backend of this URL, without the URL. None when they cannot, and for other secrets."""
    if kind not in ("mongodb_url", "amqp_url"):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return "it is no URL"
    options = {name.lower(): values[-1].lower() for name, values in parse_qs(parts.query).items()}
    if kind == "amqp_url" and parts.scheme != "amqps":
        return "it has no TLS; write amqps://"
    if kind == "mongodb_url" and not _mongodb_has_tls(parts.scheme, options):
        return "it has no TLS; add tls=true"
    if any(options.get(name.lower(), "0") not in _OFF for name in _UNCHECKED):
        return "it accepts any certificate"
    return None


def _mongodb_has_tls(scheme: str, options: dict[str, str]) -> bool:
    chosen = options.get("tls", options.get("ssl"))
    return chosen == "true" if chosen is not None else scheme == "mongodb+srv"
