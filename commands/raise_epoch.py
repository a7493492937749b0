"""`palique raise-epoch`: makes clients discard their copies and fetch the logs again after a restore of chat's database.

Run it after the restore and before the first chat process starts.
"""

import time
from argparse import Namespace
from collections.abc import Mapping

from pymongo.errors import PyMongoError

from commands.database import database
from commands.unable import Unable, first_line


async def run(_: Namespace, environ: Mapping[str, str]) -> None:
    """Prints the number of conversations. Unable when the backup is inconsistent or the database unreachable."""
    from services.chat.store.restore import TornBackup, raise_epoch  # noqa: PLC0415 - an image has its own service's libraries only

    async with database(environ) as (client, prefix):
        try:
            raised = await raise_epoch(client[f"{prefix}_chat"], int(time.time()))
        except TornBackup as torn:
            raise Unable(str(torn)) from None
        except PyMongoError as error:
            raise Unable(f"the database {prefix}_chat refused the change: {first_line(error)}") from None
    print(f"chat: {raised.conversations} conversations are at epoch {raised.epoch}")
