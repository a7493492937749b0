"""The check of migrations: none is half finished."""

import asyncio
from collections.abc import Iterable

from prometheus_client import CollectorRegistry
from pymongo.errors import OperationFailure, PyMongoError

from commands.checks.failure import CheckFailed
from commands.schemas import SCHEMAS, described, selected
from commands.unable import first_line
from kit.codes import Refused
from kit.migration import Progress
from kit.mongo import Database, connect

_NOT_AUTHORIZED = 13


async def check(url: str, prefix: str, services: Iterable[str]) -> str:
    """CheckFailed for the first migration with documents left. A database that the user may not read is skipped."""
    client = connect(url, app="check", registry=CollectorRegistry())
    try:
        for service in selected(services):
            name = f"{prefix}_{service}"
            for progress in await _progress(service, client[name]):
                if progress.left:
                    raise CheckFailed(
                        f"the migration {described(progress)} in {name}; a running {service} process of this version "
                        f"finishes it, and `palique migrate --status {service}` shows how far it is"
                    )
    finally:
        await asyncio.to_thread(client.close)
    return "migrations finished"


async def _progress(service: str, database: Database) -> list[Progress]:
    try:
        return await SCHEMAS[service](database).progress()
    except (PyMongoError, Refused) as error:
        # Some stores refuse in place of the driver's error.
        cause = error.__cause__ if isinstance(error, Refused) else error
        if isinstance(cause, OperationFailure) and cause.code == _NOT_AUTHORIZED:
            return []
        raise CheckFailed(f"the database of {service} could not be read: {first_line(error)}") from None
