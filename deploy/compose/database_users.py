"""MongoDB as a replica set of one, with a user for each service. The service `setup` of compose.yaml runs it at each start.

It signs in with the key file, as the members of a replica set do. So it needs no other password, and it repairs the passwords
of data that was restored from another host. A repeat changes nothing else.

usage: database_users.py HOST:PORT FOLDER, with the key file and the URLs of the services in the folder
"""

import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

REPLICA_SET = "rs0"
USER_EXISTS = 51003
WRONG_KEY = 18
START_S = 120
LOOK_MS = 2000
PAUSE_S = 0.5


class Unable(Exception):
    """Why it cannot be done, as a sentence for the operator."""


def prepare(host: str, folder: Path, patience_s: float = START_S) -> list[str]:
    """The names of the users. Unable when MongoDB does not become primary in time or refuses the key."""
    key = "".join((folder / "mongodb-key").read_text().split())
    urls = [path.read_text().strip() for path in sorted(folder.glob("*-mongodb-url"))]
    with MongoClient[dict[str, object]](
        host, directConnection=True, serverSelectionTimeoutMS=LOOK_MS,
        username="__system", password=key, authSource="local", authMechanism="SCRAM-SHA-256",
    ) as client:  # fmt: skip
        _wait_for_primary(client, host, time.monotonic() + patience_s)
        return [_set_user(client, url) for url in urls]


def _wait_for_primary(client: MongoClient[dict[str, object]], host: str, deadline: float) -> None:
    last = "it is not primary"
    while time.monotonic() < deadline:
        try:
            hello = client.admin.command("hello")
            if hello["isWritablePrimary"]:
                return
            if "setName" not in hello:
                members = [{"_id": 0, "host": host}]
                client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": members})
        except PyMongoError as error:
            if getattr(error, "code", None) == WRONG_KEY:
                raise Unable(f"MongoDB at {host} runs with another key than secrets/mongodb-key; restart it") from None
            last = str(error).partition(", Timeout: ")[0]
        time.sleep(PAUSE_S)
    raise Unable(f"MongoDB at {host} did not become primary: {last}")


def _set_user(client: MongoClient[dict[str, object]], url: str) -> str:
    """Gives the user of the URL its password, and the right to read and write its database and no other."""
    parts = urlsplit(url)
    name = parts.path.removeprefix("/")
    wanted: dict[str, Any] = {"pwd": parts.password, "roles": [{"role": "readWrite", "db": name}]}
    try:
        client[name].command("createUser", parts.username, **wanted)
    except OperationFailure as error:
        if error.code != USER_EXISTS:
            raise Unable(f"MongoDB refused the user {parts.username}: {error}") from None
        client[name].command("updateUser", parts.username, **wanted)
    return str(parts.username)


if __name__ == "__main__":
    try:
        users = prepare(sys.argv[1], Path(sys.argv[2]))
    except Unable as unable:
        sys.exit(f"setup: {unable}")
    print(f"setup: MongoDB is primary, with the users {', '.join(users)}")
