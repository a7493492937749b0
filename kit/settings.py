"""Settings from the environment into one typed struct per service.

A field `grpc_address` is `PALIQUE_GRPC_ADDRESS`; with `PALIQUE_GRPC_ADDRESS_FILE` its value is that file's
content, which is how secrets arrive. A tuple is written with commas. Empty is the same as not set.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar, get_origin

import msgspec

PREFIX = "PALIQUE_"
SettingsT = TypeVar("SettingsT", bound=msgspec.Struct)


class BadSetting(Exception):
    """A setting is missing or malformed; the sentence names it."""


def load(kind: type[SettingsT], environ: Mapping[str, str]) -> SettingsT:
    """Reads every field of `kind`; BadSetting when one is missing without a default, or does not fit its type."""
    values: dict[str, object] = {}
    for field in msgspec.structs.fields(kind):
        name = PREFIX + field.name.upper()
        text = _read(name, environ) or None
        if text is None and field.required:
            raise BadSetting(f"{name} is not set; it has no default")
        if text is not None:
            values[field.name] = _items(text) if get_origin(field.type) is tuple else text
    try:
        return msgspec.convert(values, kind, strict=False)
    except msgspec.ValidationError as error:
        raise BadSetting(f"a setting of {PREFIX}* does not fit: {error}") from None


def _read(name: str, environ: Mapping[str, str]) -> str | None:
    path = environ.get(f"{name}_FILE")
    if path is None:
        return environ.get(name)
    try:
        return Path(path).read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadSetting(f"{name}_FILE cannot be read: {error}") from None


def _items(text: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in text.split(",") if item.strip())
