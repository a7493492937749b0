"""Filter of gRPC's own log lines about metadata and paths that are no UTF-8: a traceback with the bytes, among them tokens.

The call is answered and counted without them: bad metadata as a wrong token, a bad path by `RpcServer`, which serves again.
"""

import logging

# gRPC's library, and asyncio for its tasks.
_LOGGERS = ("grpc._cython.cygrpc", "asyncio")


def drop_undecodable() -> None:
    """Installs the filter for this process. Repeated calls change nothing."""
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_is_kept)


def _is_kept(record: logging.LogRecord) -> bool:
    if isinstance(record.msg, UnicodeDecodeError):  # the library logs the bare exception where its server ends
        return False
    error = record.exc_info[1] if record.exc_info else None
    if not isinstance(error, UnicodeDecodeError):
        return True
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    return place is None or "_cygrpc" not in place.tb_frame.f_code.co_filename
