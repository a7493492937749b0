"""Settings from the environment into one typed struct per service.

A field `grpc_address` is `PALIQUE_GRPC_ADDRESS`; with `PALIQUE_GRPC_ADDRESS_FILE` its value is that file's
content, which is how secrets arrive. A tuple is written with commas. Empty is the same as not set.

The type of a field carries its description, by `setting(…)`, from which docs/settings.md is generated.
"""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import TypeVar, get_args, get_origin

import msgspec

from kit.config.connection_policy import open_connection
from kit.config.known_names import KNOWN
from kit.config.secret_policy import SecretKind, fault

PREFIX = "PALIQUE_"
FILE = "_FILE"
# Variables that the development stack passes to its own processes.
STACK_PREFIX = "PALIQUE_STACK_"
SettingsT = TypeVar("SettingsT", bound=msgspec.Struct)


class BadSetting(Exception):
    """A setting is missing, unknown, malformed or well known. The message names it and never contains its value."""


def setting(what: str, *, unit: str = "", confidential: SecretKind | None = None) -> msgspec.Meta:
    """For `Annotated`: the purpose of a setting, its unit, and the kind of secret if it is one."""
    return msgspec.Meta(description=what, extra={"unit": unit, "secret": confidential})


def load(kind: type[SettingsT], environ: Mapping[str, str]) -> SettingsT:
    """Reads every field of `kind`.

    BadSetting when a required one is missing, when one does not fit its type or is unknown. In production also when a secret is weak, or
    a backend would be reached without TLS.
    """
    refuse_unknown(environ, {variable(field.name) for field in msgspec.structs.fields(kind)})
    values: dict[str, object] = {}
    for field in msgspec.structs.fields(kind):
        name = variable(field.name)
        text = _read(name, environ) or None
        if text is None and field.required:
            raise BadSetting(f"{name} is not set; it has no default")
        if text is not None:
            values[field.name] = _items(text) if _is_tuple(field.type) else text
    try:
        settings = msgspec.convert(values, kind, strict=False)
    except msgspec.ValidationError as error:
        raise BadSetting(_misfit(str(error))) from None
    if getattr(settings, "mode", "") == "production":
        _refuse_in_production(settings)
    check = getattr(settings, "check", None)
    if check is not None:
        check()
    return settings


def refuse_unknown(environ: Mapping[str, str], own: set[str]) -> None:
    """BadSetting for a PALIQUE_* that is neither in `own` nor of any service: a misspelt name would have no effect."""
    known = KNOWN | own
    for name in sorted(environ):
        if not name.startswith(PREFIX) or name.startswith(STACK_PREFIX) or name.removesuffix(FILE) in known:
            continue
        near = get_close_matches(name, known, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise BadSetting(f"{name} is no setting of Palique's{hint}")


def variable(field: str) -> str:
    """The environment variable of a field."""
    return PREFIX + field.upper()


def about(field_type: object) -> msgspec.Meta | None:
    """The `setting(…)` of a field, or None."""
    for meta in get_args(field_type)[1:] if _is_annotated(field_type) else ():
        if isinstance(meta, msgspec.Meta) and meta.extra is not None:
            return meta
    return None


def _refuse_in_production(settings: msgspec.Struct) -> None:
    private = getattr(settings, "private_network", False)
    for field in msgspec.structs.fields(settings):
        meta = about(field.type)
        secret = meta.extra["secret"] if meta is not None and meta.extra is not None else None
        if secret is None:
            continue
        value = getattr(settings, field.name)
        for item in value if isinstance(value, tuple) else (value,):
            # Empty is not set; a required secret has no default.
            if item and (why := fault(secret, item)):
                raise BadSetting(f"{variable(field.name)} will not do for PALIQUE_MODE=production: {why}")
            if item and not private and (why := open_connection(secret, item)):
                raise BadSetting(
                    f"{variable(field.name)} will not do for PALIQUE_MODE=production: {why}, or set PALIQUE_PRIVATE_NETWORK=true "
                    "where only Palique, its database and its broker reach the network between them"
                )


def _misfit(error: str) -> str:
    """The message of the library, with the variable in place of the field. It names types, never values."""
    what, _, path = error.partition(" - at `$.")
    field = re.match(r"\w*", path)
    return f"{variable(field[0]) if field else PREFIX + '*'} does not fit: {what}"


def _is_annotated(field_type: object) -> bool:
    return hasattr(field_type, "__metadata__")


def _is_tuple(field_type: object) -> bool:
    bare = get_args(field_type)[0] if _is_annotated(field_type) else field_type
    return get_origin(bare) is tuple


def _read(name: str, environ: Mapping[str, str]) -> str | None:
    path = environ.get(f"{name}{FILE}")
    if path is None:
        return environ.get(name)
    try:
        return Path(path).read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadSetting(f"{name}{FILE} cannot be read: {error}") from None


def _items(text: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in text.split(",") if item.strip())
