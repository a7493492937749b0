"""What the gateway's process is told from outside; see `kit.config.loader` for how."""

from typing import Annotated

import msgspec

from kit.config.common import ChatAddresses, PresenceAddresses, RpcToken, ServiceSettings, TicketsAddresses
from kit.config.loader import setting

_positive = msgspec.Meta(gt=0)


class Settings(ServiceSettings, frozen=True, kw_only=True):
    """It calls all others, and is the only one that the public reaches."""

    # Of all sites: the gateway speaks for everybody whom it has signed in.
    rpc_token: RpcToken
    chat_addresses: ChatAddresses
    presence_addresses: PresenceAddresses
    tickets_addresses: TicketsAddresses
    public_address: Annotated[
        str, setting("Where browsers come in, through a proxy that ends TLS", unit="host:port")
    ] = "127.0.0.1:8080"
    web_dir: Annotated[str, setting("Holds widget/dist, dashboard/dist and demo/dist", unit="folder")] = "web"
    geoip_db: Annotated[
        str, setting("A MaxMind file of countries; without one only local addresses are told apart", unit="file")
    ] = ""
    trusted_proxies: Annotated[
        tuple[str, ...],
        setting(
            "Networks whose X-Forwarded-For is believed; of anybody else's the client could write what it likes",
            unit="CIDR",
        ),
    ] = ()
    cookie_secure: Annotated[
        bool | None,
        setting(
            "Whether the session's cookie needs HTTPS; not set: in production only, for over plain HTTP browsers do not send it back"
        ),
    ] = None
    message_rate: Annotated[
        float,
        _positive,
        setting(
            "Messages of one person; a fast typist needs one in two seconds, integrations use gRPC", unit="a second"
        ),
    ] = 10.0
    message_burst: Annotated[
        float,
        _positive,
        setting("Messages of one person at once: what was written offline goes out together", unit="messages"),
    ] = 30.0
    frame_rate: Annotated[
        float, _positive, setting("Frames of any kind on one socket, before it is closed for flooding", unit="a second")
    ] = 50.0
    frame_burst: Annotated[
        float,
        _positive,
        setting("Frames of any kind on one socket at once, as a page that wakes up sends them", unit="frames"),
    ] = 200.0
    drain_ms: Annotated[
        int,
        msgspec.Meta(ge=0),
        setting(
            "How long sockets are given to move to another gateway at a stop: a stop takes half as long again and 5 s, which the platform's grace must allow",
            unit="ms",
        ),
    ] = 15_000

    @property
    def secure_cookies(self) -> bool:
        return self.mode == "production" if self.cookie_secure is None else self.cookie_secure
