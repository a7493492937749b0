"""`palique check`: connects to every backend that the environment names, as a service would, and prints what is wrong.

It changes nothing. It skips what is not configured, so it checks the backends of the service whose settings it gets.
"""

import asyncio
from argparse import Namespace
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, NamedTuple

import msgspec
from prometheus_client import CollectorRegistry

from commands.checks import disk, migrations, mongodb, origins, rabbitmq, services, smtp
from commands.checks.failure import CheckFailed
from commands.schemas import SCHEMAS
from commands.unable import Unable
from kit.config.loader import load, setting
from kit.config.tls_files import tls_files
from kit.rpc.client import RpcClients
from services.tickets.settings import MailSettings, MailTls, mail_settings


class CheckSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of any service; those that are not set are not checked."""

    mode: str = "production"
    private_network: bool = False
    mongodb_url: Annotated[str, setting("The database", confidential="mongodb_url")] = ""
    mongodb_prefix: str = "palique"
    amqp_url: Annotated[str, setting("The broker", confidential="amqp_url")] = ""
    rpc_token: Annotated[str, setting("The token sent to other services", confidential="token")] = ""
    chat_addresses: tuple[str, ...] = ()
    presence_addresses: tuple[str, ...] = ()
    tickets_addresses: tuple[str, ...] = ()
    public_origins: tuple[str, ...] = ()
    cookie_secure: bool | None = None
    geoip_db: str = ""
    tls_certificate: str = ""
    tls_key: str = ""
    tls_authority: str = ""
    mail_server: str = ""
    mail_tls: MailTls = "starttls"
    mail_user: str = ""
    mail_password: Annotated[str, setting("The password at the mail server", confidential="password")] = ""
    mail_sender: str = ""
    mail_authority: str = ""

    @property
    def mail(self) -> MailSettings | None:
        """BadSetting for values that do not fit one another."""
        return mail_settings(
            self.mail_server,
            self.mail_sender,
            tls=self.mail_tls,
            user=self.mail_user,
            password=self.mail_password,
            authority=self.mail_authority,
        )


class Check(NamedTuple):
    """One backend to check: `perform` returns a short description of it, or raises CheckFailed."""

    name: str
    perform: Callable[[], Awaitable[str]]


async def run(_: Namespace, environ: Mapping[str, str]) -> None:
    """Runs all checks together and prints one line for each. Unable when a check fails."""
    settings = load(CheckSettings, environ)
    # In an image the only service whose libraries and database there are.
    image_of = [environ["SERVICE"]] if environ.get("SERVICE") in SCHEMAS else []
    checks = list(_checks(settings, image_of))
    if not checks:
        raise Unable("nothing is configured: set PALIQUE_MONGODB_URL and the other settings of a service")
    failed = 0
    for check, (passed, text) in zip(checks, await asyncio.gather(*map(_result, checks)), strict=True):
        failed += not passed
        print(f"{'ok' if passed else 'FAILED':6} {check.name:32} {text}", flush=True)
    if failed:
        raise Unable(f"{failed} of {len(checks)} checks failed")


async def _result(check: Check) -> tuple[bool, str]:
    try:
        return True, await check.perform()
    except CheckFailed as failed:
        return False, str(failed)


def _checks(settings: CheckSettings, image_of: Sequence[str]) -> Iterable[Check]:
    tls = tls_files(settings.tls_certificate, settings.tls_key, settings.tls_authority)
    clients = RpcClients(settings.rpc_token, CollectorRegistry(), tls)
    if settings.mongodb_url:
        yield Check("MongoDB", lambda: _database(settings, image_of))
    if settings.amqp_url:
        yield Check("RabbitMQ", lambda: rabbitmq.check(settings.amqp_url))
    for service, addresses in (
        ("chat", settings.chat_addresses),
        ("presence", settings.presence_addresses),
        ("tickets", settings.tickets_addresses),
    ):
        for address in addresses:
            yield Check(f"{service} at {address}", partial(services.check, service, address, clients))
    if settings.public_origins:
        yield Check("Public origins", lambda: _origins(settings))
    mail = settings.mail
    if mail and image_of in ([], ["tickets"]):
        yield Check("Mail server", lambda: smtp.check(mail))
    if settings.geoip_db:
        yield Check("GeoIP database", lambda: _readable(settings.geoip_db))


async def _database(settings: CheckSettings, services: Sequence[str]) -> str:
    server = await mongodb.check(settings.mongodb_url, settings.mode)
    parts = [check(settings.mongodb_url, settings.mongodb_prefix, services) for check in (disk.check, migrations.check)]
    return ", ".join(filter(None, [server, *[await part for part in parts]]))


async def _origins(settings: CheckSettings) -> str:
    production = settings.mode == "production"
    secure = production if settings.cookie_secure is None else settings.cookie_secure
    return await origins.check(settings.public_origins, secure_cookies=secure, public=production)


async def _readable(path: str) -> str:
    try:
        size = (await asyncio.to_thread(Path(path).stat)).st_size
    except OSError as error:
        raise CheckFailed(str(error)) from None
    return f"{size} bytes"
