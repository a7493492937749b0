"""`./init ORIGIN`: makes the secrets and the settings of an installation on one host. docs/one-host.md describes it.

One file, because it runs with Python 3.10 and nothing else. A repeat keeps all secrets, and changes only the settings that its arguments name.
"""

import argparse
import base64
import hashlib
import ipaddress
import json
import re
import secrets
import shutil
import socket
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

HERE = Path(__file__).resolve().parent
SERVICES = ("gateway", "presence", "chat", "tickets")
# At the broker, as in deploy/k8s/components/engines/rabbitmq.yaml.
BROKER_RIGHTS = {
    "gateway": {
        "configure": r"^(palique\.(live|presence)|gateway\..*)$",
        "write": r"^(palique\.(live|presence)|gateway\..*)$",
        "read": r"^(palique\.(live|presence)|gateway\..*)$",
    },
    "presence": {
        "configure": r"^(palique\.(presence|events|dead)|presence\..*)$",
        "write": r"^(palique\.presence|palique\.dead|presence\..*)$",
        "read": r"^(palique\.(presence|events|dead)|presence\..*)$",
    },
    "chat": {
        "configure": r"^palique\.(live|events|dead)$",
        "write": r"^palique\.(live|events|dead)$",
        "read": "^$",
    },
    "tickets": {
        "configure": r"^(palique\.(events|dead)|tickets\..*)$",
        "write": r"^(palique\.(events|dead)|tickets\..*)$",
        "read": r"^(palique\.(events|dead)|tickets\..*)$",
    },
}
VHOST = "palique"
DEFINITIONS = "rabbitmq-definitions"
# Empty until the operator writes it: mail is off without it.
MAIL_PASSWORD = "tickets-mail-password"  # noqa: S105 - the name of a file
OWN_AUTHORITY = "internal"
HTTP, HTTPS = 80, 443
DEFAULTS = {
    "COMPOSE_PROJECT_NAME": "palique",
    "PALIQUE_HTTP_PORT": str(HTTP),
    "PALIQUE_IMAGES": "localhost/palique-",
    "PALIQUE_VERSION": "dev",
}
HEAD = "# Written by ./init, which keeps what is changed here. The secrets are in the folder secrets.\n"
# No public authority certifies names with these ends.
PRIVATE = ("localhost", "local", "internal", "lan", "home.arpa", "test")
NAME_MISSING = "name the host at which browsers reach Palique, such as ./init chat.example.com --email you@example.com"
EMAIL_MISSING = (
    "the authority of the certificates wants an address: --email you@example.com; on a closed network, --own-authority"
)
_LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"(?=.{{1,253}}$){_LABEL}(?:\.{_LABEL})*")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)
_TAG = re.compile(r"\w[\w.-]{0,127}", re.ASCII)
_PREFIX = re.compile(r"[a-z0-9][a-z0-9._:/-]*[/-]")
_PORT = range(1, 65536)


class Refused(Exception):
    """Why there is no installation with this input, and what to change."""


class Origin(NamedTuple):
    """The address at which browsers reach Palique, always with https."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"https://{self.host}" + ("" if self.port == HTTPS else f":{self.port}")

    @property
    def is_private(self) -> bool:
        """True when no public authority certifies the name."""
        return "." not in self.host or any(self.host == end or self.host.endswith(f".{end}") for end in PRIVATE)


def main(arguments: Sequence[str] | None = None, folder: Path = HERE) -> None:
    """The command. Exit status 1 and one sentence when it refuses; then nothing is written."""
    line = _parser().parse_args(arguments)
    try:
        kept = read_settings(folder / ".env")
        settings = new_settings(_completed(line, kept), kept)
        for warning in _checked(settings, kept):
            print(f"init: warning: {warning}", file=sys.stderr)
        were_there = write_secrets(folder / "secrets")
        _write(folder / ".env", HEAD + "".join(f"{name}={value}\n" for name, value in settings.items()), 0o600)
    except Refused as refused:
        sys.exit(f"init: {refused}")
    print(
        f"The secrets in {folder / 'secrets'} are {'kept' if were_there else 'new'}. The settings are in {folder / '.env'}."
    )
    print(f"Next: docker compose up -d, then {settings['PALIQUE_ORIGIN']}")


def parse_origin(text: str) -> Origin:
    """`chat.example.com`, also with https:// and a port. Refused with the reason and what to write."""
    text = text.strip()
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        port = parts.port or HTTPS
    except ValueError:
        raise Refused(f"{text} is no address; write a name such as chat.example.com") from None
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme == "http":
        raise Refused(f"{text} is without TLS, and browsers send the sign-in over https only; write https://{host}")
    if parts.scheme != "https" or parts.username is not None:
        raise Refused(f"{text} is no address of a web site; write a name such as chat.example.com")
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise Refused(f"{text} has a path, and Palique needs the root of a host; write {Origin(host, port)}")
    if _is_address(host):
        raise Refused(f"{host} is an address, and certificates are for names; write a name such as chat.example.com")
    if not _HOST.fullmatch(host):
        raise Refused(f"{host or text} is no host name; write one such as chat.example.com, other scripts as xn--…")
    return Origin(host, port)


def new_settings(line: argparse.Namespace, kept: Mapping[str, str]) -> dict[str, str]:
    """The content of `.env`. Refused when the arguments do not fit, alone or together. Pure."""
    origin = parse_origin(line.origin)
    given = {
        "PALIQUE_HOST": origin.host,
        "PALIQUE_ORIGIN": str(origin),
        "PALIQUE_HTTPS_PORT": str(origin.port),
        "PALIQUE_TLS": line.tls,
        "PALIQUE_HTTP_PORT": line.http_port,
        "PALIQUE_IMAGES": line.images,
        "PALIQUE_VERSION": line.version,
    }
    settings = {**DEFAULTS, **kept, **{name: value for name, value in given.items() if value}}
    http = settings["PALIQUE_HTTP_PORT"]
    if not http.isdecimal() or int(http) not in _PORT or int(http) == origin.port:
        raise Refused(f"--http-port {http} does not fit; it is a number up to 65535, other than the port of {origin}")
    if not _TAG.fullmatch(settings["PALIQUE_VERSION"]):
        raise Refused(f"--version {settings['PALIQUE_VERSION']} is no tag of an image; write one such as 0.1.0")
    if not _PREFIX.fullmatch(settings["PALIQUE_IMAGES"]):
        raise Refused(
            f"--images {settings['PALIQUE_IMAGES']} does not fit; it is what stands before the name of a service, "
            "such as registry.example.com/palique/"
        )
    _check_authority(origin, settings)
    return settings


def _check_authority(origin: Origin, settings: Mapping[str, str]) -> None:
    """Refused when the authority cannot certify the origin. Certificates of another one, which are files, fit every origin."""
    tls = settings["PALIQUE_TLS"]
    if tls == OWN_AUTHORITY or "/" in tls:
        return
    if not _EMAIL.fullmatch(tls):
        raise Refused(f"--email {tls} is no e-mail address; the public authority of the certificates wants one")
    if origin.is_private:
        raise Refused(f"no public authority certifies {origin.host}; use --own-authority instead of --email")
    if origin.port != HTTPS and settings["PALIQUE_HTTP_PORT"] != str(HTTP):
        raise Refused(
            f"a public authority looks at the ports {HTTP} and {HTTPS} only; use one of them, or --own-authority"
        )


def new_secrets() -> dict[str, str]:
    """Every secret that is not derived, by the name of its file."""
    tokens = {name: secrets.token_urlsafe(32) for name in ("gateway", "tickets")}
    callers = {name: f"{name}:*:{token}" for name, token in tokens.items()}
    made = {
        # Base64 is the alphabet of MongoDB's key files.
        "mongodb-key": base64.b64encode(secrets.token_bytes(96)).decode(),
        "gateway-rpc-token": tokens["gateway"],
        "tickets-rpc-token": tokens["tickets"],
        "presence-rpc-tokens": ",".join(callers.values()),
        "chat-rpc-tokens": ",".join(callers.values()),
        "tickets-rpc-tokens": callers["gateway"],
    }
    for service in SERVICES:
        database, user = f"palique_{service}", f"palique-{service}"
        made[f"{service}-mongodb-url"] = (
            f"mongodb://{user}:{secrets.token_hex(24)}@mongodb:27017/{database}?replicaSet=rs0"
        )
        made[f"{service}-amqp-url"] = f"amqp://{user}:{secrets.token_hex(24)}@rabbitmq:5672/{VHOST}"
    return made


def broker_definitions(made: Mapping[str, str]) -> str:
    """The virtual host, the users of the URLs with hashes of their passwords, and their rights, in RabbitMQ's form."""
    urls = {service: urlsplit(made[f"{service}-amqp-url"]) for service in BROKER_RIGHTS}
    users: list[dict[str, object]] = [
        {
            "name": url.username,
            "password_hash": _broker_hash(url.password or ""),
            "hashing_algorithm": "rabbit_password_hashing_sha256",
            "tags": [],
        }
        for url in urls.values()
    ]
    rights = [{"user": urls[service].username, "vhost": VHOST, **BROKER_RIGHTS[service]} for service in BROKER_RIGHTS]
    return json.dumps({"vhosts": [{"name": VHOST}], "users": users, "permissions": rights}, indent=1) + "\n"


def write_secrets(folder: Path) -> bool:
    """Makes the folder with new secrets; False then. A folder that is there keeps them. The definitions follow from them each time.

    Only the owner may open the folder. All may read the files: compose gives single files to containers, whose users are others.
    """
    wanted = new_secrets()
    were_there = folder.exists()
    if not were_there:
        # An interrupted run leaves no half of them.
        partial = folder.with_name(f"{folder.name}.partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(mode=0o700)
        for name, content in wanted.items():
            _write(partial / name, content, 0o444)
        partial.rename(folder)
    missing = sorted(name for name in wanted if not (folder / name).exists())
    if missing:
        raise Refused(
            f"{folder / missing[0]} is missing, and the others are there; bring it back from your copy. Without one, remove "
            "the whole folder: new secrets fit the data too, but not other programs that call Palique"
        )
    folder.chmod(0o700)
    if not (folder / MAIL_PASSWORD).exists():
        _write(folder / MAIL_PASSWORD, "", 0o444)
    _write(folder / DEFINITIONS, broker_definitions({name: (folder / name).read_text() for name in wanted}), 0o444)
    return were_there


def read_settings(path: Path) -> dict[str, str]:
    """The settings of an earlier run, with those that the operator added; empty before the first."""
    lines = path.read_text().splitlines() if path.exists() else []
    pairs = (line.split("=", 1) for line in lines if "=" in line and not line.lstrip().startswith("#"))
    return {name.strip(): value.strip() for name, value in pairs}


def _checked(settings: Mapping[str, str], kept: Mapping[str, str]) -> list[str]:
    """What may go wrong with this host and its name. Refused for a port that another program has."""
    for name in ("PALIQUE_HTTP_PORT", "PALIQUE_HTTPS_PORT"):
        # In a repeat the program on the port is Palique itself.
        if settings[name] != kept.get(name) and _is_in_use(int(settings[name])):
            raise Refused(
                f"port {settings[name]} is in use by another program of this host; `ss -ltnp sport = :{settings[name]}` "
                "shows which. Stop it, or use another port: --http-port, and for https a port in the origin"
            )
    host = settings["PALIQUE_HOST"]
    unknown = f"{host} does not resolve here. Make its A or AAAA record first, or browsers find nothing and no authority certifies it"
    return [] if _resolves(host) else [unknown]


def _completed(line: argparse.Namespace, kept: Mapping[str, str]) -> argparse.Namespace:
    """The arguments, with what they lack from the earlier run, else from the terminal."""
    origin = line.origin or kept.get("PALIQUE_ORIGIN") or _asked("Name at which browsers reach Palique", NAME_MISSING)
    parse_origin(origin)
    tls = OWN_AUTHORITY if line.own_authority else line.email or kept.get("PALIQUE_TLS")
    tls = tls or _asked("Your e-mail address, for the authority of the certificates", EMAIL_MISSING)
    return argparse.Namespace(**{**vars(line), "origin": origin, "tls": tls})


def _asked(question: str, missing: str) -> str:
    """The answer at the terminal. Refused with `missing` where there is none."""
    answer = input(f"{question}: ").strip() if sys.stdin.isatty() else ""
    if not answer:
        raise Refused(missing)
    return answer


def _is_in_use(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("", port))
        except PermissionError:
            # Ports below 1024 are root's to bind, but any user may connect.
            return probe.connect_ex(("127.0.0.1", port)) == 0
        except OSError:
            return True
    return False


def _resolves(host: str) -> bool:
    try:
        socket.getaddrinfo(host, None)
    except OSError:
        return False
    return True


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _broker_hash(password: str) -> str:
    """RabbitMQ's salted SHA-256. The salt follows from the password, which is random, so that a repeat writes the same file."""
    salt = hashlib.sha256(password.encode()).digest()[:4]
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


def _write(path: Path, content: str, mode: int) -> None:
    """Replaces the file at once."""
    partial = path.with_name(f"{path.name}.partial")
    partial.unlink(missing_ok=True)
    partial.touch(mode=0o600)
    partial.write_text(content)
    partial.chmod(mode)
    partial.replace(path)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./init", description="Makes the secrets and the settings of Palique on one host."
    )
    parser.add_argument("origin", nargs="?", help="where browsers reach Palique: chat.example.com, also with a port")
    authority = parser.add_mutually_exclusive_group()
    authority.add_argument("--email", help="yours, for the public authority that certifies the name")
    authority.add_argument(
        "--own-authority",
        action="store_true",
        help="certificates that browsers do not know: for trials and closed networks",
    )
    parser.add_argument("--http-port", help="for the redirection to https and the public authority; 80 by default")
    parser.add_argument("--version", help="the tag of the four images; dev by default, which `make images` builds")
    parser.add_argument("--images", help="what stands before their names; localhost/palique- by default")
    return parser


if __name__ == "__main__":
    main()
