"""Certificates for the tests of TLS between processes."""

from pathlib import Path

import trustme

from kit.config.tls_files import TlsFiles

NAME = "tickets.test"


def write_certificate(folder: Path, authority: trustme.CA, trusted: trustme.CA | None = None) -> TlsFiles:
    """A certificate of `authority` for the names of the test, and the trusted authority, as in a mounted Secret."""
    folder.mkdir(exist_ok=True)
    issued = authority.issue_cert("127.0.0.1", "localhost", NAME)
    files = TlsFiles(folder / "tls.crt", folder / "tls.key", folder / "ca.crt")
    files.certificate.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
    files.key.write_bytes(issued.private_key_pem.bytes())
    files.authority.write_bytes((trusted or authority).cert_pem.bytes())
    return files
