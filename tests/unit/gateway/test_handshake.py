"""Which hosts and origins may open a websocket."""

from typing import cast

import pytest
from starlette.datastructures import Headers

from services.gateway.accounts.identity import Identities
from services.gateway.accounts.origins import PublicOrigins
from services.gateway.accounts.store import GatewayStore
from services.gateway.connection.peer import AGENT, VISITOR
from services.gateway.connection.token_bucket import BucketTable
from services.gateway.session.authentication import Authenticator
from tests.unit.gateway.fanout.accounts_in_memory import Accounts

DESK = "https://desk.example"


def allowed(kind: str, host: str, origin: str, *public: str) -> bool:
    accounts = Accounts()
    identities = Identities(
        cast(GatewayStore, accounts),
        clock=lambda: 0,
        new_id=lambda: "",
        find_token=accounts.visitor_token,
        public=PublicOrigins(public),
    )
    authenticator = Authenticator(
        identities, messages_of_persons=BucketTable(1.0, 1.0), messages_of_networks=BucketTable(1.0, 1.0)
    )
    return authenticator.check_handshake(kind, Headers({"host": host, "origin": origin}))


@pytest.mark.parametrize("kind", [VISITOR, AGENT])
def test_another_host_opens_no_socket_where_public_origins_are_set(kind: str) -> None:
    """Else a name that an attacker points at the gateway would be the dashboard's own."""
    assert not allowed(kind, "evil.test", "https://evil.test", DESK)
    assert allowed(kind, "evil.test", "https://evil.test")
    assert allowed(kind, "desk.example", DESK, DESK)


def test_the_dashboards_origin_has_the_public_scheme() -> None:
    assert not allowed(AGENT, "desk.example:443", "http://desk.example:443", DESK)
