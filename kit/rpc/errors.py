"""Refusals across gRPC: a standard status, and Palique's code in the trailing metadata."""

import grpc

from kit.codes import Code, Refused

CODE_KEY = "palique-code"
RETRY_KEY = "palique-retry-ms"

STATUS: dict[Code, grpc.StatusCode] = {
    Code.INVALID: grpc.StatusCode.INVALID_ARGUMENT,
    Code.UNKNOWN_TYPE: grpc.StatusCode.INVALID_ARGUMENT,
    Code.NOT_SIGNED_IN: grpc.StatusCode.UNAUTHENTICATED,
    Code.WRONG_CREDENTIALS: grpc.StatusCode.UNAUTHENTICATED,
    Code.PROOF_NEEDED: grpc.StatusCode.PERMISSION_DENIED,
    Code.WRONG_CODE: grpc.StatusCode.PERMISSION_DENIED,
    Code.CODE_EXPIRED: grpc.StatusCode.PERMISSION_DENIED,
    Code.ALREADY_SET_UP: grpc.StatusCode.FAILED_PRECONDITION,
    Code.FORBIDDEN: grpc.StatusCode.PERMISSION_DENIED,
    Code.ORIGIN_REFUSED: grpc.StatusCode.PERMISSION_DENIED,
    Code.SITE_DISABLED: grpc.StatusCode.PERMISSION_DENIED,
    Code.NOT_FOUND: grpc.StatusCode.NOT_FOUND,
    Code.CLOSED: grpc.StatusCode.FAILED_PRECONDITION,
    Code.NOT_ASSIGNED: grpc.StatusCode.FAILED_PRECONDITION,
    Code.ALREADY_ASSIGNED: grpc.StatusCode.FAILED_PRECONDITION,
    Code.SWITCHED_OFF: grpc.StatusCode.FAILED_PRECONDITION,
    Code.CONFLICT: grpc.StatusCode.ABORTED,
    Code.TOO_LARGE: grpc.StatusCode.INVALID_ARGUMENT,
    Code.TOO_FAST: grpc.StatusCode.RESOURCE_EXHAUSTED,
    Code.RETRY: grpc.StatusCode.UNAVAILABLE,
    Code.UNAVAILABLE: grpc.StatusCode.UNAVAILABLE,
    Code.OVERLOADED: grpc.StatusCode.RESOURCE_EXHAUSTED,
    Code.INTERNAL: grpc.StatusCode.INTERNAL,
}

# For a status without Palique's code: from the library, or from a server that died.
_FALLBACK: dict[grpc.StatusCode, Code] = {
    grpc.StatusCode.INVALID_ARGUMENT: Code.INVALID,
    grpc.StatusCode.NOT_FOUND: Code.NOT_FOUND,
    grpc.StatusCode.UNAUTHENTICATED: Code.NOT_SIGNED_IN,
    grpc.StatusCode.PERMISSION_DENIED: Code.FORBIDDEN,
    grpc.StatusCode.RESOURCE_EXHAUSTED: Code.OVERLOADED,
}
# Long enough to detect a lost replica, short enough to go unnoticed.
RETRY_MS = 1000
_CODES = {str(code): code for code in Code}


def metadata_of(refused: Refused) -> tuple[tuple[str, str], ...]:
    """The trailing metadata that carries a refusal."""
    retry = () if refused.retry_ms is None else ((RETRY_KEY, str(refused.retry_ms)),)
    return ((CODE_KEY, str(refused.code)), *retry)


def is_refusal(error: grpc.aio.AioRpcError) -> bool:
    """True when the error is a refusal by one of Palique's servers."""
    return any(key == CODE_KEY for key, _ in error.trailing_metadata() or ())


def refused_from(error: grpc.aio.AioRpcError) -> Refused:
    """A failed call as a refusal; an unknown outcome becomes `retry`."""
    metadata = {key: value for key, value in error.trailing_metadata() or () if isinstance(value, str)}
    message = error.details() or "The call failed."
    own = _CODES.get(metadata.get(CODE_KEY, ""))
    if own is not None:
        retry = metadata.get(RETRY_KEY)
        return Refused(own, message, int(retry) if retry else None)
    code = _FALLBACK.get(error.code())
    if code is not None:
        return Refused(code, message)
    return Refused(Code.RETRY, "The outcome is unknown.", retry_ms=RETRY_MS)
