"""The gateway's settings that must fit one another."""

import pytest

from kit.config.loader import BadSetting, load
from services.gateway.accounts.passwords import MEMORY_KIB
from services.gateway.settings import Settings

GOOD = {
    "PALIQUE_MONGODB_URL": "mongodb://gateway:mWc7Qk2vbnE@a,b,c/?replicaSet=rs0&tls=true",
    "PALIQUE_AMQP_URL": "amqps://gateway:0rRkPq8sZw@broker/palique",
    "PALIQUE_RPC_TOKEN": "t" * 40,
    "PALIQUE_CHAT_ADDRESSES": "chat:50051",
    "PALIQUE_PRESENCE_ADDRESSES": "presence:50051",
    "PALIQUE_TICKETS_ADDRESSES": "tickets:50051",
    "PALIQUE_PUBLIC_ORIGINS": "https://chat.example.com",
    "PALIQUE_TRUSTED_PROXIES": "10.42.0.0/16,fd00:1::/48,192.0.2.1",
}


def test_good_settings_start_in_production_with_secure_cookies() -> None:
    settings = load(Settings, GOOD)
    assert settings.secure_cookies
    assert settings.public_origins == ("https://chat.example.com",)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("PALIQUE_PUBLIC_ORIGINS", ""),
        ("PALIQUE_PUBLIC_ORIGINS", "chat.example.com"),
        ("PALIQUE_PUBLIC_ORIGINS", "https://chat.example.com/dashboard"),
        ("PALIQUE_PUBLIC_ORIGINS", "https://chat.example.com,http://chat.example.com"),
        ("PALIQUE_TRUSTED_PROXIES", ""),
        ("PALIQUE_TRUSTED_PROXIES", "10.0.0.0/8"),
        ("PALIQUE_TRUSTED_PROXIES", "0.0.0.0/0"),
        ("PALIQUE_TRUSTED_PROXIES", "192.0.2.1,fd00::/8"),
        ("PALIQUE_TRUSTED_PROXIES", "the proxy"),
        ("PALIQUE_PASSWORD_MEMORY_KIB", "19455"),
    ],
)
def test_a_start_in_production_fails_with_the_name_of_the_setting(name: str, wrong: str) -> None:
    with pytest.raises(BadSetting, match=name):
        load(Settings, GOOD | {name: wrong})


def test_http_is_accepted_in_development_and_where_cookies_need_no_https() -> None:
    http = GOOD | {"PALIQUE_PUBLIC_ORIGINS": "http://chat.example.com"}
    load(Settings, http | {"PALIQUE_MODE": "development"})
    load(Settings, http | {"PALIQUE_COOKIE_SECURE": "false"})


def test_commands_hash_as_the_gateway_does() -> None:
    assert load(Settings, GOOD).password_memory_kib == MEMORY_KIB


def test_development_needs_neither() -> None:
    load(Settings, GOOD | {"PALIQUE_MODE": "development", "PALIQUE_PUBLIC_ORIGINS": "", "PALIQUE_TRUSTED_PROXIES": ""})
