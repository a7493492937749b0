"""Refused frames are counted by their code: bad input and floods are visible to an operator."""

from services.gateway.connection.peer import PeerIdentity
from tests.unit.gateway.fanout.live_connections import SITE, Connections


def test_each_refused_frame_is_counted_by_its_code() -> None:
    connections = Connections()
    connection, peer = connections.add(PeerIdentity("visitor", SITE, "v", "V"))
    for frame in (b'{"type":"nope"}', b'{"type":"fetch"}', b'{"type":"send","client_id":"c","text":" "}'):
        connection.receive(frame)
    assert peer.types() == ["error", "error", "nack"]
    value = connections.metrics.registry.get_sample_value
    assert value("palique_frames_refused_total", {"code": "unknown_type"}) == 1
    assert value("palique_frames_refused_total", {"code": "invalid"}) == 2
