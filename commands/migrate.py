"""`palique migrate`: creates the missing indexes of every service, as each service does when it starts.

Run it before an upgrade of an installation with much data. An index is then built once, while the old version serves requests.
Otherwise each new process builds it before it becomes ready.
"""

from argparse import Namespace
from collections.abc import Awaitable, Callable, Mapping

from pymongo.errors import PyMongoError

from commands.database import database
from commands.unable import Unable, first_line
from kit.mongo import Client, Database
from kit.runtime.logs import configure


async def run(line: Namespace, environ: Mapping[str, str]) -> None:
    """Prints the new indexes of each service. Unable when the database refuses."""
    if unknown := set(line.services) - set(PREPARE):
        raise Unable(f"there is no service {', '.join(sorted(unknown))}")
    async with database(environ) as (client, prefix):
        for service in line.services or PREPARE:
            name = f"{prefix}_{service}"
            try:
                before = await _indexes(client[name])
                await PREPARE[service](client, name)
                after = await _indexes(client[name])
            except PyMongoError as error:
                raise Unable(f"the database {name} could not be prepared: {first_line(error)}") from None
            new = sorted(after - before)
            print(f"{service}: {len(after)} indexes" + (f", new: {', '.join(new)}" if new else ", nothing new"))


async def _indexes(database: Database) -> set[str]:
    """The indexes of all collections as `collection.index`, without the `_id_` index that every collection has."""
    found = set()
    for collection in await database.list_collection_names():
        found |= {f"{collection}.{index}" for index in await database[collection].index_information()} - {
            f"{collection}._id_"
        }
    return found


async def _gateway(client: Client, name: str) -> None:
    from services.gateway.accounts.store import GatewayStore  # noqa: PLC0415 - an image has its own service's libraries only

    await GatewayStore(client[name]).ensure_indexes()


async def _presence(client: Client, name: str) -> None:
    from services.presence.store.store import PresenceStore  # noqa: PLC0415 - as above

    store = PresenceStore(client[name])
    await store.ensure_indexes()
    await store.migrate()


async def _chat(client: Client, name: str) -> None:
    from services.chat.store.store import ChatStore  # noqa: PLC0415 - as above

    await ChatStore(client[name], log=configure("migrate", "WARNING")).ensure_indexes()


async def _tickets(client: Client, name: str) -> None:
    from services.tickets.store.comments import CommentStore  # noqa: PLC0415 - as above
    from services.tickets.store.store import TicketStore  # noqa: PLC0415 - as above

    tickets = TicketStore(client[name])
    await tickets.ensure_indexes()
    await tickets.migrate()
    await CommentStore(client[name]).ensure_indexes()


PREPARE: Mapping[str, Callable[[Client, str], Awaitable[None]]] = {
    "gateway": _gateway,
    "presence": _presence,
    "chat": _chat,
    "tickets": _tickets,
}
