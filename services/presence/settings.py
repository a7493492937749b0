"""What presence is told from outside; each field is an environment variable `PALIQUE_<FIELD>`."""

from typing import Literal

import msgspec


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    mongodb_url: str
    amqp_url: str
    rpc_tokens: tuple[str, ...]
    mode: Literal["development", "production"] = "production"
    mongodb_prefix: str = "palique"
    ops_address: str = "0.0.0.0:9090"
    grpc_address: str = "0.0.0.0:50051"
