from pathlib import Path

import msgspec
import pytest

from kit.settings import BadSetting, load


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
        ({"PALIQUE_MONGODB_URL": "x", "PALIQUE_PORT": "many"}, "port"),
        ({"PALIQUE_MONGODB_URL": "x", "PALIQUE_SECURE": "perhaps"}, "secure"),
        ({"PALIQUE_MONGODB_URL_FILE": "/nowhere"}, "PALIQUE_MONGODB_URL_FILE"),
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


def test_the_value_of_a_bad_setting_is_not_told() -> None:
    """I-19: it may be a secret in the wrong place."""
    with pytest.raises(BadSetting) as bad:
        load(Settings, {"PALIQUE_MONGODB_URL": "x", "PALIQUE_PORT": "hunter2"})
    assert "hunter2" not in str(bad.value)
