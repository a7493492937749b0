"""`palique`: the operator's command line. Each command has its own module; this module parses the arguments.

Exit status: 0 for success, 1 with an error sentence for a failure, 2 for invalid arguments.
A command imports the services and libraries that it needs itself: an image contains those of its own service only.
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
    # Set in an image: the only service whose libraries it contains.
    image_of = os.environ.get("SERVICE")
    serve.add_argument("service", choices=SERVICES, nargs="?" if image_of in SERVICES else None, default=image_of)

    migrate = commands.add_parser(
        "migrate", help="create missing indexes and migrate documents; safe while an older version runs"
    )
    migrate.add_argument(
        "services",
        nargs="*",
        metavar="SERVICE",
        default=[image_of] if image_of in SERVICES else [],
        help="only these services; default: the service of the image, outside an image all services",
    )
    migrate.add_argument("--status", action="store_true", help="change nothing, print how far the migrations are")

    setup = commands.add_parser("setup", help="print a code for the set-up page of an installation without a site")
    setup.add_argument("--url", default="", help="public URL of Palique, for the printed address")

    site = commands.add_parser("create-site", help="create a site and print its widget's script tag")
    site.add_argument("key", help="value of data-site in the script tag: letters, digits, - and _")
    site.add_argument("--name", required=True, help="shown to visitors")
    site.add_argument("--origin", action="append", required=True, help="https://shop.example; may be repeated")

    agent = commands.add_parser("create-agent", help="create an account for an agent")
    agent.add_argument("email")
    agent.add_argument("--site", required=True)
    agent.add_argument("--name", required=True)
    agent.add_argument("--administrator", action="store_true", help="may change the site and invite others")
    _password_options(agent)

    reset = commands.add_parser("reset-password", help="set an agent's new password and end all sessions of the agent")
    reset.add_argument("email")
    _password_options(reset)

    commands.add_parser("raise-epoch", help="after a restore of chat's database: make clients discard their copies")

    commands.add_parser("check", help="connect to every configured backend and print what is wrong")
    return parser


def _password_options(parser: argparse.ArgumentParser) -> None:
    """A password is never an argument: every user of the machine can read the arguments of a process."""
    source = parser.add_mutually_exclusive_group()
    source.add_argument(
        "--password-stdin", action="store_true", help="read the password from standard input's first line"
    )
    source.add_argument("--url", default="", help="public URL of Palique, for the printed link that sets a password")


if __name__ == "__main__":
    main()
