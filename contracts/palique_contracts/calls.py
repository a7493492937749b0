"""gRPC channels to Palique, on which a caller sees neither passing failures nor the token."""

import asyncio
from collections.abc import Callable
from typing import Any

import grpc
from grpc.aio import ClientCallDetails, Metadata, UnaryUnaryCall

DEADLINE_S = 10.0
RETRY_S = 5.0
PASSING = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.RESOURCE_EXHAUSTED)


def channel(
    address: str, token: str, credentials: grpc.ChannelCredentials | None = None, *, retry_s: float = RETRY_S
) -> grpc.aio.Channel:
    """A channel whose calls carry the token, have a deadline, and are repeated while the service does not answer.

    Every change of the contracts may be repeated. `asyncio.timeout` around a call bounds all attempts. `credentials` are for
    services with TLS: `grpc.ssl_channel_credentials` with their authority, and a certificate and key of it.
    """
    calls = [_Calls(token, retry_s)]
    if credentials is None:
        return grpc.aio.insecure_channel(address, interceptors=calls)
    return grpc.aio.secure_channel(address, credentials, interceptors=calls)


class _Calls(grpc.aio.UnaryUnaryClientInterceptor):
    def __init__(self, token: str, retry_s: float) -> None:
        self._authorization = ("authorization", f"Bearer {token}")
        self._retry_s = retry_s

    async def intercept_unary_unary(
        self,
        continuation: Callable[[ClientCallDetails, Any], Any],
        client_call_details: ClientCallDetails,
        request: Any,
    ) -> UnaryUnaryCall[Any, Any]:
        """Sends the call until its result is final."""
        given = client_call_details
        metadata = Metadata(*(given.metadata or ()), self._authorization)
        details = ClientCallDetails(
            given.method, given.timeout or DEADLINE_S, metadata, given.credentials, given.wait_for_ready
        )
        while True:
            call: UnaryUnaryCall[Any, Any] = await continuation(details, request)
            if await call.code() not in PASSING:
                return call
            await asyncio.sleep(self._retry_s)
