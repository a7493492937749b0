"""Certificates between services, from both sides: whoever has none of our authority's is not answered, token or not.

Files are read anew when they change, as they do when a certificate is renewed: servers look at each new connection, clients every few
seconds (`kit/rpc/replicas.py`). A file that cannot be read meanwhile changes nothing.
"""

from collections.abc import Callable
from typing import cast

import grpc

from kit.config.tls_files import TlsFiles


def server_credentials(files: TlsFiles) -> grpc.ServerCredentials:
    """Clients must show a certificate of the authority's."""
    known = files.stamp()

    def renewed() -> grpc.ServerCertificateConfiguration | None:
        """Asked by the library at each new connection, on a thread of its own."""
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

    # The types forget that None stands for no news.
    return grpc.dynamic_ssl_server_credentials(
        _server_configuration(files),
        cast(Callable[[], grpc.ServerCertificateConfiguration], renewed),
        require_client_authentication=True,
    )


def channel_credentials(files: TlsFiles) -> grpc.ChannelCredentials:
    """For a server whose certificate is the authority's and has its name."""
    return grpc.ssl_channel_credentials(
        files.authority.read_bytes(), files.key.read_bytes(), files.certificate.read_bytes()
    )


def _server_configuration(files: TlsFiles) -> grpc.ServerCertificateConfiguration:
    pair = (files.key.read_bytes(), files.certificate.read_bytes())
    return grpc.ssl_server_certificate_configuration([pair], files.authority.read_bytes())
