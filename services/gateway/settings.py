"""What the gateway's process is told from outside."""

from typing import Literal

import msgspec


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Environment variables of these names with `PALIQUE_` before them; tuples are written with commas."""

    mongodb_url: str
    amqp_url: str
    # Of all sites: the gateway speaks for everybody whom it has signed in.
    rpc_token: str
    presence_addresses: tuple[str, ...]
    chat_addresses: tuple[str, ...]
    tickets_addresses: tuple[str, ...]
    ops_address: str
    public_address: str = "127.0.0.1:8080"
    mode: Literal["development", "production"] = "production"
    mongodb_prefix: str = "palique"
    log_level: str = "INFO"
    # Holds widget/dist, dashboard/dist and demo/dist.
    web_dir: str = "web"
    # A MaxMind file of countries; empty: only local addresses are told apart.
    geoip_db: str = ""
    # Networks whose X-Forwarded-For is believed (I-24).
    trusted_proxies: tuple[str, ...] = ()
    # None: in production only. Over plain HTTP browsers, all but loopback, would not send the cookie back.
    cookie_secure: bool | None = None
    # Messages a second and at once, per person. A fast typist needs one in two seconds; integrations use gRPC.
    message_rate: float = 10.0
    message_burst: float = 30.0
    # Frames of any kind a second and at once, per socket.
    frame_rate: float = 50.0
    frame_burst: float = 200.0
    # How long sockets are given to move to another gateway at a stop.
    drain_ms: int = 3000

    @property
    def secure_cookies(self) -> bool:
        return self.mode == "production" if self.cookie_secure is None else self.cookie_secure
