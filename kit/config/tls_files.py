"""Paths of the TLS certificate, key and authority of this process."""

from pathlib import Path
from typing import NamedTuple

from kit.config.loader import BadSetting


class TlsFiles(NamedTuple):
    """PEM files: the certificate, its key, and the authority of the certificates of all services."""

    certificate: Path
    key: Path
    authority: Path

    def stamp(self) -> tuple[int, ...]:
        """Modification times: differ once a file has changed. OSError when one is missing."""
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
