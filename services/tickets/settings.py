"""What a tickets process is told by its environment."""

import msgspec


class Settings(msgspec.Struct, frozen=True):
    mongodb_url: str
    amqp_url: str
    grpc_address: str
    ops_address: str
    # Who may call: `name:scope:token` each.
    rpc_tokens: tuple[str, ...]
    # With what we call chat and presence.
    rpc_token: str
    chat_addresses: tuple[str, ...]
    presence_addresses: tuple[str, ...]
    mongodb_prefix: str = "palique"
