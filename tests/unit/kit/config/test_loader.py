from pathlib import Path

import msgspec
import pytest

from kit.config.loader import BadSetting, load
from services.chat.settings import Settings as ChatSettings


class Settings(msgspec.Struct):
    mongodb_url: str
    port: int = 8080
    secure: bool = True
    addresses: tuple[str, ...] = ()
    mode: str = "development"


def test_every_field_comes_from_its_own_variable() -> None:
    environ = {
        "PALIQUE_MONGODB_URL": "mongodb://x",
        "PALIQUE_PORT": "1234",
        "PALIQUE_SECURE": "false",
        "PALIQUE_ADDRESSES": "a:1, b:2,",
        "MODE": "production",
    }
    assert load(Settings, environ) == Settings("mongodb://x", 1234, False, ("a:1", "b:2"), "development")


def test_a_secret_comes_from_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "url"
    secret.write_text("mongodb://user:word@x\n")
    environ = {"PALIQUE_MONGODB_URL_FILE": str(secret), "PALIQUE_MONGODB_URL": "other"}
    assert load(Settings, environ).mongodb_url == "mongodb://user:word@x"


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({}, "PALIQUE_MONGODB_URL"),
        ({"PALIQUE_MONGODB_URL": ""}, "PALIQUE_MONGODB_URL"),
        ({"PALIQUE_MONGODB_URL": "x", "PALIQUE_PORT": "many"}, "PALIQUE_PORT does not fit"),
        ({"PALIQUE_MONGODB_URL": "x", "PALIQUE_SECURE": "perhaps"}, "PALIQUE_SECURE does not fit"),
        ({"PALIQUE_MONGODB_URL_FILE": "/nowhere"}, "PALIQUE_MONGODB_URL_FILE"),
        ({"PALIQUE_MONGODB_URL": "x", "PALIQUE_SECURR": "true"}, "PALIQUE_SECURR is no setting .* PALIQUE_SECURE"),
        ({"PALIQUE_MONGODB_URL": "x", "PALIQUE_QQQ_FILE": "/nowhere"}, "PALIQUE_QQQ_FILE is no setting"),
    ],
)
def test_a_bad_setting_is_named(environ: dict[str, str], named: str) -> None:
    with pytest.raises(BadSetting, match=named):
        load(Settings, environ)


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    secret = tmp_path / "url"
    secret.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadSetting, match="PALIQUE_MONGODB_URL_FILE"):
        load(Settings, {"PALIQUE_MONGODB_URL_FILE": str(secret)})


def test_the_value_of_a_bad_setting_is_not_printed() -> None:
    """I-19: it may be a secret in the wrong place."""
    with pytest.raises(BadSetting) as bad:
        load(Settings, {"PALIQUE_MONGODB_URL": "x", "PALIQUE_PORT": "hunter2"})
    assert "hunter2" not in str(bad.value)


def test_what_another_service_or_the_development_stack_knows_is_no_slip_of_the_pen() -> None:
    """One set of variables may serve all processes."""
    others = {
        "PALIQUE_DRAIN_MS": "1",
        "PALIQUE_HOME": "/x",
        "PALIQUE_STACK_HOME": "/x",
        "PALIQUE_STACK_ENV_CHAT_1_X": "y",
    }
    assert load(Settings, {"PALIQUE_MONGODB_URL": "x", **others}).mongodb_url == "x"


GOOD = {
    "PALIQUE_MONGODB_URL": "mongodb://chat:mWc7Qk2vbnE@a,b,c/?replicaSet=rs0&tls=true",
    "PALIQUE_AMQP_URL": "amqps://chat:0rRkPq8sZw@broker/palique",
    "PALIQUE_RPC_TOKENS": f"gateway:*:{'t' * 32},shop:demo:{'u' * 43}",
}


def test_good_secrets_start_in_production() -> None:
    assert load(ChatSettings, GOOD).mode == "production"
    by_certificate = "mongodb://a,b/?authMechanism=MONGODB-X509&tls=true"
    assert load(ChatSettings, {**GOOD, "PALIQUE_MONGODB_URL": by_certificate}).mongodb_url == by_certificate


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PALIQUE_MONGODB_URL", "mongodb://a,b,c/?replicaSet=rs0"),
        ("PALIQUE_MONGODB_URL", "mongodb://chat:Changeme@a"),
        ("PALIQUE_AMQP_URL", "amqp://broker/"),
        ("PALIQUE_AMQP_URL", "amqp://guest:guest@broker/"),
        ("PALIQUE_RPC_TOKENS", f"gateway:*:{'t' * 31}"),
        ("PALIQUE_RPC_TOKENS", f"gateway:*:{'t' * 32},shop:demo:short"),
        ("PALIQUE_RPC_TOKENS", "x" * 40 + "::"),
    ],
)
def test_default_and_short_secrets_are_named_and_refused_in_production_only(name: str, value: str) -> None:
    """Issue 6: production refuses secrets that the documentation prints."""
    with pytest.raises(BadSetting, match=f"^{name} will not do") as bad:
        load(ChatSettings, {**GOOD, name: value})
    assert value not in str(bad.value)
    assert load(ChatSettings, {**GOOD, name: value, "PALIQUE_MODE": "development"}).mode == "development"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PALIQUE_MONGODB_URL", "mongodb://chat:mWc7Qk2vbnE@a,b,c/?replicaSet=rs0"),
        ("PALIQUE_MONGODB_URL", "mongodb://chat:mWc7Qk2vbnE@a/?tls=false"),
        ("PALIQUE_MONGODB_URL", "mongodb+srv://chat:mWc7Qk2vbnE@a/?ssl=false"),
        ("PALIQUE_MONGODB_URL", "mongodb://chat:mWc7Qk2vbnE@a/?tls=true&tlsAllowInvalidCertificates=true"),
        ("PALIQUE_MONGODB_URL", "mongodb://chat:mWc7Qk2vbnE@a/?tls=true&tlsinsecure=true"),
        ("PALIQUE_AMQP_URL", "amqp://chat:0rRkPq8sZw@broker/palique"),
        ("PALIQUE_AMQP_URL", "amqps://chat:0rRkPq8sZw@broker/palique?no_verify_ssl=1"),
    ],
)
def test_a_backend_that_others_can_read_is_refused_in_production_unless_the_network_is_private(
    name: str, value: str
) -> None:
    with pytest.raises(BadSetting, match=f"^{name} will not do.*PALIQUE_PRIVATE_NETWORK") as bad:
        load(ChatSettings, {**GOOD, name: value})
    assert value not in str(bad.value)
    for more in ({"PALIQUE_PRIVATE_NETWORK": "true"}, {"PALIQUE_MODE": "development"}):
        accepted = load(ChatSettings, {**GOOD, name: value, **more})
        assert value in (accepted.mongodb_url, accepted.amqp_url)


@pytest.mark.parametrize(
    "url",
    [
        "mongodb+srv://chat:mWc7Qk2vbnE@cluster.example/",
        "mongodb://chat:mWc7Qk2vbnE@a/?ssl=true",
        "mongodb://chat:mWc7Qk2vbnE@a/?tls=TRUE&tlsInsecure=false",
    ],
)
def test_every_spelling_of_a_database_with_tls_starts_in_production(url: str) -> None:
    assert load(ChatSettings, {**GOOD, "PALIQUE_MONGODB_URL": url}).mongodb_url == url
