"""What the chat service is told from outside; see `kit.settings` for how."""

import msgspec


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """`rpc_tokens` are `name:scope:token`; the scope is one site, or `*` for Palique's own services."""

    mongodb_url: str
    amqp_url: str
    ops_address: str
    grpc_address: str
    rpc_tokens: tuple[str, ...]
    mongodb_prefix: str = "palique"
