"""Settings of the gateway, from the environment; see `kit.config.loader`."""

from typing import Annotated

import msgspec

from kit.config.common import ChatAddresses, PresenceAddresses, RpcToken, ServiceSettings, TicketsAddresses
from kit.config.loader import setting

_positive = msgspec.Meta(gt=0)


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
            "Networks of proxies whose X-Forwarded-For is used; from any other address a client could forge it",
            unit="CIDR",
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
