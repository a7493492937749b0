"""Mutual TLS between services: a peer without a certificate of the common authority gets no connection, with or without a token.

Renewed files are read again: servers check them at each new connection, clients every few seconds (`kit/rpc/replicas.py`). While a
file cannot be read, the last certificates are used.
"""

from collections.abc import Callable
from typing import cast

import grpc

from kit.config.tls_files import TlsFiles


def server_credentials(files: TlsFiles) -> grpc.ServerCredentials:
    """Clients must present a certificate of the authority."""
    known = files.stamp()

    def renewed() -> grpc.ServerCertificateConfiguration | None:
        """Called by the library at each new connection, on another thread. None: unchanged."""
        nonlocal known
        try:
            stamp = files.stamp()
            if stamp == known:
                return None
            configuration = _server_configuration(files)
        except OSError:
            return None
        known = stamp
        return configuration

    # The stub files omit None, for unchanged.
    return grpc.dynamic_ssl_server_credentials(
        _server_configuration(files),
        cast(Callable[[], grpc.ServerCertificateConfiguration], renewed),
        require_client_authentication=True,
    )


def channel_credentials(files: TlsFiles) -> grpc.ChannelCredentials:
    """For a server with a certificate of the authority for its name."""
    return grpc.ssl_channel_credentials(
        files.authority.read_bytes(), files.key.read_bytes(), files.certificate.read_bytes()
    )


def _server_configuration(files: TlsFiles) -> grpc.ServerCertificateConfiguration:
    pair = (files.key.read_bytes(), files.certificate.read_bytes())
    return grpc.ssl_server_certificate_configuration([pair], files.authority.read_bytes())
