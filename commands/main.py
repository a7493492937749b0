"""`palique`: what an operator does to an installation. Each command has a file; this one reads the line.

A command ends with 0 when it did what it was asked, with 1 and a sentence when it could not, with 2 for a line that is none.
Services and their libraries are imported by the command that needs them: an image has those of its own service only.
"""

import argparse
import asyncio
import importlib
import os
import sys
from collections.abc import Sequence

from commands.unable import Unable
from kit.codes import Refused
from kit.config.loader import BadSetting

SERVICES = ("gateway", "presence", "chat", "tickets")


def main(arguments: Sequence[str] | None = None) -> None:
    """The console script."""
    line = _parser().parse_args(arguments)
    if line.command == "serve":
        importlib.import_module(f"services.{line.service}.main").main()
        return
    module = importlib.import_module(f"commands.{line.command.replace('-', '_')}")
    try:
        asyncio.run(module.run(line, os.environ))
    except (BadSetting, Refused, Unable) as bad:
        sys.exit(f"palique {line.command}: {bad}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="palique", description="Operates an installation of Palique.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    serve = commands.add_parser("serve", help="run one service until SIGTERM")
    # An image says which one it is of, and has no other's libraries.
    image_of = os.environ.get("SERVICE")
    serve.add_argument("service", choices=SERVICES, nargs="?" if image_of in SERVICES else None, default=image_of)

    migrate = commands.add_parser("migrate", help="make the indexes that are missing; safe beside a running version")
    migrate.add_argument(
        "services",
        nargs="*",
        metavar="SERVICE",
        default=[image_of] if image_of in SERVICES else [],
        help="only these; when none is named the image's own, elsewhere all",
    )

    site = commands.add_parser("create-site", help="a new site, whose widget its pages may carry")
    site.add_argument("key", help="what the script tag's data-site says: letters, digits, - and _")
    site.add_argument("--name", required=True, help="shown to visitors")
    site.add_argument("--origin", action="append", required=True, help="https://shop.example; may be repeated")

    agent = commands.add_parser("create-agent", help="somebody who signs in")
    agent.add_argument("email")
    agent.add_argument("--site", required=True)
    agent.add_argument("--name", required=True)
    agent.add_argument("--administrator", action="store_true", help="may change the site and invite others")
    _password_options(agent)

    reset = commands.add_parser("reset-password", help="a new password for somebody, who is signed out everywhere")
    reset.add_argument("email")
    _password_options(reset)

    commands.add_parser("raise-epoch", help="after a restore of chat's database: clients forget their copies of it")

    commands.add_parser("check", help="connect to everything that is configured, and say what is wrong")
    return parser


def _password_options(parser: argparse.ArgumentParser) -> None:
    """A password is never an argument: those are for all the machine to read."""
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--password-stdin", action="store_true", help="the password is the first line of standard input")
    way.add_argument("--url", default="", help="where people reach Palique: then the link to set a password is whole")


if __name__ == "__main__":
    main()
