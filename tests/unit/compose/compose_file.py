"""deploy/compose/compose.yaml with the settings of an installation, as compose reads it."""

import re
from collections.abc import Mapping
from pathlib import Path

import yaml

from deploy.compose import installation
from devstack.folders import ROOT
from tests.support.json_object import JsonObject

FOLDER = ROOT / "deploy/compose"
# `${NAME:-default}` and `${NAME:?message}`.
_VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")
Service = JsonObject


def initialised(folder: Path, *arguments: str) -> dict[str, str]:
    """The settings of an installation that `./init` makes in the folder."""
    installation.main(arguments or ("chat.shop.example", "--email", "ops@shop.example"), folder)
    return installation.read_settings(folder / ".env")


def compose_file(settings: Mapping[str, str]) -> JsonObject:
    """KeyError with the message of a variable that must be set and is not."""

    def value(found: re.Match[str]) -> str:
        name, kind, text = found.groups()
        if kind == "?" and not settings.get(name):
            raise KeyError(text)
        return settings.get(name) or (text if kind == "-" else "")

    loaded: JsonObject = yaml.safe_load(_VARIABLE.sub(value, (FOLDER / "compose.yaml").read_text()))
    return loaded
