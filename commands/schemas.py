"""The indexes and migrations of each service's database. A service's libraries are loaded when it is asked for."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from commands.unable import Unable
from kit.migration import Migration, Progress
from kit.mongo import Database
from kit.runtime.logs import configure


class Schema(NamedTuple):
    """`background`: the progress of migrations that only the service's own processes do."""

    ensure_indexes: Sequence[Callable[[], Awaitable[None]]]
    migrations: Sequence[Migration] = ()
    background: Sequence[Callable[[], Awaitable[Progress]]] = ()

    async def progress(self) -> list[Progress]:
        """How far all migrations are."""
        own = [await migration.progress() for migration in self.migrations]
        return [*own, *[await progress() for progress in self.background]]


def _gateway(database: Database) -> Schema:
    from services.gateway.accounts.store import GatewayStore  # noqa: PLC0415 - an image has its own service's libraries only

    return Schema([GatewayStore(database).ensure_indexes])


def _presence(database: Database) -> Schema:
    from services.presence.store.store import PresenceStore  # noqa: PLC0415 - as above

    store = PresenceStore(database)
    return Schema([store.ensure_indexes], store.migrations)


def _chat(database: Database) -> Schema:
    from services.chat.store.search import SearchStore  # noqa: PLC0415 - as above
    from services.chat.store.store import ChatStore  # noqa: PLC0415 - as above

    store = ChatStore(database, log=configure("migrate", "WARNING"))
    return Schema([store.ensure_indexes], background=[SearchStore(database).progress])


def _tickets(database: Database) -> Schema:
    from services.tickets.store.comments import CommentStore  # noqa: PLC0415 - as above
    from services.tickets.store.mails import MailStore  # noqa: PLC0415 - as above
    from services.tickets.store.store import TicketStore  # noqa: PLC0415 - as above

    tickets = TicketStore(database)
    others = [store.ensure_indexes for store in (CommentStore(database), MailStore(database))]
    return Schema([tickets.ensure_indexes, *others], tickets.migrations)


SCHEMAS: Mapping[str, Callable[[Database], Schema]] = {
    "gateway": _gateway,
    "presence": _presence,
    "chat": _chat,
    "tickets": _tickets,
}


def selected(services: Iterable[str]) -> Iterable[str]:
    """These services, or all when none is named. Unable for one that does not exist."""
    names = list(services)
    if unknown := set(names) - set(SCHEMAS):
        raise Unable(f"there is no service {', '.join(sorted(unknown))}")
    return names or SCHEMAS


def described(progress: Progress) -> str:
    """The progress as words after the name of the migration."""
    if not progress.left:
        return f"{progress.name} is finished"
    return f"{progress.name}: about {progress.left:,} of {progress.total:,} documents are left"
