"""Settings of the gateway, from the environment; see `kit.config.loader`."""

import ipaddress
from collections.abc import Sequence
from typing import Annotated

import msgspec

from kit.config.common import ChatAddresses, PresenceAddresses, RpcToken, ServiceSettings, TicketsAddresses
from kit.config.loader import BadSetting, setting
from kit.config.origin import EXAMPLE, public_origin_fault

_positive = msgspec.Meta(gt=0)
# The least that OWASP's Password Storage Cheat Sheet names for argon2id with two passes or more.
LEAST_MEMORY_KIB = 19_456
# By IP version. Clients in a wider network, such as all private addresses, could forge theirs.
WIDEST_PREFIX = {4: 16, 6: 48}


class Settings(ServiceSettings, frozen=True, kw_only=True):
    """The gateway calls all other services, and is the only one with a public port."""

    # Valid for all sites: the gateway calls on behalf of every person that it has authenticated.
    rpc_token: RpcToken
    chat_addresses: ChatAddresses
    presence_addresses: PresenceAddresses
    tickets_addresses: TicketsAddresses
    public_address: Annotated[
        str, setting("The public port; browsers reach it through a proxy that terminates TLS", unit="host:port")
    ] = "127.0.0.1:8080"
    web_dir: Annotated[str, setting("Holds widget/dist, dashboard/dist and demo/dist", unit="folder")] = "web"
    geoip_db: Annotated[
        str, setting("A MaxMind database of countries; without one only local addresses are recognized", unit="file")
    ] = ""
    trusted_proxies: Annotated[
        tuple[str, ...],
        setting(
            "Networks of proxies whose X-Forwarded-For is used; from any other address a client could forge it. Production needs it, none wider than /16 (IPv6: /48)",
            unit="CIDR",
        ),
    ] = ()
    public_origins: Annotated[
        tuple[str, ...],
        setting(
            "The addresses at which browsers reach the dashboard and load the widget, such as https://chat.example.com; requests to other hosts are refused. Production needs it; not set: any host"
        ),
    ] = ()
    cookie_secure: Annotated[
        bool | None,
        setting(
            "Whether the session cookie requires HTTPS; not set: only in production, because browsers do not send it over plain HTTP"
        ),
    ] = None
    message_rate: Annotated[
        float,
        _positive,
        setting(
            "Messages of one person; a fast typist sends one in two seconds, integrations use gRPC", unit="a second"
        ),
    ] = 10.0
    message_burst: Annotated[
        float,
        _positive,
        setting("Messages of one person at once: those written offline are sent together", unit="messages"),
    ] = 30.0
    frame_rate: Annotated[
        float,
        _positive,
        setting("Frames of any kind on one connection; more are refused, and a flood closes it", unit="a second"),
    ] = 50.0
    frame_burst: Annotated[
        float,
        _positive,
        setting("Frames of any kind on one connection at once, as a page sends them when it wakes up", unit="frames"),
    ] = 200.0
    max_sockets: Annotated[
        Annotated[int, _positive] | None,
        setting(
            "Websockets of this process; further ones are refused. Not set: as many as the limit of open files allows",
            unit="sockets",
        ),
    ] = None
    address_connections: Annotated[
        int,
        _positive,
        setting(
            "HTTP connections and unfinished handshakes of one address, or of one /64 of IPv6; a further one takes the place of the longest idle. Trusted proxies have no bound",
            unit="connections",
        ),
    ] = 400
    address_sockets: Annotated[
        int,
        _positive,
        setting(
            "Websockets of visitors from one address, or from one /64 of IPv6, and as many of agents; further ones are closed with 4429 (too fast)",
            unit="sockets",
        ),
    ] = 300
    session_idle_hours: Annotated[
        int,
        _positive,
        setting(
            "An agent's session ends when it was not used for this time; an open dashboard counts as use", unit="hours"
        ),
    ] = 72
    password_memory_kib: Annotated[
        int,
        msgspec.Meta(ge=64),
        setting(
            "Memory of one argon2id hash of a password, in three passes; production needs 19456 or more. Stored hashes change at the next sign-in",
            unit="KiB",
        ),
    ] = 65_536
    address_message_rate: Annotated[
        float,
        _positive,
        setting(
            "Messages of all visitors of one address, or of one /64 of IPv6, at this gateway; more are refused with the time to wait",
            unit="a second",
        ),
    ] = 100.0
    address_message_burst: Annotated[
        float,
        _positive,
        setting("Messages of all visitors of one address at once", unit="messages"),
    ] = 1000.0
    address_chat_rate: Annotated[
        float,
        _positive,
        setting(
            "New chats of all visitors of one address, or of one /64 of IPv6, at this gateway; more are refused with the time to wait",
            unit="a second",
        ),
    ] = 1.0
    address_chat_burst: Annotated[
        float,
        msgspec.Meta(ge=1),
        setting("New chats of all visitors of one address at once", unit="chats"),
    ] = 120.0
    drain_ms: Annotated[
        int,
        msgspec.Meta(ge=0),
        setting(
            "Time for connections to move to another gateway at a stop. The stop takes 1.5 times this and 5 s, which the platform's grace period must allow",
            unit="ms",
        ),
    ] = 15_000

    @property
    def secure_cookies(self) -> bool:
        return self.mode == "production" if self.cookie_secure is None else self.cookie_secure

    def check(self) -> None:
        """BadSetting for networks and origins that are none; in production without public origins, with too many proxies, or weak hashes."""
        for text in self.public_origins:
            if fault := public_origin_fault(text, secure_cookies=self.secure_cookies):
                raise BadSetting(f"PALIQUE_PUBLIC_ORIGINS: {fault}")
        try:
            proxies = [ipaddress.ip_network(text) for text in self.trusted_proxies]
        except ValueError as error:
            raise BadSetting(f"PALIQUE_TRUSTED_PROXIES does not fit: {error}") from None
        if self.mode == "production":
            self._check_production(proxies)

    def _check_production(self, proxies: Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network]) -> None:
        if not self.public_origins:
            raise BadSetting(f"PALIQUE_PUBLIC_ORIGINS is not set; production needs it, such as {EXAMPLE}")
        if self.password_memory_kib < LEAST_MEMORY_KIB:
            raise BadSetting(f"PALIQUE_PASSWORD_MEMORY_KIB is too low; production needs at least {LEAST_MEMORY_KIB}")
        if not proxies:
            raise BadSetting("PALIQUE_TRUSTED_PROXIES is not set; production needs the network of its proxies")
        if any(network.prefixlen < WIDEST_PREFIX[network.version] for network in proxies):
            raise BadSetting(
                "PALIQUE_TRUSTED_PROXIES has a network wider than /16 (IPv6: /48); name the network of the proxies only"
            )
