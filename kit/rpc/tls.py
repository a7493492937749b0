"""Certificates between services, from both sides: whoever has none of our authority's is not answered, token or not.

Files are read anew when they change, as they do when a certificate is renewed: servers look at each new connection, clients every few
seconds (`kit/rpc/replicas.py`). A file that cannot be read meanwhile changes nothing.
"""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, cast

import grpc

from kit.config.loader import BadSetting


class TlsFiles(NamedTuple):
    """PEM files: our certificate, its key, and the authority that signed ours and everybody's."""

    certificate: Path
    key: Path
    authority: Path

    def stamp(self) -> tuple[int, ...]:
        """Another one when a file has changed. OSError when one is away."""
        return tuple(path.stat().st_mtime_ns for path in self)


def tls_files(certificate: str, key: str, authority: str) -> TlsFiles | None:
    """None when none is set; BadSetting when only some are, or one cannot be read."""
    given = {
        "PALIQUE_TLS_CERTIFICATE": certificate,
        "PALIQUE_TLS_KEY": key,
        "PALIQUE_TLS_AUTHORITY": authority,
    }
    if not any(given.values()):
        return None
    for name, path in given.items():
        if not path:
            raise BadSetting(f"{name} is not set, and the other two of TLS are: it takes all three or none")
        try:
            Path(path).read_bytes()
        except OSError as error:
            raise BadSetting(f"{name} cannot be read: {error}") from None
    return TlsFiles(Path(certificate), Path(key), Path(authority))


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
