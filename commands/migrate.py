"""`palique migrate`: creates the missing indexes of every service and migrates documents, as each service does when it starts.

Run it before an upgrade of an installation with much data. An index is then built once, while the old version serves requests.
Otherwise each new process builds it before it becomes ready. A migration that was killed continues where it was.
"""

import time
from argparse import Namespace
from collections.abc import Mapping

from pymongo.errors import PyMongoError

from commands.database import database
from commands.schemas import SCHEMAS, Schema, described, selected
from commands.unable import Unable, first_line
from kit.codes import Refused
from kit.migration import Progress, Report
from kit.mongo import Database

# Between two lines about the same service.
PRINT_EVERY_S = 5.0


async def run(line: Namespace, environ: Mapping[str, str]) -> None:
    """Prints the new indexes and the migrations of each service. Unable when the database refuses."""
    services = selected(line.services)
    async with database(environ) as (client, prefix):
        for service in services:
            name = f"{prefix}_{service}"
            schema = SCHEMAS[service](client[name])
            try:
                await (_print_status(service, schema) if line.status else _prepare(service, client[name], schema))
            except (PyMongoError, Refused) as error:
                raise Unable(f"the database {name} refuses or does not answer: {first_line(error)}") from None


async def _prepare(service: str, database: Database, schema: Schema) -> None:
    before = await _indexes(database)
    for ensure_indexes in schema.ensure_indexes:
        await ensure_indexes()
    after = await _indexes(database)
    new = sorted(after - before)
    print(f"{service}: {len(after)} indexes" + (f", new: {', '.join(new)}" if new else ", nothing new"))
    for migration in schema.migrations:
        if changed := await migration.run(_printer(service)):
            print(f"{service}: {migration.name} is finished, it changed {changed:,} documents")


def _printer(service: str) -> Report:
    printed = time.monotonic()

    def report(progress: Progress) -> None:
        nonlocal printed
        if progress.left and time.monotonic() - printed > PRINT_EVERY_S:
            printed = time.monotonic()
            print(f"{service}: {described(progress)}", flush=True)

    return report


async def _print_status(service: str, schema: Schema) -> None:
    found = [described(progress) for progress in await schema.progress()] or ["it has no migrations"]
    print("".join(f"{service}: {text}\n" for text in found), end="")


async def _indexes(database: Database) -> set[str]:
    """The indexes of all collections as `collection.index`, without the `_id_` index that every collection has."""
    found = set()
    for collection in await database.list_collection_names():
        found |= {f"{collection}.{index}" for index in await database[collection].index_information()} - {
            f"{collection}._id_"
        }
    return found
