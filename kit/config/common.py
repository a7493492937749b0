"""Settings of several services. The struct of a service inherits them."""

from typing import Annotated, Literal

import msgspec

from kit.config.loader import setting
from kit.config.tls_files import TlsFiles, tls_files

RpcToken = Annotated[
    str,
    setting("The token of calls to other services, which is in their list of tokens", confidential="token"),
]
ChatAddresses = Annotated[
    tuple[str, ...], setting("chat's replicas: all of them, or one name that resolves to all", unit="host:port")
]
PresenceAddresses = Annotated[tuple[str, ...], setting("presence's replicas, in the same way", unit="host:port")]
TicketsAddresses = Annotated[tuple[str, ...], setting("tickets' replicas, in the same way", unit="host:port")]


class ServiceSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of every service."""

    mongodb_url: Annotated[
        str,
        setting(
            "A replica set or mongos, with a user of this service's own; writes wait for a majority",
            confidential="mongodb_url",
        ),
    ]
    amqp_url: Annotated[
        str,
        setting(
            "RabbitMQ 3.10 or later, with a user of this service's own; the path is the virtual host",
            confidential="amqp_url",
        ),
    ]
    mongodb_prefix: Annotated[
        str, setting("Databases are `<prefix>_<service>`: two installations may share a replica set")
    ] = "palique"
    ops_address: Annotated[str, setting("Where probes and metrics are served; never publish it", unit="host:port")] = (
        "0.0.0.0:9090"
    )
    mode: Annotated[
        Literal["development", "production"],
        setting(
            "production refuses demo sign-ins, short tokens, well-known passwords and backends without TLS; the default, so that an installation cannot forget it"
        ),
    ] = "production"
    private_network: Annotated[
        bool,
        setting(
            "Production then accepts URLs of MongoDB and RabbitMQ without TLS: only for a network that nothing else reaches, such as the one of deploy/compose"
        ),
    ] = False
    log_level: Annotated[
        Literal["DEBUG", "INFO", "WARNING", "ERROR"], setting("The lowest level that is written to standard output")
    ] = "INFO"
    failpoints: Annotated[
        str,
        setting("Makes the process fail at chosen steps, for tests; production refuses it, see docs/development.md"),
    ] = ""
    traces_url: Annotated[
        str,
        setting(
            "A collector that takes OpenTelemetry's traces over HTTP, such as http://collector:4318/v1/traces; not set: no traces"
        ),
    ] = ""
    traces_share: Annotated[
        float,
        msgspec.Meta(ge=0, le=1),
        setting(
            "The share of traces that begin in this process which is exported; a begun trace is exported whole, whatever other processes set",
            unit="share, 0 to 1",
        ),
    ] = 0.1
    tls_certificate: Annotated[
        str,
        setting("This process's certificate for other services, in PEM; not set: no TLS between services", unit="file"),
    ] = ""
    tls_key: Annotated[str, setting("The key of the certificate", unit="file")] = ""
    tls_authority: Annotated[
        str, setting("The authority that signed it, and those of all other services", unit="file")
    ] = ""

    @property
    def tls(self) -> TlsFiles | None:
        """BadSetting when only some of the three files are set."""
        return tls_files(self.tls_certificate, self.tls_key, self.tls_authority)

    def check(self) -> None:
        """BadSetting for values that do not fit one another; `load` calls it."""


class AnsweringSettings(ServiceSettings, frozen=True, kw_only=True):
    """Settings of services with a gRPC server."""

    grpc_address: Annotated[str, setting("Where other services call", unit="host:port")] = "0.0.0.0:50051"
    rpc_tokens: Annotated[
        tuple[str, ...],
        setting(
            "The callers, as `name:scope:token` each; the scope is a site's key, or `*` for Palique's own services",
            confidential="named_token",
        ),
    ]
