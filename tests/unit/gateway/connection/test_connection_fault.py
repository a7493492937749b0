"""An exception in the handling of a frame closes the connection with 1011, once, and is logged without the content."""

import pytest
from structlog.testing import capture_logs

from services.gateway.connection.peer import PeerIdentity
from tests.unit.gateway.fanout.live_connections import SITE, Connections


def test_a_fault_closes_with_1011_and_one_log_line_without_the_content() -> None:
    connections = Connections()
    connection, peer = connections.add(PeerIdentity("visitor", SITE, "v", "V"))
    with pytest.raises(ValueError, match="secret") as raised:
        int("the secret text of a message")
    with capture_logs() as lines:
        connection.fail(raised.value)
        connection.fail(raised.value)
    assert peer.code == 1011
    assert connections.metrics.registry.get_sample_value("palique_socket_closes_total", {"code": "1011"}) == 1
    assert [line["error"] for line in lines] == ["ValueError"]
    assert "secret" not in str(lines)
